"""Reading what may be used; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domains.billing.contract.entitlements import Entitlement
from domains.billing.services.entitlements import standings


def check(*, organization_id: UUID, feature: str, amount: int, now: datetime) -> Entitlement:
    """Return whether the organization may use so much more of the feature, and how it stands.

    What its plan doesn't name isn't allowed.
    """
    [found] = check_all(organization_ids=[organization_id], feature=feature, amount=amount, now=now)
    return found


def check_all(
    *, organization_ids: Sequence[UUID], feature: str, amount: int, now: datetime
) -> list[Entitlement]:
    """Return the same of each organization, in the order asked, by one query."""
    found = standings.read(organization_ids=organization_ids, features=[feature], at=now)
    known = {each.organization_id: each for each in found}
    asked = [known.get(id_) or standings.nothing(id_, feature) for id_ in organization_ids]
    return [each.entitlement(amount=amount) for each in asked]


def list_features(*, organization_id: UUID, now: datetime) -> list[Entitlement]:
    """Return how the organization stands with every feature that is its own, by name."""
    known = standings.read(organization_ids=[organization_id], features=None, at=now)
    return [each.entitlement() for each in sorted(known, key=lambda each: each.feature)]
