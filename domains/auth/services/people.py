"""The account of whoever asks in a session."""

from __future__ import annotations

from uuid import UUID

from domains.auth.contract.errors import AccountNotFound, SessionRequired
from domains.auth.models import Account, Session
from domains.auth.services import endings
from kernel.errors import Unauthenticated
from kernel.principal import Principal


def session_of(principal: Principal) -> tuple[UUID, UUID]:
    """Return the caller's account and session; raise `SessionRequired` for an API key."""
    if principal.session_id is None or principal.account_id is None:
        raise SessionRequired
    return principal.account_id, principal.session_id


def account_of(principal: Principal) -> Account:
    """Return the caller's account; raise `SessionRequired` for an API key."""
    account_id, _ = session_of(principal)
    account = Account.objects.filter(id=account_id, erased_at=None).first()
    if account is None:
        raise AccountNotFound
    return account


def lock_account_of(principal: Principal) -> Account:
    """Return the caller's account, locked; raise `SessionRequired` for an API key.

    Raise `Unauthenticated` if the session has ended since the request came in: what a stolen one
    had begun must not outlive the change that threw the thief out.
    """
    account_id, session_id = session_of(principal)
    return lock_account(account_id=account_id, session_id=session_id)


def lock_account(*, account_id: UUID, session_id: UUID) -> Account:
    """Return the account, locked; raise `Unauthenticated` unless the session is its, and alive.

    Raise `AccountNotFound` for one that was erased.
    """
    account = endings.lock(account_id)
    alive = Session.objects.filter(id=session_id, account=account, revoked_at=None)
    if not alive.exists():
        raise Unauthenticated
    return account
