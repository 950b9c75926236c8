"""What an organization sees of its entitlements, and uses up by itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from domains.billing.contract.data import Entitlements
from domains.billing.contract.entitlements import Entitlement
from domains.billing.contract.permissions import SUBSCRIPTION_READ, USAGE_WRITE
from domains.billing.services.entitlements import checking, consuming
from domains.billing.services.entitlements.plans import get_entitlements
from kernel.principal import Principal


@dataclass(frozen=True, kw_only=True)
class OwnEntitlements(Entitlements):
    """What the organization is allowed, and how it stands with each feature, by name."""

    features: list[Entitlement]


def get_own_entitlements(*, principal: Principal, now: datetime) -> OwnEntitlements:
    """Return what the current organization is allowed; raise `Forbidden` to who may not see it."""
    principal.require(SUBSCRIPTION_READ)
    [allowed] = get_entitlements(organization_ids=[principal.organization_id])
    features = checking.list_features(organization_id=principal.organization_id, now=now)
    return OwnEntitlements(**asdict(allowed), features=features)


def check_own(*, principal: Principal, feature: str, amount: int, now: datetime) -> Entitlement:
    """Return whether the current organization may use so much more; raise `Forbidden`."""
    principal.require(SUBSCRIPTION_READ)
    return checking.check(
        organization_id=principal.organization_id, feature=feature, amount=amount, now=now
    )


def consume_own(
    *, principal: Principal, feature: str, amount: int, key: str, now: datetime
) -> Entitlement:
    """Use the amount of the current organization's feature up, once for each key.

    Raise `Forbidden`, or what `consuming.consume` raises.
    """
    principal.require(USAGE_WRITE)
    use = consuming.Use(organization_id=principal.organization_id, feature=feature, key=key)
    return consuming.consume(use=use, amount=amount, now=now)
