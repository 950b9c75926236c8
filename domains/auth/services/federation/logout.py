"""Signing out at a provider, and being signed out from there."""

from __future__ import annotations

from datetime import datetime

from authlib.common.urls import add_params_to_uri

from domains.auth.contract.errors import (
    FederationFailed,
    LogoutTokenInvalid,
    ProviderNotFound,
    SessionRequired,
)
from domains.auth.models import Session, SignInTicket
from domains.auth.services import sessions
from domains.auth.services.federation import assertions, discovery, providers
from domains.auth.services.federation.assertions import LEEWAY, Logout
from domains.auth.services.federation.providers import Provider
from kernel import facts
from kernel.crypto import hash_secret
from kernel.db import transaction
from kernel.principal import Principal


def logout_url(principal: Principal, *, now: datetime) -> str | None:
    """Return where the session's owner can sign out at its provider too, or None.

    None if the session began without a provider, or the provider has no such page (RP-Initiated
    Logout 1.0). Raise `SessionRequired` or `ProviderUnavailable`.
    """
    if principal.session_id is None:
        raise SessionRequired
    session = Session.objects.select_related("identity").get(id=principal.session_id)
    if session.identity is None:
        return None
    try:
        provider = providers.get(session.identity.provider)
    except ProviderNotFound:
        return None
    endpoint = discovery.metadata(provider, now=now).end_session_endpoint
    if not endpoint:
        return None
    said = {
        "client_id": provider.client_id,
        "post_logout_redirect_uri": providers.logout_redirect_uri(),
    }
    return str(add_params_to_uri(endpoint, list(said.items())))


def take_notice(*, provider: str, token: str, now: datetime) -> None:
    """End the sessions of whoever the provider says was signed out there, once.

    Raise `ProviderNotFound`, `ProviderUnavailable` or `LogoutTokenInvalid`.
    """
    chosen = providers.get(provider)
    try:
        logout = assertions.verify_logout_token(chosen, token, now=now)
    except FederationFailed as error:
        raise LogoutTokenInvalid(error.detail) from error
    if not _is_new(chosen, logout, now=now):
        raise LogoutTokenInvalid("It was used before.")
    _end(chosen, logout, now=now)


def _is_new(provider: Provider, logout: Logout, *, now: datetime) -> bool:
    """Return whether the token was not seen before.

    While Redis is away nobody remembers: signing out twice does less harm than not at all.
    """
    key = "logout:" + hash_secret(f"{provider.issuer} {logout.token_id}")
    left = logout.expires_at + LEEWAY.seconds - int(now.timestamp())
    if facts.get(key) is not None:
        return False
    stored = facts.put(key, "used", ttl=max(left, 1), only_if_absent=True)
    return stored or facts.get(key) is None


def _end(provider: Provider, logout: Logout, *, now: datetime) -> None:
    which = {"identity__issuer": provider.issuer}
    if logout.subject:
        which["identity__subject"] = logout.subject
    if logout.session:
        which["provider_session"] = logout.session
    with transaction("auth"):
        SignInTicket.objects.filter(**which, used_at__isnull=True).update(used_at=now)
        living = Session.objects.filter(**which, revoked_at__isnull=True)
        for session_id in living.values_list("id", flat=True).order_by("id"):
            sessions.revoke_sessions(reason=Session.Reason.PROVIDER, now=now, id=session_id)
