"""What notifications says to others: it listens to every domain and none depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.errors import Forbidden, NotFound
from kernel.events import event
from kernel.privacy.records import Erased

LISTENS_TO: tuple[str, ...] = (
    "auth.account_registered.v1",
    "auth.registration_repeated.v1",
    "auth.email_verified.v1",
    "auth.session_started.v1",
    "auth.refresh_token_reused.v1",
    "auth.account_locked.v1",
    "auth.password_changed.v1",
    "auth.password_reset_requested.v1",
    "auth.password_reset_forced.v1",
    "auth.email_change_requested.v1",
    "auth.email_changed.v1",
    "auth.email_change_undone.v1",
    "auth.sign_in_by_email_requested.v1",
    "auth.account_closed.v1",
    "auth.account_reopened.v1",
    "auth.account_banned.v1",
    "auth.account_unbanned.v1",
    "auth.factor_added.v1",
    "auth.factor_removed.v1",
    "auth.recovery_codes_made.v1",
    "auth.recovery_code_used.v1",
    "auth.passkey_suspected.v1",
    "auth.identity_linked.v1",
    "auth.identity_unlinked.v1",
    "auth.impersonation_started.v1",
    "auth.api_key_created.v1",
    "auth.api_key_rotated.v1",
    "auth.api_key_used_from_new_network.v1",
    "auth.service_account_created.v1",
    "auth.account_erased.v1",
    "users.organization_created.v1",
    "users.member_invited.v1",
    "users.member_joined.v1",
    "users.owner_appointed.v1",
    "users.ownership_offered.v1",
    "users.ownership_transferred.v1",
    "users.organization_closed.v1",
    "users.organization_reopened.v1",
    "users.member_removed.v1",
    "users.member_role_changed.v1",
    "users.organization_erased.v1",
    "users.person_export_ready.v1",
    "billing.subscription_activated.v1",
    "billing.payment_failed.v1",
    "billing.trial_will_end.v1",
    "billing.subscription_canceled.v1",
    "billing.invoice_payment_failed.v1",
    "billing.payment_action_required.v1",
    "billing.payment_reminded.v1",
    "billing.dunning_ended.v1",
    "billing.payment_refunded.v1",
    "billing.payment_method_expiring.v1",
    "billing.invoice_issued.v1",
    "billing.usage_threshold_reached.v1",
    "files.file_uploaded.v1",
)


class NotificationNotFound(NotFound):
    """No such notification in the feed of this person."""

    code = "notifications.notification_not_found"
    title = "There is no such notification"


class PersonRequired(Forbidden):
    """A feed belongs to a person; an API key belongs to an organization and has none."""

    code = "notifications.person_required"
    title = "A feed of notifications belongs to a person"


@dataclass(frozen=True, kw_only=True)
class UnreadCount:
    """How many notifications in the feed of an account have not been read."""

    account_id: UUID
    unread: int


@event("notifications.person_erased.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PersonErased:
    """What notifications erased of a person, made anonymous, or must keep and why."""

    account_id: UUID
    items: tuple[Erased, ...]
