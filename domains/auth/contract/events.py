"""What happened in auth. Nothing here is a secret; ids of proofs let the mails ask for theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event
from kernel.privacy.records import Erased


@event("auth.account_registered.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class AccountRegistered:
    """Somebody registered an address that nobody has proven to own yet.

    It comes again, with the same account, when the address is registered anew before the proof.
    """

    account_id: UUID


@event("auth.registration_repeated.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class RegistrationRepeated:
    """Somebody registered the address of an account that has proven it; nothing was changed."""

    account_id: UUID


@event("auth.email_verified.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class EmailVerified:
    """The account's owner proved to read the mail of its address."""

    account_id: UUID


@event("auth.session_started.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class SessionStarted:
    """Somebody signed in. `new_device` says that device and network were not seen before."""

    account_id: UUID
    session_id: UUID
    methods: tuple[str, ...]
    device: str
    network: str
    place: str
    new_device: bool


@event("auth.session_revoked.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class SessionRevoked:
    """A session ended before its time, for `reason` (a value of `Session.Reason`)."""

    account_id: UUID
    session_id: UUID
    reason: str


@event("auth.refresh_token_reused.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class RefreshTokenReused:
    """A used refresh token was shown: its session may have been stolen, and was revoked."""

    account_id: UUID
    session_id: UUID
    device: str
    network: str
    place: str


@event("auth.sign_in_failed.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class SignInFailed:
    """Somebody failed to prove that the account is theirs, by `method`."""

    account_id: UUID
    method: str
    device: str
    network: str
    place: str


@event("auth.account_locked.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class AccountLocked:
    """So many sign-ins failed that further ones must wait; once until one succeeds."""

    account_id: UUID
    until: datetime
    network: str
    place: str


@event("auth.account_unlocked.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class AccountUnlocked:
    """Staff let sign-ins through again."""

    account_id: UUID
    reason: str


@event("auth.password_changed.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PasswordChanged:
    """The account has a new password. `by_reset` if it was forgotten."""

    account_id: UUID
    by_reset: bool


@event("auth.password_reset_requested.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PasswordResetRequested:
    """Somebody asked for a new password; `proof_id` is for the mail that lets them choose one."""

    account_id: UUID
    proof_id: UUID


@event("auth.password_reset_forced.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PasswordResetForced:
    """Staff had the password no longer count: its owner must choose a new one."""

    account_id: UUID
    proof_id: UUID
    reason: str


@event("auth.email_change_requested.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class EmailChangeRequested:
    """The owner wants another address; `proof_id` is for the mail to the new one."""

    account_id: UUID
    proof_id: UUID


@event("auth.email_changed.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class EmailChanged:
    """The account has another address; `undo_proof_id` is for the notice to the former one."""

    account_id: UUID
    undo_proof_id: UUID


@event("auth.email_change_undone.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class EmailChangeUndone:
    """The owner of the former address took it back, and everybody was signed out."""

    account_id: UUID


@event("auth.sign_in_by_email_requested.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class SignInByEmailRequested:
    """Somebody asked for a code; `proof_id` is for the mail with it."""

    account_id: UUID
    proof_id: UUID


@event("auth.account_closed.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class AccountClosed:
    """The owner closed the account; until `erase_at` the mail for `undo_proof_id` can undo it."""

    account_id: UUID
    undo_proof_id: UUID
    erase_at: datetime


@event("auth.account_reopened.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class AccountReopened:
    """The owner took the closing back."""

    account_id: UUID


@event("auth.account_erased.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class AccountErased:
    """The account is gone for good: whoever keeps something about the person erases it.

    `address_marks` (`kernel.erasure`) tell copies of its addresses without telling the addresses.
    """

    account_id: UUID
    address_marks: tuple[str, ...] = ()


@event("auth.person_erased.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PersonErased:
    """What auth erased of a person, made anonymous, or must keep and why."""

    account_id: UUID
    items: tuple[Erased, ...]


@event("auth.account_banned.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class AccountBanned:
    """Staff shut the account."""

    account_id: UUID
    reason: str


@event("auth.account_unbanned.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class AccountUnbanned:
    """Staff opened the account again."""

    account_id: UUID
    reason: str


@event("auth.factor_added.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class FactorAdded:
    """The account got another way to prove who signs in; `method` is one of `Method`."""

    account_id: UUID
    method: str
    name: str


@event("auth.factor_removed.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class FactorRemoved:
    """A way to prove who signs in is gone; `last` if no second factor is left."""

    account_id: UUID
    method: str
    name: str
    last: bool


@event("auth.recovery_codes_made.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade:
    """New recovery codes replaced all former ones."""

    account_id: UUID


@event("auth.recovery_code_used.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed:
    """A recovery code was used; `left` are still good."""

    account_id: UUID
    left: int


@event("auth.passkey_suspected.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PasskeySuspected:
    """A passkey's counter went backwards: it may have been copied, and was refused."""

    account_id: UUID
    name: str


@event("auth.stepped_up.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class SteppedUp:
    """The owner proved anew who they are, by `method`."""

    account_id: UUID
    session_id: UUID
    method: str


@event("auth.identity_linked.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class IdentityLinked:
    """Another provider's sign-in now leads to the account."""

    account_id: UUID
    provider: str


@event("auth.identity_unlinked.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class IdentityUnlinked:
    """Another provider's sign-in no longer leads to the account."""

    account_id: UUID
    provider: str


@event("auth.impersonation_started.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class ImpersonationStarted:
    """Staff (`staff_id`) began to act as the account, for `reason`."""

    account_id: UUID
    session_id: UUID
    staff_id: UUID
    reason: str


@event("auth.impersonation_ended.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class ImpersonationEnded:
    """Staff stopped acting as the account."""

    account_id: UUID
    session_id: UUID
    staff_id: UUID


@event("auth.api_key_created.v1", aggregate="api_key_id")
@dataclass(frozen=True, kw_only=True)
class ApiKeyCreated:
    """A key was made. `account_id` is whose it is, None for one of the organization's own."""

    api_key_id: UUID
    organization_id: UUID
    account_id: UUID | None
    name: str
    prefix: str


@event("auth.api_key_rotated.v1", aggregate="api_key_id")
@dataclass(frozen=True, kw_only=True)
class ApiKeyRotated:
    """A key has a successor, and counts until `overlap_ends_at`."""

    api_key_id: UUID
    organization_id: UUID
    account_id: UUID | None
    successor_id: UUID
    name: str
    overlap_ends_at: datetime


@event("auth.api_key_revoked.v1", aggregate="api_key_id")
@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked:
    """A key counts no more."""

    api_key_id: UUID
    organization_id: UUID
    account_id: UUID | None
    name: str


@event("auth.api_key_used_from_new_network.v1", aggregate="api_key_id")
@dataclass(frozen=True, kw_only=True)
class ApiKeyUsedFromNewNetwork:
    """A key was shown from a network that it was never shown from before."""

    api_key_id: UUID
    organization_id: UUID
    account_id: UUID | None
    name: str
    network: str
    place: str


@event("auth.service_account_created.v1", aggregate="service_account_id")
@dataclass(frozen=True, kw_only=True)
class ServiceAccountCreated:
    """An organization got a machine of its own that can have keys."""

    service_account_id: UUID
    organization_id: UUID
    name: str


@event("auth.service_account_disabled.v1", aggregate="service_account_id")
@dataclass(frozen=True, kw_only=True)
class ServiceAccountDisabled:
    """A service account and all its keys count no more."""

    service_account_id: UUID
    organization_id: UUID
    name: str


@event("auth.signing_key_rotated.v1", aggregate="kid")
@dataclass(frozen=True, kw_only=True)
class SigningKeyRotated:
    """Access tokens are signed with another key from now on."""

    kid: str


@event("auth.staff_acted.v1", aggregate="object_id")
@dataclass(frozen=True, kw_only=True)
class StaffActed:
    """Staff changed something on their pages, or had it done, for a reason.

    `model` and `object_id` say what it was, `changes` which of its fields; `organization_id`
    whose it is. The reason is the staff's own words.
    """

    staff_id: UUID
    action: str
    model: str
    object_id: str
    organization_id: UUID | None
    changes: tuple[str, ...]
    reason: str
