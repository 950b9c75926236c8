"""The payment provider `test`: no network, no money; the payment method decides what happens."""

from domains.billing.services.payments.offline.book import IdempotencyKeyReused
from domains.billing.services.payments.offline.provider import OfflineProvider

__all__ = ["IdempotencyKeyReused", "OfflineProvider"]
