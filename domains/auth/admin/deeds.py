"""What staff do to one account, each for a reason that the audit keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domains.auth.models import Account, Session
from domains.auth.services import bans, impersonation, password_reset, sessions, unlock
from domains.auth.services.clients import present_client
from domains.auth.services.tokens import Tokens
from kernel.clock import now
from kernel.staff import Deed


def _unlock(account: Account, *, reason: str, **_: object) -> None:
    unlock.unlock(account, reason=reason)


def _force_reset(account: Account, *, reason: str, now: datetime, **_: object) -> None:
    password_reset.force_password_reset(account, reason=reason, now=now)


def _revoke(account: Account, *, now: datetime, **_: object) -> None:
    sessions.revoke_sessions(reason=Session.Reason.STAFF, now=now, account_id=account.id)


def _ban(account: Account, *, reason: str, now: datetime, **_: object) -> None:
    bans.ban(account, reason=reason, now=now)


def _unban(account: Account, *, reason: str, **_: object) -> None:
    bans.unban(account, reason=reason)


def _impersonate(account: Account, **facts: Any) -> Tokens:
    return impersonation.start(account, client=present_client(), **facts)


UNLOCK = Deed(
    title="Unlock",
    done="Unlocked",
    meaning="Sign-ins are let through again, from everywhere, whatever failed before.",
    fits=lambda account: unlock.is_locked(account, now=now()),
    do=_unlock,
)
FORCE_RESET = Deed(
    title="Force a password reset",
    done="Password reset forced",
    meaning="All sessions end, and nobody comes in before the owner has chosen a new password, "
    "by a mail that is sent now.",
    fits=lambda account: account.email_verified_at is not None and account.is_active,
    do=_force_reset,
    dangerous=True,
)
REVOKE = Deed(
    title="Revoke all sessions",
    done="All sessions revoked",
    meaning="Whoever is signed in has to sign in again, from the next request on.",
    fits=lambda account: account.erased_at is None,
    do=_revoke,
)
BAN = Deed(
    title="Ban",
    done="Banned",
    meaning="Every way in is shut from the next request on: sessions, API keys, mails under way.",
    fits=lambda account: account.banned_at is None and account.erased_at is None,
    do=_ban,
    dangerous=True,
)
UNBAN = Deed(
    title="Unban",
    done="Unbanned",
    meaning="The owner can sign in again.",
    fits=lambda account: account.banned_at is not None,
    do=_unban,
)
IMPERSONATE = Deed(
    title="Act as them",
    done="Began to act as them",
    meaning="For an hour at most, the API takes you for this person. Every answer says so, all "
    "that happens carries your name, and nothing that needs a fresh proof is let through.",
    fits=impersonation.is_possible,
    do=_impersonate,
    dangerous=True,
)
