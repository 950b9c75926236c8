"""The code that a person brings back, exchanged for the provider's word about them."""

from __future__ import annotations

import logging
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client

from domains.auth.contract.errors import FederationFailed
from domains.auth.services.federation import assertions, discovery, transport
from domains.auth.services.federation.assertions import Assertion
from domains.auth.services.federation.flows import Claimed
from domains.auth.services.federation.providers import Provider

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a person brought back from the provider. `issuer` is "" if it was not named."""

    code: str
    issuer: str


def prove(
    provider: Provider, visit: Claimed, answer: Answer, *, anew: bool = False, now: datetime
) -> Assertion:
    """Return whom the provider vouches for; with `anew` they proved it during this visit.

    Raise `FederationFailed` or `ProviderUnavailable`.
    """
    _check_issuer(provider, answer.issuer, now=now)
    tokens = _redeem(provider, visit, code=answer.code, now=now)
    id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
    if not isinstance(id_token, str):
        raise FederationFailed("The provider sent no ID token.")
    return assertions.verify_id_token(
        provider,
        id_token,
        access_token=access_token if isinstance(access_token, str) else "",
        nonce_hash=visit.nonce_hash,
        proven_since=visit.started_at if anew else None,
        now=now,
    )


def ask_email(provider: Provider, assertion: Assertion, *, now: datetime) -> Assertion:
    """Return the assertion with the address, which many providers tell only when asked for it.

    Raise `FederationFailed` if the answer is about somebody else, or `ProviderUnavailable`.
    """
    endpoint = discovery.metadata(provider, now=now).userinfo_endpoint
    if assertion.email_is_known or not endpoint or not assertion.access_token:
        return assertion
    bearer = {"Authorization": f"Bearer {assertion.access_token}"}
    claims = transport.get_json(endpoint, headers=bearer)
    if claims.get("sub") != assertion.subject:
        raise FederationFailed("The provider's answers are about different people.")
    return assertions.with_email(assertion, claims)


def _check_issuer(provider: Provider, named: str, *, now: datetime) -> None:
    """Refuse the answer of another provider (RFC 9207), so that its code is sent nowhere."""
    must = discovery.metadata(provider, now=now).names_issuer
    if named != provider.issuer and (named or must):
        raise FederationFailed("The answer is another provider's.")


def _redeem(provider: Provider, visit: Claimed, *, code: str, now: datetime) -> dict[str, Any]:
    metadata = discovery.metadata(provider, now=now)
    method = "client_secret_post" if metadata.secret_in_body else "client_secret_basic"
    client = OAuth2Client(
        _Transport(),
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        token_endpoint_auth_method=method,
        redirect_uri=visit.redirect_uri,
    )
    client.register_client_auth_method(("client_secret_basic", _basic))
    try:
        return dict(
            client.fetch_token(
                metadata.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=visit.code_verifier,
            )
        )
    except OAuth2Error as error:
        log.warning("%s refused a code: %s", provider.name, error.error)
        raise FederationFailed("The provider did not take the code.") from error
    except (httpx.HTTPStatusError, ValueError) as error:
        transport.refuse("answered no tokens", cause=error)


class _Transport:
    """What Authlib sends by: its own client for httpx limits neither sizes nor times."""

    def post(
        self, url: str, *, data: dict[str, str], headers: dict[str, str], auth: ClientAuth
    ) -> httpx.Response:
        url, headers, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return transport.send("POST", url, headers=headers, content=body)


def _basic(
    client: ClientAuth, _method: str, url: str, headers: dict[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """Name the client as RFC 6749, 2.3.1 writes it: Authlib leaves out the encoding."""
    named = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {b64encode(named.encode()).decode()}"
    return url, headers, body
