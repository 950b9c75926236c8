"""The payment provider `stripe`: PaymentIntents, SetupIntents, refunds and disputes."""

from domains.billing.services.payments.stripe.provider import StripeProvider

__all__ = ["StripeProvider"]
