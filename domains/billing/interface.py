"""The public interface of billing: all that other domains and the gateway may use."""

from __future__ import annotations

from uuid import UUID

from domains.billing.contract import LISTENS_TO
from domains.billing.contract.data import Entitlements
from domains.billing.contract.errors import (
    CreditRefused,
    InvoiceNotFound,
    InvoiceNotOpen,
    PaymentDeclined,
    PaymentInProgress,
    PaymentMethodRequired,
    PaymentMethodUnknown,
    PaymentProviderUnavailable,
    PaymentsNotConfigured,
    PlanUnknown,
)
from domains.billing.contract.events import (
    CreditNoteIssued,
    EntitlementsChanged,
    InvoiceIssued,
    InvoicePaid,
    InvoiceVoided,
    InvoiceWrittenOff,
    PaymentFailed,
    PersonErased,
    SubscriptionActivated,
)
from domains.billing.contract.payment_events import InvoicePaymentFailed, PaymentActionRequired
from domains.billing.contract.permissions import SUBSCRIPTION_READ, SUBSCRIPTION_WRITE
from kernel.boundary import exposed
from kernel.privacy.records import PersonalPage

__all__ = [
    "LISTENS_TO",
    "SUBSCRIPTION_READ",
    "SUBSCRIPTION_WRITE",
    "CreditNoteIssued",
    "CreditRefused",
    "Entitlements",
    "EntitlementsChanged",
    "InvoiceIssued",
    "InvoiceNotFound",
    "InvoiceNotOpen",
    "InvoicePaid",
    "InvoicePaymentFailed",
    "InvoiceVoided",
    "InvoiceWrittenOff",
    "PaymentActionRequired",
    "PaymentDeclined",
    "PaymentFailed",
    "PaymentInProgress",
    "PaymentMethodRequired",
    "PaymentMethodUnknown",
    "PaymentProviderUnavailable",
    "PaymentsNotConfigured",
    "PersonErased",
    "PlanUnknown",
    "SubscriptionActivated",
    "export_person",
    "get_entitlements",
]


@exposed(idempotent=True)
def get_entitlements(*, organization_ids: list[UUID]) -> list[Entitlements]:
    """Return what each plan allows, in the order asked; an organization unknown here has `free`."""
    from domains.billing.services import entitlements

    return entitlements.get_entitlements(organization_ids=organization_ids)


@exposed(idempotent=True)
def export_person(*, account_id: UUID, cursor: str | None) -> PersonalPage:
    """Return what billing keeps of the person, from the cursor (None: the beginning) on."""
    from domains.billing.services import privacy

    return privacy.export_person(account_id=account_id, cursor=cursor)
