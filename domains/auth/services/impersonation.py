"""Staff who act as somebody: for a reason, an hour at most, and never unseen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.auth.contract.errors import ImpersonationForbids
from domains.auth.contract.events import ImpersonationStarted
from domains.auth.models import Account, Session
from domains.auth.models.session import IMPERSONATION_LIFETIME
from domains.auth.services import endings, keys, sessions, tokens
from domains.auth.services.clients import Client
from kernel.crypto import hash_secret
from kernel.db import transaction
from kernel.events import publish


def is_possible(account: Account) -> bool:
    """Return whether the account is one to act as: open, and nobody's of the staff."""
    is_open = account.is_active and account.erase_at is None
    return is_open and account.email_verified_at is not None and not account.is_staff


def start(
    account: Account, *, staff_id: UUID, reason: str, client: Client, now: datetime
) -> tokens.Tokens:
    """Return the tokens of a session in which the member of staff acts as the account.

    It has proven nothing, so that no step-up is passed, and it leaves no device known. Raise
    `ImpersonationForbids` for staff, whoever asks, and for an account that is not open.
    """
    signer = keys.get_signer(now=now)
    with transaction("auth"):
        locked = endings.lock(account.id)
        if not is_possible(locked):
            raise ImpersonationForbids("This account is not one to act as.")
        refresh_token = tokens.new_refresh_token(tokens.new_family())
        session = Session.objects.create(
            account=locked,
            impersonator_id=staff_id,
            impersonation_reason=reason,
            created_at=now,
            refreshed_at=now,
            expires_at=now + IMPERSONATION_LIFETIME,
            proven_at=now,
            methods=[],
            user_agent=client.user_agent,
            device=client.device,
            network=client.network,
            place=client.place,
            family_hash=tokens.family_hash_of(refresh_token),
            refresh_hash=hash_secret(refresh_token),
        )
        publish(
            ImpersonationStarted(
                account_id=locked.id, session_id=session.id, staff_id=staff_id, reason=reason
            )
        )
    return tokens.make_tokens(signer=signer, session=session, refresh_token=refresh_token, now=now)


def end_all_of(staff_id: UUID, *, now: datetime) -> int:
    """End every session in which the member of staff acts as somebody; return how many."""
    return sessions.revoke_sessions(reason=Session.Reason.STAFF, now=now, impersonator_id=staff_id)


def end_overdue(*, now: datetime) -> None:
    """Have those whose time is up end as the others do, so that the audit hears of it."""
    overdue = Session.objects.filter(
        impersonator__isnull=False, revoked_at=None, expires_at__lte=now
    )
    for session_id in overdue.values_list("id", flat=True):
        sessions.revoke_sessions(reason=Session.Reason.STAFF, now=now, id=session_id)
