"""What billing says of what was used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from kernel.errors import Malformed, TooLarge


class UsageVerdict(StrEnum):
    """What became of something that was told to have been used."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    TOO_LATE = "too_late"
    IN_THE_FUTURE = "in_the_future"
    METER_UNKNOWN = "meter_unknown"
    VALUE_INVALID = "value_invalid"
    PROPERTY_MISSING = "property_missing"


@dataclass(frozen=True, kw_only=True)
class UsageReport:
    """Something that was used, told once for each `event_id` of the organization.

    `value` is what a meter adds up or compares, `property` what one of different values counts.
    """

    organization_id: UUID
    event_id: str
    meter: str
    occurred_at: datetime
    value: Decimal = Decimal(1)
    property: str = ""


class UsageBatchTooLarge(TooLarge):
    code = "billing.usage_batch_too_large"
    title = "More was told at once than is taken"


class UsagePeriodInvalid(Malformed):
    code = "billing.usage_period_invalid"
    title = "A period begins before it ends, within 400 days"
