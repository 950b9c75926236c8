"""What people do with their own sessions: see them, and end others."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from domains.auth.contract.errors import SessionNotFound, SessionRequired
from domains.auth.models import Session
from domains.auth.services import sessions
from kernel.principal import Principal


def list_sessions(principal: Principal, *, now: datetime) -> QuerySet[Session]:
    """Return the caller's living sessions, each with `current` and `impersonated`.

    Raise `SessionRequired` for an API key.
    """
    living = _mine(principal).filter(
        revoked_at=None, expires_at__gt=now, refreshed_at__gt=now - settings.SESSION_IDLE
    )
    return living.annotate(
        current=Q(id=principal.session_id), impersonated=Q(impersonator__isnull=False)
    )


def end_session(principal: Principal, *, session_id: UUID, now: datetime) -> None:
    """End one of the caller's sessions; raise `SessionRequired` or `SessionNotFound`."""
    if not list_sessions(principal, now=now).filter(id=session_id).exists():
        raise SessionNotFound
    own = session_id == principal.session_id
    reason = Session.Reason.LOGOUT if own else Session.Reason.ELSEWHERE
    sessions.revoke_sessions(reason=reason, now=now, id=session_id)


def end_other_sessions(principal: Principal, *, now: datetime) -> None:
    """End all of the caller's sessions but the present one; raise `SessionRequired`."""
    account_id, session_id = _session_of(principal)
    sessions.revoke_sessions(
        reason=Session.Reason.ELSEWHERE, now=now, except_id=session_id, account_id=account_id
    )


def _mine(principal: Principal) -> QuerySet[Session]:
    account_id, _ = _session_of(principal)
    return Session.objects.filter(account_id=account_id)


def _session_of(principal: Principal) -> tuple[UUID, UUID]:
    if principal.account_id is None or principal.session_id is None:
        raise SessionRequired
    return principal.account_id, principal.session_id
