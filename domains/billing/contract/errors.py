"""What billing refuses, and why."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, Unavailable


class PlanUnknown(Invalid):
    code = "billing.plan_unknown"
    title = "There is no such plan"


class PaymentMethodRequired(Invalid):
    code = "billing.payment_method_required"
    title = "This plan needs a payment method"


class PaymentMethodUnknown(Invalid):
    code = "billing.payment_method_unknown"
    title = "The payment provider doesn't know this payment method"


class PaymentDeclined(Invalid):
    """The member `reason` tells why, as far as the issuer said."""

    code = "billing.payment_declined"
    title = "The payment was declined"


class PaymentInProgress(Conflict):
    """It is over in a moment; `retry_after` is in seconds."""

    code = "billing.payment_in_progress"
    title = "A payment for this organization is in progress"
    retry_after = 1


class PaymentsNotConfigured(Conflict):
    """Plans with a price can't be bought here: PAYMENT_PROVIDER names nobody."""

    code = "billing.payments_not_configured"
    title = "No payments are taken here"


class PaymentProviderUnavailable(Unavailable):
    """The payment is tried again; asking again meanwhile charges nothing more."""

    code = "billing.payment_provider_unavailable"
    title = "The payment provider can't be reached"


class ChangedMeanwhile(Conflict):
    """Somebody did something to it since it was looked at, perhaps by the same click."""

    code = "billing.changed_meanwhile"
    title = "This was changed since it was looked at"
