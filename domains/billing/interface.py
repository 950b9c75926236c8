"""The public interface of billing: all that other domains and the gateway may use."""

from __future__ import annotations

from uuid import UUID

from domains.billing.contract import (
    LISTENS_TO,
    SUBSCRIPTION_READ,
    SUBSCRIPTION_WRITE,
    Entitlements,
    EntitlementsChanged,
    PaymentDeclined,
    PaymentFailed,
    PaymentInProgress,
    PaymentMethodRequired,
    PaymentMethodUnknown,
    PaymentProviderUnavailable,
    PaymentsNotConfigured,
    PersonErased,
    PlanUnknown,
    SubscriptionActivated,
)
from kernel.boundary import exposed
from kernel.privacy.records import PersonalPage

__all__ = [
    "LISTENS_TO",
    "SUBSCRIPTION_READ",
    "SUBSCRIPTION_WRITE",
    "Entitlements",
    "EntitlementsChanged",
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
