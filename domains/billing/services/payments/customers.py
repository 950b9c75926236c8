"""As whom the payment provider knows an organization."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.models import Customer, ProviderCustomer
from domains.billing.services.payments import providers
from domains.billing.services.payments.port import CustomerRequest
from kernel.db import transaction


def find(*, organization_id: UUID, provider: str) -> str:
    """Return the organization's reference at the provider; "" if it has none."""
    mine = ProviderCustomer.objects.within(organization_id).filter(provider=provider)
    return mine.values_list("reference", flat=True).first() or ""


def ensure(*, organization_id: UUID, now: datetime) -> str:
    """Return the organization's reference at the present provider, which hears of it if it must.

    Raises `PaymentsNotConfigured` and `PaymentProviderUnavailable`.
    """
    provider = providers.current()
    known = find(organization_id=organization_id, provider=provider.name)
    if known:
        return known
    new = ProviderCustomer(
        organization_id=organization_id,
        provider=provider.name,
        reference=provider.create_customer(_request(organization_id)),
        created_at=now,
    )
    with transaction("billing", final=False):
        ProviderCustomer.objects.bulk_create([new], ignore_conflicts=True)
    return find(organization_id=organization_id, provider=provider.name)


def _request(organization_id: UUID) -> CustomerRequest:
    profile = Customer.objects.within(organization_id).first()
    return CustomerRequest(
        idempotency_key=f"customer-{organization_id}",
        organization_id=organization_id,
        name=profile.name if profile else "",
        email=profile.email if profile else "",
    )
