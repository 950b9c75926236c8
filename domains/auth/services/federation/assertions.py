"""Whether a token is the provider's word about somebody, for us and for this sign-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from domains.auth.contract.errors import FederationFailed
from domains.auth.services.federation import discovery
from domains.auth.services.federation.providers import Provider
from kernel.crypto import equal, hash_secret

LEEWAY = timedelta(seconds=30)
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST = 255
LATEST = 1 << 35  # seconds: in the year 3058


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """What a provider says of whoever signed in there. `email` is "" unless it is verified.

    `proven_at` is None if it doesn't say when they proved to be it.
    """

    issuer: str
    subject: str
    session: str
    email: str
    email_is_known: bool
    proven_at: datetime | None = None
    access_token: str = ""


@dataclass(frozen=True, kw_only=True)
class Logout:
    """Who was signed out at a provider: a session of it, or somebody everywhere."""

    subject: str
    session: str
    token_id: str
    expires_at: int


def verify_id_token(
    provider: Provider,
    token: str,
    *,
    access_token: str,
    nonce_hash: str,
    proven_since: datetime | None,
    now: datetime,
) -> Assertion:
    """Return what the ID token says; raise `FederationFailed` (OpenID Connect Core, 3.1.3.7).

    With `proven_since` it must say that the person proved anew at the provider since then.
    """
    verified = _verify_signature(provider, token, types=("jwt",), now=now)
    claims = CodeIDToken(
        verified.claims,
        verified.header,
        options={
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
            "nonce": {"essential": True, "validate": _hashes_to(nonce_hash)},
        },
        params={"client_id": provider.client_id, "access_token": access_token},
    )
    _validate(lambda: claims.validate(now=int(now.timestamp()), leeway=LEEWAY.seconds))
    proven_at = _proven_at(claims, now=now)
    if proven_since is not None and (proven_at is None or proven_at < proven_since - LEEWAY):
        _distrust("auth_time")
    read = Assertion(
        issuer=provider.issuer,
        subject=_text(claims, "sub"),
        session=_text(claims, "sid", needed=False),
        email="",
        email_is_known=False,
        proven_at=proven_at,
        access_token=access_token,
    )
    return with_email(read, claims)


def with_email(assertion: Assertion, claims: dict[str, Any]) -> Assertion:
    """Return the assertion with the address of the claims, if they say that it is verified."""
    verified = claims.get("email_verified") is True and isinstance(claims.get("email"), str)
    return replace(
        assertion,
        email=claims["email"] if verified else "",
        email_is_known="email" in claims,
    )


def verify_logout_token(provider: Provider, token: str, *, now: datetime) -> Logout:
    """Return who was signed out; raise `FederationFailed` (Back-Channel Logout 1.0, 2.6)."""
    verified = _verify_signature(provider, token, types=("jwt", "logout+jwt"), now=now)
    claims = verified.claims
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY.seconds,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
        events={"essential": True},
    )
    _validate(lambda: registry.validate(claims))
    events = claims["events"]
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        _distrust("no logout")
    if "nonce" in claims:
        _distrust("nonce")
    found = Logout(
        subject=_text(claims, "sub", needed=False),
        session=_text(claims, "sid", needed=False),
        token_id=_text(claims, "jti"),
        expires_at=int(claims["exp"]),
    )
    if not (found.subject or found.session):
        _distrust("nobody")
    return found


def _verify_signature(
    provider: Provider, token: str, *, types: tuple[str, ...], now: datetime
) -> jwt.Token:
    allowed = discovery.metadata(provider, now=now).algorithms
    registry = JWSRegistry(algorithms=allowed, strict_check_header=False)
    known = discovery.keys(provider, now=now)
    try:
        found = jwt.decode(token, known, registry=registry)
    except (InvalidKeyIdError, BadSignatureError):
        # The provider may have other keys by now.
        renewed = discovery.keys(provider, now=now, anew=True)
        found = _validate(lambda: jwt.decode(token, renewed, registry=registry))
    except (JoseError, ValueError, TypeError):
        _distrust("form or algorithm")
    if str(found.header.get("typ", "jwt")).lower() not in types:
        _distrust("type")
    return found


def _validate(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except JoseError as error:
        _distrust(getattr(error, "claim", None) or error.error)
    except (ValueError, TypeError):
        _distrust("form")


def _hashes_to(nonce_hash: str) -> Callable[[Any, Any], bool]:
    return lambda _, nonce: isinstance(nonce, str) and equal(hash_secret(nonce), nonce_hash)


def _proven_at(claims: dict[str, Any], *, now: datetime) -> datetime | None:
    at = claims.get("auth_time")
    if at is None:
        return None
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < LATEST:
        _distrust("auth_time")
    return min(datetime.fromtimestamp(at, UTC), now)  # clocks differ


def _text(claims: dict[str, Any], name: str, *, needed: bool = True) -> str:
    value = claims.get(name, "")
    fits = isinstance(value, str) and len(value) <= LONGEST and "\0" not in value
    if not fits or (needed and not value):
        _distrust(name)
    return value


def _distrust(what: str) -> NoReturn:
    raise FederationFailed(f"The provider's token does not hold: {what}.") from None
