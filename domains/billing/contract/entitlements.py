"""What billing says of the features that organizations may use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kernel.errors import Conflict, Invalid, NotFound
from kernel.events import event


class FeatureKind(StrEnum):
    """Whether a feature is had or not, is held in a number, or is used up in a period."""

    BOOLEAN = "boolean"
    STATIC = "static"
    METERED = "metered"


@dataclass(frozen=True, kw_only=True)
class Entitlement:
    """How an organization stands with a feature: what it may use of it, and what it has used.

    `limit` and `remaining` are None where there is none. `used` and `reserved` are those of the
    period that ends at `resets_at`, if the feature is metered; `granted` is what is left of grants
    on top of the limit. Past a soft limit more is `allowed`, and told of.
    """

    organization_id: UUID
    feature: str
    kind: FeatureKind
    allowed: bool
    limit: int | None
    soft: bool
    used: int
    reserved: int
    granted: int
    remaining: int | None
    resets_at: datetime | None


class EntitlementExceeded(Conflict):
    """The members say of which feature, and how much of it is left until when."""

    code = "billing.entitlement_exceeded"
    title = "The plan doesn't allow so much of this"


class EntitlementKeyReused(Conflict):
    """The key stands for another amount already, or for a reservation."""

    code = "billing.entitlement_key_reused"
    title = "This key was used for something else"


class FeatureNotCounted(Invalid):
    code = "billing.feature_not_counted"
    title = "This feature isn't used up"


class ReservationNotFound(NotFound):
    code = "billing.reservation_not_found"
    title = "Nothing was reserved under this key"


class ReservationLapsed(Conflict):
    code = "billing.reservation_lapsed"
    title = "The reservation has lapsed or was released"


class ReservationSettled(Conflict):
    code = "billing.reservation_settled"
    title = "What was used is not given back"


class GrantInvalid(Invalid):
    code = "billing.grant_invalid"
    title = "This can't be granted"


class GrantNotFound(NotFound):
    code = "billing.grant_not_found"
    title = "No such grant"


@event("billing.usage_threshold_reached.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class UsageThresholdReached:
    """So many percent of what may be used of a feature in a period are used: 80 or 100.

    Told once for each threshold, period and feature, and once more if more is allowed meanwhile.
    """

    organization_id: UUID
    feature: str
    percent: int
    used: int
    limit: int
    period_end: datetime
