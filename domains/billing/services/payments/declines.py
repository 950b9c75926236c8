"""Which declines trying the same method again can't mend.

The codes are Stripe's (docs.stripe.com/declines/codes); the hard ones are those for which it asks
for another method, as the card schemes' rules on reattempts want it (Visa's category 1,
Mastercard's advice 03 and 21).
"""

from __future__ import annotations

AUTHENTICATION_REQUIRED = "authentication_required"
METHOD_MISSING = "payment_method_missing"
OVERDUE = "overdue"

HARD = frozenset(
    {
        METHOD_MISSING,
        "payment_method_unknown",
        "expired_card",
        "fraudulent",
        "highest_risk_level",
        "incorrect_number",
        "invalid_account",
        "invalid_number",
        "lost_card",
        "merchant_blacklist",
        "new_account_information_available",
        "no_action_taken",
        "pickup_card",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "security_violation",
        "stolen_card",
        "stop_payment_order",
        "transaction_not_allowed",
    }
)


def is_hard(reason: str) -> bool:
    """Return whether the method has to be replaced before another attempt makes sense."""
    return reason in HARD
