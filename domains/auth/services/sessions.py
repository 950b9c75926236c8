"""Sessions: begun by a sign-in, revoked for good by the owner, by staff or by a theft."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings

from domains.auth.contract.data import Method, SessionState
from domains.auth.contract.errors import SessionRequired
from domains.auth.contract.events import ImpersonationEnded, SessionRevoked, SessionStarted
from domains.auth.models import Account, Identity, KnownDevice, Session
from domains.auth.services import tokens
from domains.auth.services.clients import Client
from kernel import facts
from kernel.context import prove
from kernel.crypto import hash_secret
from kernel.db import run_after_commit, transaction
from kernel.events import publish
from kernel.principal import Principal
from kernel.queries import CompiledUpdate, Given

# Longer than any access token counts, clock leeway included.
REVOKED_FACT_SECONDS = 15 * 60

_SEEN_AGAIN = CompiledUpdate(
    lambda: KnownDevice.objects.filter(
        account_id=Given("account_id"), device=Given("device"), network=Given("network")
    ),
    last_seen_at=Given("now"),
)


def start_session(
    account: Account,
    *,
    methods: tuple[Method, ...],
    client: Client,
    now: datetime,
    identity: Identity | None = None,
    provider_session: str = "",
    proven_at: datetime | None = None,
) -> tuple[Session, str]:
    """Return a new session and its first refresh token. Runs in the caller's transaction."""
    new_device = _remember_device(account, client, now=now)
    refresh_token = tokens.new_refresh_token(tokens.new_family())
    session = Session.objects.create(
        account=account,
        created_at=now,
        refreshed_at=now,
        expires_at=now + settings.SESSION_ABSOLUTE,
        proven_at=proven_at or now,
        methods=list(methods),
        user_agent=client.user_agent,
        device=client.device,
        network=client.network,
        place=client.place,
        identity=identity,
        provider_session=provider_session,
        family_hash=tokens.family_hash_of(refresh_token),
        refresh_hash=hash_secret(refresh_token),
    )
    prove(account.id)
    publish(
        SessionStarted(
            account_id=account.id,
            session_id=session.id,
            methods=tuple(methods),
            device=client.device,
            network=client.network,
            place=client.place,
            new_device=new_device,
        )
    )
    return session, refresh_token


def _remember_device(account: Account, client: Client, *, now: datetime) -> bool:
    """Return whether the client is new to an account that others are known of."""
    seen = {"account_id": account.id, "device": client.device, "network": client.network}
    if _SEEN_AGAIN(**seen, now=now):
        return False
    first = not KnownDevice.objects.filter(account=account).exists()
    KnownDevice.objects.create(
        account=account,
        device=client.device,
        network=client.network,
        first_seen_at=now,
        last_seen_at=now,
    )
    return not first


def is_active(session: Session, *, now: datetime) -> bool:
    """Return whether the session's tokens count at this moment."""
    return (
        session.revoked_at is None
        and session.account.is_active
        and now < min(session.ends_at, session.refreshed_at + settings.SESSION_IDLE)
    )


def get_session_state(*, session_id: UUID, now: datetime) -> SessionState:
    """Return whether the session is active; one that never was is not."""
    session = Session.objects.select_related("account").filter(id=session_id).first()
    if session is None:
        return SessionState(active=False, account_id=None)
    return SessionState(active=is_active(session, now=now), account_id=session.account_id)


def get_active_sessions(*, session_ids: list[UUID], now: datetime) -> list[UUID]:
    """Return those of the sessions that are active, in no order."""
    found = Session.objects.select_related("account").filter(id__in=session_ids)
    return [session.id for session in found if is_active(session, now=now)]


def log_out(principal: Principal, *, now: datetime) -> None:
    """Revoke the caller's session; raise `SessionRequired` for an API key."""
    if principal.session_id is None:
        raise SessionRequired
    revoke_sessions(reason=Session.Reason.LOGOUT, now=now, id=principal.session_id)


def revoke_sessions(
    *, reason: Session.Reason, now: datetime, except_id: UUID | None = None, **which: UUID
) -> int:
    """Revoke the living sessions of `which` (fields and values) but one; return how many."""
    live = Session.objects.select_for_update().filter(revoked_at__isnull=True, **which)
    if except_id is not None:
        live = live.exclude(id=except_id)
    with transaction("auth"):
        rows = list(live.order_by("id"))
        for session in rows:
            revoke(session, reason=reason, now=now)
    return len(rows)


def revoke(session: Session, *, reason: Session.Reason, now: datetime) -> None:
    """End the session, which is locked, for good: its next request is refused."""
    if session.revoked_at is not None:
        return
    session.revoked_at, session.revoked_reason = now, reason
    session.successor_encrypted = ""
    session.save(update_fields=["revoked_at", "revoked_reason", "successor_encrypted"])
    publish(SessionRevoked(account_id=session.account_id, session_id=session.id, reason=reason))
    if session.impersonator_id is not None:
        ended = ImpersonationEnded(
            account_id=session.account_id,
            session_id=session.id,
            staff_id=session.impersonator_id,
        )
        publish(ended)
    run_after_commit("auth", partial(tell_revoked, session.id))


def tell_revoked(session_id: UUID) -> None:
    """Let all processes know at once that the session ended; PostgreSQL knows already."""
    facts.put(f"session:{session_id}", "revoked", ttl=REVOKED_FACT_SECONDS)
