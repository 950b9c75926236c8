"""What billing needs of a payment provider, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from domains.billing.models import ChargeStatus, Dispute, RefundState

UNKNOWN_METHOD = "payment_method_unknown"


@dataclass(frozen=True, kw_only=True)
class CustomerRequest:
    """Whom the provider is to know: asked again with the same key it is the same customer."""

    idempotency_key: str
    organization_id: UUID
    name: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class MethodSetup:
    """What a client needs to enter a card at the provider, which never passes through here."""

    provider: str
    reference: str
    client_secret: str


@dataclass(frozen=True, kw_only=True)
class Method:
    """A card or an account as the provider describes it; `expires_on` is its last good day."""

    reference: str
    kind: str = "card"
    brand: str = ""
    last4: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ChargeRequest:
    """Money to be taken: repeated with the same key it is the same charge.

    `off_session`: nobody is there to confirm it. `is_old`: it was first asked so long ago that the
    provider may have forgotten the key, so the adapter looks for the charge before it makes one.
    """

    idempotency_key: str
    amount: int
    currency: str
    payment_method: str
    customer: str = ""
    off_session: bool = False
    asked_at: datetime | None = None
    is_old: bool = False


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What the provider says of a charge. `reason` is why not, in the provider's words.

    `idempotency_key` is that of the request, or "" if the charge was made elsewhere;
    `client_secret` lets the customer confirm it.
    """

    reference: str
    status: ChargeStatus
    reason: str = ""
    idempotency_key: str = ""
    amount: int = 0
    currency: str = ""
    refunded: int = 0
    client_secret: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """Money to be sent back of a charge: repeated with the same key it is the same refund."""

    idempotency_key: str
    charge: str
    amount: int
    currency: str
    asked_at: datetime | None = None
    is_old: bool = False


@dataclass(frozen=True, kw_only=True)
class ProviderRefund:
    """What the provider says of a refund of the charge `charge`."""

    reference: str
    charge: str
    state: RefundState
    amount: int
    reason: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True, kw_only=True)
class ProviderDispute:
    """What the provider says of a dispute about the charge `charge`."""

    reference: str
    charge: str
    state: Dispute.State
    amount: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """An event that a provider told by a webhook: of what kind, and about which object."""

    event_id: str
    kind: str
    reference: str


class ChargeUnknown(Exception):
    """The provider has no such charge."""


class Topic(Enum):
    """What an event is about, and so what has to be fetched."""

    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    METHOD = "method"
    NONE = "none"


class WebhookForged(Exception):
    """The body is not signed by the provider, or too long ago."""


class PaymentProvider(Protocol):
    """Moves money.

    Every method may raise `PaymentProviderUnavailable`, and then nobody knows whether it was
    done; asking again finds out and does nothing twice. An adapter whose provider forgets
    idempotency keys (Stripe's may be gone after a day) has to look for the charge itself.
    """

    name: str

    def create_customer(self, request: CustomerRequest) -> str:
        """Make the organization known to the provider; return its reference there."""

    def set_up_method(self, *, customer: str) -> MethodSetup:
        """Let a client enter a payment method for the customer."""

    def attach(self, *, customer: str, reference: str) -> Method:
        """Keep the method for the customer.

        Raises `PaymentMethodUnknown` and `PaymentDeclined`.
        """

    def detach(self, *, reference: str, customer: str) -> None:
        """Forget the method; nothing if it is gone already."""

    def find_method(self, *, reference: str) -> Method | None:
        """Return the method as it is now; None if no customer has it any more."""

    def list_methods(self, *, customer: str) -> list[Method]:
        """Return the methods kept for the customer."""

    def charge(self, request: ChargeRequest) -> Charge:
        """Take the money, or say why not, or that the customer has to confirm it first."""

    def fetch(self, *, reference: str) -> Charge:
        """Return what has become of the charge; raise `ChargeUnknown` if there is none."""

    def cancel(self, *, reference: str) -> Charge:
        """Give up an unconfirmed charge; return it as it stands, confirmed if that was faster."""

    def refund(self, request: RefundRequest) -> ProviderRefund:
        """Send money of a charge back, or say why not."""

    def fetch_refund(self, *, reference: str) -> ProviderRefund:
        """Return what has become of the refund."""

    def fetch_dispute(self, *, reference: str) -> ProviderDispute | None:
        """Return what has become of the dispute; None if it holds no money back."""

    def charges_since(self, *, since: datetime, until: datetime) -> Iterator[Charge]:
        """Yield every charge made in [since, until), with what was sent back of it."""

    def parse_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Told:
        """Return what the body tells; raise `WebhookForged` if the provider didn't sign it."""

    def topic_of(self, kind: str) -> Topic:
        """Return what events of this kind are about."""
