"""Visits to a provider: each begins with a ticket of its client and is finished once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from authlib.oauth2.client import OAuth2Client

from domains.auth.contract.errors import TicketInvalid
from domains.auth.models import FederationFlow
from domains.auth.services.federation import discovery, providers
from domains.auth.services.federation.providers import Provider
from kernel.crypto import decrypt, encrypt, equal, hash_secret, new_secret
from kernel.db import transaction

LIFETIME = timedelta(minutes=10)
Purpose = FederationFlow.Purpose
# Whoever steps up proves anew at the provider, whatever session they have there.
ANEW: dict[str, Any] = {"prompt": "login", "max_age": 0}


@dataclass(frozen=True, kw_only=True)
class Started:
    """Where to send the person, and what the client keeps until they are back."""

    authorization_url: str
    ticket: str
    expires_in: int


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A visit that is being finished; nobody can finish it again."""

    account_id: UUID | None
    session_id: UUID | None
    nonce_hash: str
    code_verifier: str
    redirect_uri: str
    started_at: datetime


def start(
    provider: Provider,
    *,
    purpose: FederationFlow.Purpose,
    redirect_uri: str,
    now: datetime,
    account_id: UUID | None = None,
    session_id: UUID | None = None,
) -> Started:
    """Return the URL of the provider's sign-in; raise `RedirectUriUnknown`.

    The state travels in URLs, which others may see or forge. The ticket stays with the client,
    so that nobody can have a stranger's browser finish what they began, or the other way round.
    """
    providers.check_redirect_uri(redirect_uri)
    state, nonce, verifier, ticket = (new_secret() for _ in range(4))
    url = _authorization_url(
        provider,
        redirect_uri=redirect_uri,
        state=state,
        nonce=nonce,
        verifier=verifier,
        now=now,
        **(ANEW if purpose == Purpose.STEP_UP else {}),
    )
    with transaction("auth"):
        FederationFlow.objects.create(
            purpose=purpose,
            provider=provider.name,
            account_id=account_id,
            session_id=session_id,
            ticket_hash=hash_secret(ticket),
            state_hash=hash_secret(state),
            nonce_hash=hash_secret(nonce),
            code_verifier_encrypted=encrypt(verifier),
            redirect_uri=redirect_uri,
            created_at=now,
            expires_at=now + LIFETIME,
        )
    return Started(authorization_url=url, ticket=ticket, expires_in=LIFETIME.seconds)


def _authorization_url(
    provider: Provider, *, state: str, nonce: str, verifier: str, now: datetime, **more: Any
) -> str:
    client = OAuth2Client(
        None,
        client_id=provider.client_id,
        scope=provider.scopes,
        code_challenge_method="S256",
    )
    endpoint = discovery.metadata(provider, now=now).authorization_endpoint
    url, _ = client.create_authorization_url(
        endpoint, state=state, code_verifier=verifier, nonce=nonce, **more
    )
    return str(url)


def claim(
    provider: Provider,
    *,
    purpose: FederationFlow.Purpose,
    ticket: str,
    state: str,
    now: datetime,
) -> Claimed:
    """Return the visit, used up from now on; raise `TicketInvalid`.

    It is committed at once: what comes next asks the provider, and may not be tried twice.
    """
    with transaction("auth", final=False):
        flow = (
            FederationFlow.objects.select_for_update()
            .filter(state_hash=hash_secret(state), provider=provider.name, purpose=purpose)
            .filter(used_at__isnull=True, expires_at__gt=now)
            .first()
        )
        if flow is None or not equal(flow.ticket_hash, hash_secret(ticket)):
            raise TicketInvalid
        verifier = decrypt(flow.code_verifier_encrypted)
        flow.used_at, flow.code_verifier_encrypted = now, ""
        flow.save(update_fields=["used_at", "code_verifier_encrypted"])
    return Claimed(
        account_id=flow.account_id,
        session_id=flow.session_id,
        nonce_hash=flow.nonce_hash,
        code_verifier=verifier,
        redirect_uri=flow.redirect_uri,
        started_at=flow.created_at,
    )
