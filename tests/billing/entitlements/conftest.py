"""What the tests of entitlements share: plans and customers as they are in the tables."""

from __future__ import annotations

from uuid import UUID

from domains.billing.models import Customer, Grant, Product
from domains.billing.services.entitlements import checking, consuming
from kernel.ids import uuid7
from tests.billing.conftest import NOW

FEATURES = {
    "seats": 3,
    "storage_bytes": 100,
    "requests_per_minute": 1000,
    "audit_retention_days": 30,
    "sso": True,
    "branding": False,
    "projects": 5,
    "tokens": {"limit": 100, "soft": False},
    "emails": {"limit": 100, "soft": True},
    "exports": {"limit": None, "soft": False},
    "calls": {"limit": 10, "soft": False, "period": "day"},
}


def plan(name="tested", **features) -> str:
    Product.objects.update_or_create(
        name=name,
        defaults={"kind": "plan", "title": name, "entitlements": {**FEATURES, **features}},
    )
    return name


def customer(**features) -> UUID:
    """Return an organization on a plan with these features."""
    organization_id = uuid7()
    Customer.objects.create(
        organization_id=organization_id,
        plan=plan(f"plan-{organization_id}", **features),
        created_at=NOW,
    )
    return organization_id


def allow(organization_id: UUID, **features) -> None:
    """Let the plan of the organization allow this from now on."""
    plan(f"plan-{organization_id}", **features)


def grant(organization_id: UUID, feature: str, amount: int, **options) -> Grant:
    values = {"effective_at": NOW, "created_at": NOW, "remaining": amount, **options}
    return Grant.objects.create(
        organization_id=organization_id, feature=feature, amount=amount, **values
    )


def check(organization_id, feature="tokens", amount=1, now=NOW):
    return checking.check(organization_id=organization_id, feature=feature, amount=amount, now=now)


def consume(organization_id, feature="tokens", amount=1, key=None, **options):
    use = _use(organization_id, feature, key or str(uuid7()))
    return consuming.consume(use=use, amount=amount, now=options.get("now", NOW))


def reserve(organization_id, feature="tokens", amount=1, key="key", **options):
    values = {"expires_at": None, "now": NOW, **options}
    return consuming.reserve(use=_use(organization_id, feature, key), amount=amount, **values)


def settle(organization_id, feature="tokens", key="key", now=NOW):
    return consuming.settle(use=_use(organization_id, feature, key), now=now)


def release(organization_id, feature="tokens", key="key", now=NOW):
    return consuming.release(use=_use(organization_id, feature, key), now=now)


def _use(organization_id, feature, key):
    return consuming.Use(organization_id=organization_id, feature=feature, key=key)
