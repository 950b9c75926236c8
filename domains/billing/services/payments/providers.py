"""Which payment provider is asked."""

from __future__ import annotations

from django.conf import settings

from domains.billing.contract import PaymentsNotConfigured
from domains.billing.services.payments.offline import OfflineProvider
from domains.billing.services.payments.port import PaymentProvider

_PROVIDERS: dict[str, PaymentProvider] = {"test": OfflineProvider()}


def current() -> PaymentProvider:
    """Return the provider that moves the money; raise `PaymentsNotConfigured` if none does."""
    try:
        return _PROVIDERS[settings.PAYMENT_PROVIDER]
    except KeyError:
        raise PaymentsNotConfigured from None
