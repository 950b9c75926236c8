"""The cards of the offline provider, and what each does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domains.billing.models import ChargeStatus
from domains.billing.services.payments.declines import AUTHENTICATION_REQUIRED
from domains.billing.services.payments.port import Method

GOOD_UNTIL = date(2040, 12, 31)
SUCCEEDED = (ChargeStatus.SUCCEEDED, "")
Outcome = tuple[ChargeStatus, str]


def _declined(reason: str) -> Outcome:
    return ChargeStatus.DECLINED, reason


@dataclass(frozen=True, kw_only=True)
class Card:
    """What happens with somebody there and without, and what follows."""

    on_session: Outcome = SUCCEEDED
    off_session: Outcome = SUCCEEDED
    brand: str = "visa"
    last4: str = "4242"
    expires_on: date = GOOD_UNTIL
    is_disputed: bool = False
    is_slow: bool = False
    refunds: bool = True

    def outcome(self, *, off_session: bool) -> Outcome:
        """Return the status of a charge, and why it is not a success."""
        return self.off_session if off_session else self.on_session


def _declining(reason: str, last4: str) -> Card:
    return Card(on_session=_declined(reason), off_session=_declined(reason), last4=last4)


CARDS = {
    "pm_card_visa": Card(),
    "pm_card_mastercard": Card(brand="mastercard", last4="4444"),
    "pm_card_declined": _declining("card_declined", "0002"),
    "pm_card_insufficient_funds": _declining("insufficient_funds", "9995"),
    "pm_card_stolen": _declining("stolen_card", "9979"),
    "pm_card_expired": _declining("expired_card", "0069"),
    "pm_card_expires_soon": Card(last4="1126", expires_on=date(2026, 11, 30)),
    "pm_card_requires_confirmation": Card(
        on_session=(ChargeStatus.REQUIRES_ACTION, ""),
        off_session=_declined(AUTHENTICATION_REQUIRED),
        last4="3184",
    ),
    "pm_card_insufficient_funds_later": Card(
        off_session=_declined("insufficient_funds"), last4="0341"
    ),
    "pm_card_stolen_later": Card(off_session=_declined("stolen_card"), last4="0259"),
    "pm_card_timeout_after_charge": Card(is_slow=True, last4="0119"),
    "pm_card_disputed": Card(is_disputed=True, last4="2685"),
    "pm_card_refund_fails": Card(refunds=False, last4="5126"),
}


def describe(token: str) -> Method:
    """Return the card as the provider shows it; raise KeyError if there is no such card."""
    card = CARDS[token]
    return Method(reference=token, brand=card.brand, last4=card.last4, expires_on=card.expires_on)
