"""Who a request says it comes from: nobody, a session's access token, or an API key."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest

from domains.notifications import interface as notifications
from gateway.tokens import AccessToken, Verifier
from kernel import api_key_format
from kernel.crypto import hash_secret
from kernel.errors import Unauthenticated

API_KEY_PREFIX = "tnn_"
# RFC 6750, 2.1
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*) *\Z", re.IGNORECASE)


class CredentialsMissing(Unauthenticated):
    code = "gateway.credentials_missing"
    title = "Sign in first"


class CredentialsMalformed(Unauthenticated):
    code = "gateway.credentials_malformed"
    title = "The Authorization header can't be read"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What was shown: a verified token, or an API key's hash that is still to be looked up.

    `key_is_whole` is False of a key whose checksum is wrong: no such key was ever made.
    """

    token: AccessToken | None = None
    key_hash: str = ""
    key_is_whole: bool = True

    @property
    def subject(self) -> str:
        """Return a name for the caller that no other caller has."""
        if self.token:
            return f"account:{self.token.account_id}"
        return f"key:{self.key_hash[:32]}"


@cache
def verifier() -> Verifier:
    """Return the process's verifier of access tokens."""
    return Verifier()


def of_request(request: HttpRequest, *, by_ticket: bool = False) -> Credentials:
    """Return what the Authorization header shows, or where `by_ticket`, a ticket in the query.

    Raises `CredentialsMissing`, `CredentialsMalformed`, `TokenInvalid`, or notifications'
    `StreamTicketInvalid`.
    """
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if not header and by_ticket and "ticket" in request.GET:
        return _of_ticket(request.GET["ticket"])
    if not header:
        raise CredentialsMissing
    match = _BEARER.match(header)
    if match is None:
        raise CredentialsMalformed("Send `Authorization: Bearer <access token or API key>`.")
    if match[1].startswith(API_KEY_PREFIX):
        return Credentials(
            key_hash=hash_secret(match[1]), key_is_whole=api_key_format.is_whole(match[1])
        )
    return Credentials(token=verifier().verify(match[1]))


def _of_ticket(ticket: str) -> Credentials:
    """Return what the token said that the ticket was asked for with; it is used up by this."""
    grant = notifications.redeem_stream_ticket(ticket=ticket)
    token = AccessToken(
        account_id=grant.account_id,
        session_id=grant.session_id,
        auth_time=int(grant.proven_at.timestamp()),
        mfa=grant.mfa,
        impersonator_id=grant.impersonator_id,
        not_before=time.time(),
        expires=time.time(),
    )
    return Credentials(token=token)
