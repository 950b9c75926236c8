"""What an organization's plan allows it."""

from __future__ import annotations

from uuid import UUID

from domains.billing.contract import SUBSCRIPTION_READ, Entitlements
from domains.billing.models import Subscription
from domains.billing.services import catalogue
from kernel.principal import Principal


def get_entitlements(*, organization_ids: list[UUID]) -> list[Entitlements]:
    """Return what each organization's plan allows, in the order asked, by one query."""
    rows = Subscription.objects.within(*organization_ids)
    plans = dict(rows.values_list("organization_id", "plan"))
    return [entitlements_of(id_, plan=plans.get(id_, catalogue.FREE)) for id_ in organization_ids]


def get_own_entitlements(*, principal: Principal) -> Entitlements:
    """Return what the current organization is allowed; raise `Forbidden` to who may not see it."""
    principal.require(SUBSCRIPTION_READ)
    return get_entitlements(organization_ids=[principal.organization_id])[0]


def entitlements_of(organization_id: UUID, *, plan: str) -> Entitlements:
    """Return what the plan allows, said of the organization."""
    allowance = catalogue.get_plan(plan).entitlements
    return Entitlements(organization_id=organization_id, plan=plan, **allowance.model_dump())
