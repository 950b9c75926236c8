"""The tables of billing. What no constraint of one table can say is held by migration 0002."""

from domains.billing.models.catalogue import (
    CatalogueRelease,
    Coupon,
    CouponRedemption,
    Meter,
    Price,
    Product,
)
from domains.billing.models.customers import Customer, ProviderCustomer
from domains.billing.models.dunning import Dunning
from domains.billing.models.invoices import (
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    InvoiceState,
    NumberSequence,
)
from domains.billing.models.ledger import LedgerAccount, Posting, PostingGroup
from domains.billing.models.offline import (
    OfflineCharge,
    OfflineCustomer,
    OfflineDispute,
    OfflineEvent,
    OfflineMethod,
    OfflineRefund,
)
from domains.billing.models.payments import (
    OPEN_STATES,
    ChargeStatus,
    Dispute,
    PaymentIntent,
    PaymentMethod,
    PaymentState,
    ProviderEvent,
    Refund,
    RefundState,
    Transfer,
)
from domains.billing.models.reconciliation import Finding, Reconciliation
from domains.billing.models.subscriptions import (
    ENDED_STATES,
    SERVED_STATES,
    ChangeState,
    ScheduledChange,
    Subscription,
    SubscriptionItem,
    SubscriptionState,
)
from domains.billing.models.usage import Allocation, Consumption, Grant, UsageBucket, UsageEvent

__all__ = [
    "ENDED_STATES",
    "OPEN_STATES",
    "SERVED_STATES",
    "Allocation",
    "CatalogueRelease",
    "ChangeState",
    "ChargeStatus",
    "Consumption",
    "Coupon",
    "CouponRedemption",
    "CreditNote",
    "CreditNoteLine",
    "Customer",
    "Dispute",
    "Dunning",
    "Finding",
    "Grant",
    "Invoice",
    "InvoiceLine",
    "InvoiceState",
    "LedgerAccount",
    "Meter",
    "NumberSequence",
    "OfflineCharge",
    "OfflineCustomer",
    "OfflineDispute",
    "OfflineEvent",
    "OfflineMethod",
    "OfflineRefund",
    "PaymentIntent",
    "PaymentMethod",
    "PaymentState",
    "Posting",
    "PostingGroup",
    "Price",
    "Product",
    "ProviderCustomer",
    "ProviderEvent",
    "Reconciliation",
    "Refund",
    "RefundState",
    "ScheduledChange",
    "Subscription",
    "SubscriptionItem",
    "SubscriptionState",
    "Transfer",
    "UsageBucket",
    "UsageEvent",
]
