"""The public interface of auth: all that other domains and the gateway may use of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.auth.contract import LISTENS_TO
from domains.auth.contract.data import (
    Account,
    ApiKeyGrant,
    MailSecret,
    Method,
    SessionState,
    VerificationKey,
)
from domains.auth.contract.errors import (
    AccountNotFound,
    ApiKeyInvalid,
    EmailAlreadyVerified,
    EmailInvalid,
    EmailNotVerified,
    HashingBusy,
    ImpersonationForbids,
    MailTokenInvalid,
    NextKeyTooNew,
    RegistrationExpired,
    SessionRequired,
    StaffStays,
    StepUpRequired,
)
from domains.auth.contract.events import (
    AccountBanned,
    AccountClosed,
    AccountErased,
    AccountLocked,
    AccountRegistered,
    AccountReopened,
    AccountUnbanned,
    AccountUnlocked,
    ApiKeyCreated,
    ApiKeyRevoked,
    ApiKeyRotated,
    ApiKeyUsedFromNewNetwork,
    EmailChanged,
    EmailChangeRequested,
    EmailChangeUndone,
    EmailVerified,
    FactorAdded,
    FactorRemoved,
    IdentityLinked,
    IdentityUnlinked,
    ImpersonationEnded,
    ImpersonationStarted,
    PasskeySuspected,
    PasswordChanged,
    PasswordResetForced,
    PasswordResetRequested,
    PersonErased,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    RefreshTokenReused,
    RegistrationRepeated,
    ServiceAccountCreated,
    ServiceAccountDisabled,
    SessionRevoked,
    SessionStarted,
    SignInByEmailRequested,
    SignInFailed,
    SigningKeyRotated,
    StaffActed,
    SteppedUp,
)
from domains.auth.contract.permissions import (
    API_KEY_WRITE,
    SERVICE_ACCOUNT_WRITE,
)
from kernel.boundary import exposed
from kernel.clock import now
from kernel.privacy.records import PersonalPage

__all__ = [
    "API_KEY_WRITE",
    "LISTENS_TO",
    "SERVICE_ACCOUNT_WRITE",
    "Account",
    "AccountBanned",
    "AccountClosed",
    "AccountErased",
    "AccountLocked",
    "AccountNotFound",
    "AccountRegistered",
    "AccountReopened",
    "AccountUnbanned",
    "AccountUnlocked",
    "ApiKeyCreated",
    "ApiKeyGrant",
    "ApiKeyInvalid",
    "ApiKeyRevoked",
    "ApiKeyRotated",
    "ApiKeyUsedFromNewNetwork",
    "EmailAlreadyVerified",
    "EmailChangeRequested",
    "EmailChangeUndone",
    "EmailChanged",
    "EmailInvalid",
    "EmailNotVerified",
    "EmailVerified",
    "FactorAdded",
    "FactorRemoved",
    "HashingBusy",
    "IdentityLinked",
    "IdentityUnlinked",
    "ImpersonationEnded",
    "ImpersonationForbids",
    "ImpersonationStarted",
    "MailSecret",
    "MailTokenInvalid",
    "Method",
    "NextKeyTooNew",
    "PasskeySuspected",
    "PasswordChanged",
    "PasswordResetForced",
    "PasswordResetRequested",
    "PersonErased",
    "RecoveryCodeUsed",
    "RecoveryCodesMade",
    "RefreshTokenReused",
    "RegistrationExpired",
    "RegistrationRepeated",
    "ServiceAccountCreated",
    "ServiceAccountDisabled",
    "SessionRequired",
    "SessionRevoked",
    "SessionStarted",
    "SessionState",
    "SignInByEmailRequested",
    "SignInFailed",
    "SigningKeyRotated",
    "StaffActed",
    "StaffStays",
    "StepUpRequired",
    "SteppedUp",
    "VerificationKey",
    "authenticate_api_key",
    "close_account",
    "ensure_account",
    "export_person",
    "find_accounts",
    "get_accounts",
    "get_active_sessions",
    "get_proven_addresses",
    "get_session_state",
    "get_verification_keys",
    "issue_email_verification",
    "issue_mail_secret",
    "require_step_up",
    "rotate_signing_key",
]


@exposed(idempotent=True)
def get_accounts(*, account_ids: list[UUID]) -> list[Account]:
    """Return those of the accounts that exist, in no particular order."""
    from domains.auth.services import accounts

    return accounts.get_accounts(account_ids=account_ids)


@exposed(idempotent=True)
def find_accounts(*, query: str, limit: int) -> list[Account]:
    """Return the accounts whose e-mail address begins so, in its order, at most `limit`."""
    from domains.auth.services import accounts

    return accounts.find_accounts(query=query, limit=limit)


@exposed(idempotent=True)
def ensure_account(*, email: str, password: str, staff: bool = False) -> Account:
    """Return the account of the address, made and verified if need be; staff may do everything.

    An account that has proven its address keeps its password. Raise `EmailInvalid`, or
    `ValidationFailed` for a password that nobody may have.
    """
    from domains.auth.services import accounts

    return accounts.ensure_account(email=email, password=password, staff=staff, now=now())


@exposed(idempotent=False)
def issue_email_verification(*, account_id: UUID) -> str:
    """Return a fresh one-time token that proves the mailbox it is sent to, good for 24 hours.

    Raise `AccountNotFound`, `EmailAlreadyVerified`, or `RegistrationExpired` if the address
    must be registered anew.
    """
    from domains.auth.services import verification

    return verification.issue_email_verification(account_id=account_id, now=now())


@exposed(idempotent=False)
def issue_mail_secret(*, proof_id: UUID) -> MailSecret:
    """Return a fresh one-time secret for one mail about the proof, and where that mail goes.

    Secrets of earlier mails about it stay good. Raise `MailTokenInvalid` if the proof is used or
    too old, or its account is gone: then there is nothing to send.
    """
    from domains.auth.services import mail_proofs

    return mail_proofs.issue_secret(proof_id=proof_id, now=now())


@exposed(idempotent=True)
def get_proven_addresses(*, account_id: UUID) -> list[str]:
    """Return the account's address, and former ones that nobody else has; unproven ones never."""
    from domains.auth.services import erasure

    return erasure.get_proven_addresses(account_id=account_id)


@exposed(idempotent=True)
def get_session_state(*, session_id: UUID) -> SessionState:
    """Return whether the session is active; one that never was is not."""
    from domains.auth.services import sessions

    return sessions.get_session_state(session_id=session_id, now=now())


@exposed(idempotent=True)
def get_active_sessions(*, session_ids: list[UUID]) -> list[UUID]:
    """Return those of the sessions that are active, in no order; one that never was is not."""
    from domains.auth.services import sessions

    return sessions.get_active_sessions(session_ids=session_ids, now=now())


@exposed(idempotent=True)
def get_verification_keys() -> list[VerificationKey]:
    """Return the public keys that access tokens are verified with; never none (RFC 7517)."""
    from domains.auth.services import keys

    return keys.get_verification_keys(now=now())


@exposed(idempotent=False)
def rotate_signing_key(*, compromised: bool = False) -> str:
    """Have the next key sign access tokens from now on; return its id.

    With `compromised`, a new one signs, and what was signed by any other is refused: everybody
    needs a new access token. Raise `NextKeyTooNew` while not everybody may know the next key.
    """
    from domains.auth.services import keys

    turn = keys.replace_compromised if compromised else keys.rotate
    return turn(now=now())


@exposed(idempotent=True)
def authenticate_api_key(*, key_hash: str, address: str) -> ApiKeyGrant:
    """Return what the API key of this SHA-256 (in hex) grants, shown from the IP address.

    Raise `ApiKeyInvalid`.
    """
    from domains.auth.services import api_key_use

    return api_key_use.authenticate_api_key(key_hash=key_hash, address=address, now=now())


@exposed(idempotent=True)
def require_step_up(*, session_id: UUID, auth_time: int) -> None:
    """Return if the session's owner was proven, as the token of `auth_time` says, lately enough.

    That is by the strongest factor of the account, within ten minutes. Raise `StepUpRequired`,
    whose `methods` say by what to prove it, or `ImpersonationForbids` for staff who act as them.
    """
    from domains.auth.services import step_up

    step_up.require(session_id=session_id, auth_time=auth_time, now=now())


@exposed(idempotent=False)
def close_account(*, account_id: UUID, session_id: UUID, immediately: bool) -> datetime:
    """Close the account of the session, or erase it at once; return when it is erased for good.

    Raise `Unauthenticated` if the session has ended, `AccountNotFound`, or `StaffStays`.
    """
    from domains.auth.services import closing

    return closing.close_account(
        account_id=account_id, session_id=session_id, immediately=immediately, now=now()
    )


@exposed(idempotent=True)
def export_person(*, account_id: UUID, cursor: str | None) -> PersonalPage:
    """Return what auth keeps of the person, from the cursor (None: the beginning) on."""
    from domains.auth.services import privacy

    return privacy.export_person(account_id=account_id, cursor=cursor)
