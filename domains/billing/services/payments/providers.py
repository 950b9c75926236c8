"""Which payment provider is asked."""

from __future__ import annotations

from django.conf import settings

from domains.billing.contract.errors import PaymentsNotConfigured
from domains.billing.services.payments.offline import OfflineProvider
from domains.billing.services.payments.port import PaymentProvider

PROVIDERS: dict[str, PaymentProvider] = {"test": OfflineProvider()}


def current() -> PaymentProvider:
    """Return the provider that moves the money; raise `PaymentsNotConfigured` if none does."""
    return named(settings.PAYMENT_PROVIDER)


def takes_money() -> bool:
    """Return whether there is a provider that takes money by itself, without a bank transfer."""
    return settings.PAYMENT_PROVIDER in PROVIDERS


def named(name: str) -> PaymentProvider:
    """Return the provider of that name: rows say by whom they are carried out.

    Raises `PaymentsNotConfigured`.
    """
    try:
        return PROVIDERS[name]
    except KeyError:
        raise PaymentsNotConfigured from None
