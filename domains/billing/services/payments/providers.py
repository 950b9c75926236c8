"""Which payment provider is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from django.conf import settings

from domains.billing.contract.errors import PaymentsNotConfigured
from domains.billing.services.payments.manual import ManualProvider
from domains.billing.services.payments.offline import OfflineProvider
from domains.billing.services.payments.port import PaymentProvider

# Those that need no settings.
PROVIDERS: dict[str, PaymentProvider] = {
    "test": OfflineProvider(),
    "manual": ManualProvider(),
}
_stand_in: ContextVar[PaymentProvider | None] = ContextVar("stand_in", default=None)


@contextmanager
def replaced_by(provider: PaymentProvider) -> Iterator[None]:
    """Have this one move the money of the block instead of any other."""
    token = _stand_in.set(provider)
    try:
        yield
    finally:
        _stand_in.reset(token)


def current() -> PaymentProvider:
    """Return the provider that moves the money; raise `PaymentsNotConfigured` if none does."""
    if not takes_money():
        raise PaymentsNotConfigured
    return named(settings.PAYMENT_PROVIDER)


def takes_money() -> bool:
    """Return whether there is a provider that takes money by itself, without a bank transfer."""
    return _stand_in.get() is not None or settings.PAYMENT_PROVIDER in ("test", "stripe")


def named(name: str) -> PaymentProvider:
    """Return the provider of that name: rows say by whom they are carried out.

    Raises `PaymentsNotConfigured`.
    """
    found = _stand_in.get() or find(name)
    if found is None:
        raise PaymentsNotConfigured
    return found


def find(name: str) -> PaymentProvider | None:
    """Return the provider of that name, if it is set up here."""
    if name == "stripe":
        return _stripe() if settings.STRIPE_SECRET_KEY else None
    return PROVIDERS.get(name)


def with_books() -> dict[str, PaymentProvider]:
    """Return by name those set up here that keep a book of their own; bank transfers have none."""
    return {name: provider for name in ("test", "stripe") if (provider := find(name))}


@cache
def _stripe() -> PaymentProvider:
    # 10 MB of memory, for installations that never ask it.
    from domains.billing.services.payments.stripe import StripeProvider

    return StripeProvider()
