"""Letting go of what erased organizations paid with: at the provider, and then here."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef

from domains.billing.models import Customer, Dunning, PaymentMethod
from domains.billing.services.payments import customers, providers
from kernel.db import transaction

ORGANIZATIONS_AT_ONCE = 100


def forget_methods(*, organization_id: UUID) -> None:
    """Detach an erased organization's methods where they are kept, and delete their rows.

    Repeatable. May raise `PaymentProviderUnavailable`: the daily sweep tries again.
    """
    mine = PaymentMethod.objects.within(organization_id)
    for method in mine.filter(detached_at=None):
        _detach(method)
    with transaction("billing"):
        Dunning.objects.within(organization_id).update(method=None)
        mine.delete()


def find_erased() -> list[UUID]:
    """Return erased organizations that still have methods, some of them."""
    methods = PaymentMethod.objects.everywhere().filter(organization_id=OuterRef("organization_id"))
    erased = Customer.objects.everywhere().exclude(ended_at=None).filter(Exists(methods))
    return list(erased.values_list("organization_id", flat=True)[:ORGANIZATIONS_AT_ONCE])


def _detach(method: PaymentMethod) -> None:
    provider = providers.find(method.provider)
    customer = customers.find(organization_id=method.organization_id, provider=method.provider)
    if provider is not None and customer:
        provider.detach(reference=method.reference, customer=customer)
