"""What billing refuses of payments, and why."""

from __future__ import annotations

from kernel.errors import Conflict, Malformed, NotFound


class PaymentMethodNotFound(NotFound):
    code = "billing.payment_method_not_found"
    title = "There is no such payment method"


class PaymentMethodInUse(Conflict):
    """The subscription is paid with it, and there is no other: attach another first."""

    code = "billing.payment_method_in_use"
    title = "The subscription is paid with this payment method"


class PaymentNotFound(NotFound):
    code = "billing.payment_not_found"
    title = "There is no such payment"


class RefundTooLarge(Conflict):
    code = "billing.refund_too_large"
    title = "That much can't be sent back"


class WebhookRefused(Malformed):
    """Not signed by the provider, or too long ago; told again, it is looked at again."""

    code = "billing.webhook_refused"
    title = "The webhook's signature doesn't hold"


class ProviderNotFound(NotFound):
    code = "billing.provider_not_found"
    title = "No such payment provider is set up here"
