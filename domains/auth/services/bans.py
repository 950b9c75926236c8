"""Staff shut accounts, and open them again; who of the staff it was stands in the event."""

from __future__ import annotations

from datetime import datetime

from domains.auth.contract.events import AccountBanned, AccountUnbanned
from domains.auth.models import Account, Session
from domains.auth.services import endings, impersonation
from kernel.db import transaction
from kernel.events import publish


def ban(account: Account, *, reason: str, now: datetime) -> None:
    """Refuse every way in to the account from its next request on; once banned it stays so.

    Raise `AccountNotFound` if it was erased.
    """
    with transaction("auth"):
        locked = endings.lock(account.id)
        if locked.banned_at is not None:
            return
        locked.banned_at, locked.ban_reason, locked.is_active = now, reason, False
        locked.save(update_fields=["banned_at", "ban_reason", "is_active"])
        endings.end_everything(locked, reason=Session.Reason.BAN, now=now)
        impersonation.end_all_of(locked.id, now=now)
        publish(AccountBanned(account_id=locked.id, reason=reason))


def unban(account: Account, *, reason: str) -> None:
    """Let the owner of a banned account in again; raise `AccountNotFound` if it was erased."""
    with transaction("auth"):
        locked = endings.lock(account.id)
        if locked.banned_at is None:
            return
        locked.banned_at, locked.ban_reason, locked.is_active = None, "", True
        locked.save(update_fields=["banned_at", "ban_reason", "is_active"])
        publish(AccountUnbanned(account_id=locked.id, reason=reason))
