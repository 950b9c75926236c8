"""The cards and accounts that an organization pays with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from domains.billing.models import PaymentMethod
from domains.billing.services.customers import lock_customer
from domains.billing.services.payments import customers, dunning, providers
from domains.billing.services.payments.port import Method
from kernel.db import transaction


def attach(
    *, organization_id: UUID, account_id: UUID | None, reference: str, now: datetime
) -> PaymentMethod:
    """Keep the provider's method for the organization; its first one becomes the default.

    Repeatable. Raises `PaymentMethodUnknown`, `PaymentDeclined`, `PaymentsNotConfigured` and
    `PaymentProviderUnavailable`.
    """
    customer = customers.ensure(organization_id=organization_id, now=now)
    provider = providers.current()
    found = provider.attach(customer=customer, reference=reference)
    with transaction("billing", final=False):
        lock_customer(organization_id=organization_id, now=now)
        method = _keep(organization_id, account_id, provider.name, found, now)
        if method.is_default:
            dunning.hurry(organization_id=organization_id, now=now)
    return method


def find(*, organization_id: UUID, reference: str) -> PaymentMethod | None:
    """Return the organization's attached method of that reference at the present provider."""
    return _attached(organization_id).filter(reference=reference).first()


def make_default(method: PaymentMethod) -> None:
    """Pay with the attached method from now on; under the customer's lock."""
    others = _attached(method.organization_id).exclude(id=method.id)
    others.filter(is_default=True).update(is_default=False)
    method.is_default = True
    method.save(update_fields=["is_default"])


def list_attached(*, organization_id: UUID) -> QuerySet[PaymentMethod]:
    """Return the organization's methods at the present provider, the default first."""
    return _attached(organization_id).order_by("-is_default", "-id")


def refresh(method: PaymentMethod, found: Method | None, *, now: datetime) -> None:
    """Have the method be as the provider has it: a card may be renewed, or gone."""
    with transaction("billing"):
        lock_customer(organization_id=method.organization_id, now=now)
        if found is None:
            forget(method, now=now)
            return
        method.brand, method.last4 = found.brand, found.last4
        if found.expires_on != method.expires_on:
            method.expires_on, method.expiry_told_at = found.expires_on, None
        method.save(update_fields=["brand", "last4", "expires_on", "expiry_told_at"])


def forget(method: PaymentMethod, *, now: datetime) -> None:
    """Detach the method; the newest other one is the default then. Under the customer's lock."""
    was_default = method.is_default
    method.detached_at, method.is_default = now, False
    method.save(update_fields=["detached_at", "is_default"])
    other = _attached(method.organization_id).order_by("-id").first()
    if was_default and other is not None:
        make_default(other)


def defaults_of(*, organization_ids: Iterable[UUID]) -> dict[UUID, PaymentMethod]:
    """Return with what each organization pays, of those that pay with something; in one query."""
    rows = PaymentMethod.objects.within(*organization_ids).filter(
        provider=settings.PAYMENT_PROVIDER, is_default=True, detached_at=None
    )
    return {row.organization_id: row for row in rows}


def _attached(organization_id: UUID) -> QuerySet[PaymentMethod]:
    return PaymentMethod.objects.within(organization_id).filter(
        provider=settings.PAYMENT_PROVIDER, detached_at=None
    )


def _keep(
    organization_id: UUID, account_id: UUID | None, provider: str, found: Method, now: datetime
) -> PaymentMethod:
    attached = _attached(organization_id)
    known = attached.filter(reference=found.reference).first()
    if known is not None:
        return known
    return PaymentMethod.objects.create(
        organization_id=organization_id,
        account_id=account_id,
        provider=provider,
        reference=found.reference,
        kind=found.kind,
        brand=found.brand,
        last4=found.last4,
        expires_on=found.expires_on,
        is_default=not attached.filter(is_default=True).exists(),
        created_at=now,
    )
