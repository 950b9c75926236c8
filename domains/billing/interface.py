"""The public interface of billing: all that other domains and the gateway may use."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.contract import LISTENS_TO
from domains.billing.contract.catalogue import CatalogueInvalid
from domains.billing.contract.data import (
    BooksDiffer,
    BooksVerdict,
    CatalogueChange,
    CataloguePublication,
    Entitlements,
    SimulatedStep,
)
from domains.billing.contract.entitlements import (
    Entitlement,
    EntitlementExceeded,
    EntitlementKeyReused,
    FeatureKind,
    FeatureNotCounted,
    ReservationLapsed,
    ReservationNotFound,
    ReservationSettled,
    UsageThresholdReached,
)
from domains.billing.contract.errors import (
    PaymentDeclined,
    PaymentInProgress,
    PaymentMethodRequired,
    PaymentMethodUnknown,
    PaymentProviderUnavailable,
    PaymentsNotConfigured,
    PlanUnknown,
)
from domains.billing.contract.events import (
    EntitlementsChanged,
    PaymentFailed,
    PersonErased,
    SubscriptionActivated,
)
from domains.billing.contract.invoice_errors import (
    CreditNoteNotFound,
    CreditRefused,
    InvoiceNotFound,
    InvoiceNotOpen,
    VatIdInvalid,
)
from domains.billing.contract.invoice_events import (
    CreditNoteIssued,
    InvoiceIssued,
    InvoicePaid,
    InvoiceVoided,
    InvoiceWrittenOff,
    ProfileChanged,
)
from domains.billing.contract.payment_events import (
    DisputeClosed,
    DisputeOpened,
    DunningEnded,
    InvoicePaymentFailed,
    PaymentActionRequired,
    PaymentMethodExpiring,
    PaymentRefunded,
    PaymentReminded,
    ReconciliationDiffered,
    RefundFailed,
)
from domains.billing.contract.permissions import (
    INVOICE_READ,
    PAYMENT_METHODS_READ,
    PAYMENT_METHODS_WRITE,
    PROFILE_READ,
    PROFILE_WRITE,
    SUBSCRIPTION_READ,
    SUBSCRIPTION_WRITE,
    USAGE_READ,
    USAGE_WRITE,
)
from domains.billing.contract.subscriptions import (
    CurrencyFixed,
    NoSubscription,
    NothingToPreview,
    PaymentOverdue,
    PlanGiven,
    PolicyNotOffered,
    PreviewExpired,
    PreviewInvalid,
    PreviewOutdated,
    ResumptionInvalid,
    SubscriptionCanceled,
    SubscriptionChanged,
    SubscriptionChangeScheduled,
    SubscriptionChangeWithdrawn,
    SubscriptionExpired,
    SubscriptionPastDue,
    SubscriptionPaused,
    SubscriptionRecovered,
    SubscriptionRenewed,
    SubscriptionResumed,
    SubscriptionStateRefuses,
    SubscriptionUnpaid,
    TrialExtended,
    TrialStarted,
    TrialWillEnd,
)
from domains.billing.contract.usage import UsageBatchTooLarge, UsageReport, UsageVerdict
from kernel.boundary import exposed
from kernel.clock import now
from kernel.privacy.records import PersonalPage

__all__ = [
    "INVOICE_READ",
    "LISTENS_TO",
    "PAYMENT_METHODS_READ",
    "PAYMENT_METHODS_WRITE",
    "PROFILE_READ",
    "PROFILE_WRITE",
    "SUBSCRIPTION_READ",
    "SUBSCRIPTION_WRITE",
    "USAGE_READ",
    "USAGE_WRITE",
    "BooksDiffer",
    "BooksVerdict",
    "CatalogueChange",
    "CatalogueInvalid",
    "CataloguePublication",
    "CreditNoteIssued",
    "CreditNoteNotFound",
    "CreditRefused",
    "CurrencyFixed",
    "DisputeClosed",
    "DisputeOpened",
    "DunningEnded",
    "Entitlement",
    "EntitlementExceeded",
    "EntitlementKeyReused",
    "Entitlements",
    "EntitlementsChanged",
    "FeatureKind",
    "FeatureNotCounted",
    "InvoiceIssued",
    "InvoiceNotFound",
    "InvoiceNotOpen",
    "InvoicePaid",
    "InvoicePaymentFailed",
    "InvoiceVoided",
    "InvoiceWrittenOff",
    "NoSubscription",
    "NothingToPreview",
    "PaymentActionRequired",
    "PaymentDeclined",
    "PaymentFailed",
    "PaymentInProgress",
    "PaymentMethodExpiring",
    "PaymentMethodRequired",
    "PaymentMethodUnknown",
    "PaymentOverdue",
    "PaymentProviderUnavailable",
    "PaymentRefunded",
    "PaymentReminded",
    "PaymentsNotConfigured",
    "PersonErased",
    "PlanGiven",
    "PlanUnknown",
    "PolicyNotOffered",
    "PreviewExpired",
    "PreviewInvalid",
    "PreviewOutdated",
    "ProfileChanged",
    "ReconciliationDiffered",
    "RefundFailed",
    "ReservationLapsed",
    "ReservationNotFound",
    "ReservationSettled",
    "ResumptionInvalid",
    "SimulatedStep",
    "SubscriptionActivated",
    "SubscriptionCanceled",
    "SubscriptionChangeScheduled",
    "SubscriptionChangeWithdrawn",
    "SubscriptionChanged",
    "SubscriptionExpired",
    "SubscriptionPastDue",
    "SubscriptionPaused",
    "SubscriptionRecovered",
    "SubscriptionRenewed",
    "SubscriptionResumed",
    "SubscriptionStateRefuses",
    "SubscriptionUnpaid",
    "TrialExtended",
    "TrialStarted",
    "TrialWillEnd",
    "UsageBatchTooLarge",
    "UsageReport",
    "UsageThresholdReached",
    "UsageVerdict",
    "VatIdInvalid",
    "check_entitlement",
    "check_entitlements",
    "consume_entitlement",
    "ensure_catalogue",
    "export_person",
    "get_entitlements",
    "publish_catalogue",
    "record_usage",
    "release_reservation",
    "replay_provider_events",
    "reserve_entitlement",
    "settle_reservation",
    "simulate_billing",
    "verify_books",
]


@exposed(idempotent=True)
def get_entitlements(*, organization_ids: list[UUID]) -> list[Entitlements]:
    """Return what each plan allows, in the order asked; an organization unknown here has `free`."""
    from domains.billing.services import entitlements

    return entitlements.get_entitlements(organization_ids=organization_ids)


@exposed(idempotent=True)
def check_entitlement(*, organization_id: UUID, feature: str, amount: int) -> Entitlement:
    """Return whether so much more of the feature may be used, and how the organization stands.

    What the plan doesn't name isn't allowed. It holds nothing: whoever needs it to stay so uses
    it with `consume_entitlement`, or holds it with `reserve_entitlement`.
    """
    from domains.billing.services.entitlements import checking

    return checking.check(
        organization_id=organization_id, feature=feature, amount=amount, now=now()
    )


@exposed(idempotent=True)
def check_entitlements(*, organization_ids: list[UUID], feature: str) -> list[Entitlement]:
    """Return how each organization stands with the feature, in the order asked."""
    from domains.billing.services.entitlements import checking

    return checking.check_all(
        organization_ids=organization_ids, feature=feature, amount=1, now=now()
    )


@exposed(idempotent=True)
def consume_entitlement(
    *, organization_id: UUID, feature: str, amount: int, key: str
) -> Entitlement:
    """Use the amount (at least 1) of the feature up, once for each key (100 characters).

    Raise `EntitlementExceeded` if the plan and the grants don't allow it and the limit is hard,
    `EntitlementKeyReused` or `FeatureNotCounted`.
    """
    from domains.billing.services.entitlements import consuming

    use = consuming.Use(organization_id=organization_id, feature=feature, key=key)
    return consuming.consume(use=use, amount=amount, now=now())


@exposed(idempotent=True)
def reserve_entitlement(
    *, organization_id: UUID, feature: str, amount: int, key: str, expires_at: datetime | None
) -> Entitlement:
    """Hold the amount of the feature until it is settled or released, or it expires.

    Raise what `consume_entitlement` raises.
    """
    from domains.billing.services.entitlements import consuming

    use = consuming.Use(organization_id=organization_id, feature=feature, key=key)
    return consuming.reserve(use=use, amount=amount, expires_at=expires_at, now=now())


@exposed(idempotent=True)
def settle_reservation(*, organization_id: UUID, feature: str, key: str) -> Entitlement:
    """Use up what is held under the key, in the period in which it was reserved.

    Raise `ReservationNotFound`, or `ReservationLapsed` for one that expired or was released.
    """
    from domains.billing.services.entitlements import consuming

    use = consuming.Use(organization_id=organization_id, feature=feature, key=key)
    return consuming.settle(use=use, now=now())


@exposed(idempotent=True)
def release_reservation(*, organization_id: UUID, feature: str, key: str) -> Entitlement:
    """Give back what is held under the key, if anything is, or what was taken of a static feature.

    Raise `ReservationSettled` for what was used of a metered one.
    """
    from domains.billing.services.entitlements import consuming

    use = consuming.Use(organization_id=organization_id, feature=feature, key=key)
    return consuming.release(use=use, now=now())


@exposed(idempotent=True)
def record_usage(*, reports: list[UsageReport]) -> list[UsageVerdict]:
    """Take down what was used (at most 1,000) and return what became of each, in that order.

    Each event of an organization counts once, however often it is told. Raise
    `UsageBatchTooLarge`.
    """
    from domains.billing.services.usage import recording

    return recording.record(reports=reports, now=now())


@exposed(idempotent=True)
def ensure_catalogue() -> None:
    """Publish the shipped catalogue if there is none yet."""
    from domains.billing.services import catalogue

    catalogue.ensure_published()


@exposed(idempotent=True)
def publish_catalogue(*, text: str | None, dry_run: bool) -> CataloguePublication:
    """Put the catalogue of the text (YAML; None: the shipped one) in force; say what that changes.

    Raise `CatalogueInvalid`, whose detail says what is wrong where.
    """
    from domains.billing.services.catalogue import publication

    return publication.publish_text(text=text, dry_run=dry_run, now=now())


@exposed(idempotent=True)
def export_person(*, account_id: UUID, cursor: str | None) -> PersonalPage:
    """Return what billing keeps of the person, from the cursor (None: the beginning) on."""
    from domains.billing.services import privacy

    return privacy.export_person(account_id=account_id, cursor=cursor)


@exposed(idempotent=True)
def simulate_billing(*, organization_id: UUID | None, until: datetime) -> list[SimulatedStep]:
    """Return what will happen to the organization's subscription until the instant, in order.

    None stands for a made-up organization that begins with a paid plan now. Nothing is changed.
    """
    from domains.billing.services.subscriptions import simulation
    from kernel import clock

    return simulation.simulate(organization_id=organization_id, until=until, now=clock.now())


@exposed(idempotent=True)
def verify_books(*, organization_id: UUID | None) -> BooksVerdict:
    """Compare ledger, invoices and providers' books of one organization, or (None) of all.

    It reads all of them: the more there is, the longer it takes.
    """
    from domains.billing.services.invoicing import verification

    return verification.verify(organization_id=organization_id, now=now())


@exposed()
def replay_provider_events(*, since: datetime | None, quarantined: bool) -> int:
    """Have what payment providers told applied once more, and return how much that is.

    `since` bounds when it was received; with `quarantined` only what could not be applied.
    """
    from domains.billing.services.payments import webhooks

    return webhooks.replay(events=webhooks.find(since=since, quarantined=quarantined), now=now())
