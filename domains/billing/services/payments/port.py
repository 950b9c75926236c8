"""What billing needs of a payment provider, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domains.billing.models import ChargeStatus

UNKNOWN_METHOD = "payment_method_unknown"


@dataclass(frozen=True, kw_only=True)
class ChargeRequest:
    """Money to be taken: repeated with the same key it is the same charge."""

    idempotency_key: str
    amount: int
    currency: str
    payment_method: str


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What the provider says of a charge. `reason` is why not, in the provider's words."""

    reference: str
    status: ChargeStatus
    reason: str = ""


class PaymentProvider(Protocol):
    """Moves money.

    Every method may raise `PaymentProviderUnavailable`, and then nobody knows whether it was
    done; asking again finds out and does nothing twice. An adapter whose provider forgets
    idempotency keys (Stripe's may be gone after a day) has to look for the charge itself.
    """

    name: str

    def charge(self, request: ChargeRequest) -> Charge:
        """Take the money, or say why not, or that the customer has to confirm it first."""

    def fetch(self, *, reference: str) -> Charge:
        """Return what has become of the charge."""

    def cancel(self, *, reference: str) -> Charge:
        """Give up an unconfirmed charge; return it as it stands, confirmed if that was faster."""
