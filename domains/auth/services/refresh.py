"""Exchanging a refresh token for its successor: once, whoever asks at the same time.

Rotation with reuse detection as in RFC 9700, 4.14.2, with a window for answers that got lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from domains.auth.contract.errors import RefreshTokenInvalid
from domains.auth.contract.events import RefreshTokenReused
from domains.auth.models import Session
from domains.auth.services import keys, sessions, tokens
from domains.auth.services.clients import Client
from kernel.crypto import decrypt, encrypt, equal, hash_secret
from kernel.db import transaction
from kernel.events import publish
from kernel.queries import CompiledQuery, CompiledUpdate, Given

RETRY_WINDOW = timedelta(seconds=30)
_LOCKED = CompiledQuery(
    lambda: (
        Session.objects.filter(family_hash=Given("family_hash"))
        .select_related("account")
        .select_for_update(of=("self",))
    )
)

_ROTATED = CompiledUpdate(
    lambda: Session.objects.filter(id=Given("id")),
    previous_hash=F("refresh_hash"),
    refresh_hash=Given("refresh_hash"),
    successor_encrypted=Given("successor"),
    refreshed_at=Given("now"),
    rotations=F("rotations") + 1,
    network=Given("network"),
    place=Given("place"),
)


def refresh(*, refresh_token: str, client: Client, now: datetime) -> tokens.Tokens:
    """Return new tokens of the session.

    The same token within 30 seconds gets the very same successor; any used one after that
    revokes the session. Raise `RefreshTokenInvalid`, which says no more to a thief.
    """
    signer = keys.get_signer(now=now)
    with transaction("auth"):
        session = _lock(refresh_token)
        successor = _claim(session, refresh_token, client, now=now) if session else None
    # Raised out here: the revocation of a stolen session must stand.
    if session is None or successor is None:
        raise RefreshTokenInvalid
    return tokens.make_tokens(signer=signer, session=session, refresh_token=successor, now=now)


def _lock(refresh_token: str) -> Session | None:
    return _LOCKED.first(family_hash=tokens.family_hash_of(refresh_token))


def _claim(session: Session, refresh_token: str, client: Client, *, now: datetime) -> str | None:
    """Return the token's successor; None if it has none, after revoking what it may be stolen from.

    Whoever shows the family secret has held a token of this session, so it is a used one.
    """
    if not sessions.is_active(session, now=now):
        return None
    shown = hash_secret(refresh_token)
    if equal(shown, session.refresh_hash):
        return _rotate(session, refresh_token, client, now=now)
    if equal(shown, session.previous_hash) and now <= session.refreshed_at + RETRY_WINDOW:
        return decrypt(session.successor_encrypted)
    _revoke_stolen(session, client, now=now)
    return None


def _rotate(session: Session, refresh_token: str, client: Client, *, now: datetime) -> str:
    successor = tokens.new_refresh_token(tokens.family_of(refresh_token))
    moved = client.network and client.network != session.network
    seen_at = client if moved else session
    _ROTATED(
        id=session.id,
        refresh_hash=hash_secret(successor),
        successor=encrypt(successor),
        network=seen_at.network,
        place=seen_at.place,
        now=now,
    )
    return successor


def _revoke_stolen(session: Session, client: Client, *, now: datetime) -> None:
    """End the session, and tell its owner who showed the used token: the thief, or themselves."""
    publish(
        RefreshTokenReused(
            account_id=session.account_id,
            session_id=session.id,
            device=client.device,
            network=client.network,
            place=client.place,
        )
    )
    sessions.revoke(session, reason=Session.Reason.REUSE, now=now)


def forget_successors(*, now: datetime) -> None:
    """Delete the encrypted successors that nobody can ask for again."""
    late = Session.objects.filter(refreshed_at__lt=now - RETRY_WINDOW)
    late.exclude(successor_encrypted="").update(successor_encrypted="")
