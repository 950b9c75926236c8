"""What an organization's plan allows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import JSONField, UUIDField, Value

from domains.billing.contract.data import Entitlements
from domains.billing.contract.permissions import SUBSCRIPTION_READ
from domains.billing.models import Customer, Product
from domains.billing.services import catalogue
from kernel.principal import Principal

_ASKED_FOR = ("seats", "storage_bytes", "requests_per_minute", "audit_retention_days")


def get_entitlements(*, organization_ids: list[UUID]) -> list[Entitlements]:
    """Return what each organization's plan allows, in the order asked, by one query."""
    plans, allowed = _read(organization_ids)
    if catalogue.FREE not in allowed:
        catalogue.ensure_published()
        plans, allowed = _read(organization_ids)
    asked = [(id_, plans.get(id_, catalogue.FREE)) for id_ in organization_ids]
    return [_to_entitlements(id_, plan, allowed[plan]) for id_, plan in asked]


def get_own_entitlements(*, principal: Principal) -> Entitlements:
    """Return what the current organization is allowed; raise `Forbidden` to who may not see it."""
    principal.require(SUBSCRIPTION_READ)
    return get_entitlements(organization_ids=[principal.organization_id])[0]


def entitlements_of(organization_id: UUID, *, plan: str) -> Entitlements:
    """Return what the plan allows, said of the organization."""
    return _to_entitlements(organization_id, plan, catalogue.get_product(plan).entitlements)


def _read(organization_ids: list[UUID]) -> tuple[dict[UUID, str], dict[str, Any]]:
    """Return the plans of the organizations, and what every plan allows."""
    allows_nothing, of_nobody = Value(None, JSONField()), Value(None, UUIDField())
    customers = Customer.objects.within(*organization_ids)
    theirs = customers.values_list("organization_id", "plan", allows_nothing)
    products = Product.objects.filter(kind=Product.Kind.PLAN)
    rows = theirs.union(products.values_list(of_nobody, "name", "entitlements"), all=True)
    plans, allowed = {}, {}
    for organization_id, plan, entitlements in rows:
        if organization_id is None:
            allowed[plan] = entitlements
        else:
            plans[organization_id] = plan
    return plans, allowed


def _to_entitlements(
    organization_id: UUID, plan: str, allowance: Mapping[str, Any]
) -> Entitlements:
    asked_for = {name: allowance[name] for name in _ASKED_FOR}
    return Entitlements(organization_id=organization_id, plan=plan, **asked_for)
