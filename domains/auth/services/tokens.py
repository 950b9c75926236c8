"""What a client carries: the signed access token and the opaque refresh token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.conf import settings

from domains.auth.contract.data import Method
from domains.auth.models import Session
from domains.auth.services import jws
from domains.auth.services.keys import Signer
from kernel.crypto import hash_secret, new_secret

# RFC 8176. A passkey proves a key and, by the verification it asks of its user, a second factor.
AMR = {
    Method.PASSWORD: ("pwd",),
    Method.EMAIL: ("otp",),
    Method.FEDERATED: ("fed",),
    Method.TOTP: ("otp",),
    Method.RECOVERY_CODE: ("otp",),
    Method.PASSKEY: ("mfa", "pop", "user"),
}
# Beside a first factor. A passkey needs none beside it.
_SECOND = frozenset({Method.TOTP, Method.RECOVERY_CODE})
FAMILY_LENGTH = len(new_secret())


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """The answer to a sign-in (RFC 6749, 5.1)."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


@dataclass(frozen=True, kw_only=True)
class Access:
    """An access token without a new refresh token: the answer to a step-up."""

    access_token: str
    token_type: str
    expires_in: int


def make_access(*, signer: Signer, session: Session, now: datetime) -> Access:
    """Return a fresh access token of the session."""
    # No access token outlives its session.
    lifetime = min(settings.ACCESS_TOKEN_LIFETIME, session.ends_at - now)
    seconds = int(lifetime.total_seconds())
    return Access(
        access_token=_sign(signer, session, seconds=seconds, now=now),
        token_type="Bearer",  # noqa: S106  a type (RFC 6750), not a secret
        expires_in=seconds,
    )


def auth_time(session: Session) -> int:
    """Return when the session's owner was last proven, as tokens say it."""
    return int(session.proven_at.timestamp())


def make_tokens(*, signer: Signer, session: Session, refresh_token: str, now: datetime) -> Tokens:
    """Return the refresh token with a fresh access token beside it."""
    access = make_access(signer=signer, session=session, now=now)
    return Tokens(refresh_token=refresh_token, **vars(access))


def _sign(signer: Signer, session: Session, *, seconds: int, now: datetime) -> str:
    """Return a JWT access token (RFC 9068); `act` names the staff who act as the account."""
    issued_at = int(now.timestamp())
    claims: dict[str, object] = {
        "iss": settings.JWT_ISSUER,
        "aud": settings.JWT_AUDIENCE,
        "sub": str(session.account_id),
        "sid": str(session.id),
        "jti": str(uuid4()),
        "auth_time": auth_time(session),
        "amr": amr(session.methods),
        "iat": issued_at,
        "nbf": issued_at,
        "exp": issued_at + seconds,
    }
    if session.impersonator_id:
        claims["act"] = {"sub": str(session.impersonator_id)}  # RFC 8693, 4.1
    return jws.sign(signer.header, claims, signer.key)


def amr(methods: Iterable[str]) -> list[str]:
    """Return the methods in the words of RFC 8176, and `mfa` where there are several factors.

    Two ways to prove the first factor, such as a password and a mailbox, are no second one.
    """
    proven = {Method(method) for method in methods}
    said = {word for method in proven for word in AMR[method]}
    several = proven & _SECOND and proven - _SECOND
    return sorted(said | {"mfa"} if several else said)


def new_family() -> str:
    """Return the family secret of a new session: the first half of all its refresh tokens."""
    return new_secret()


def new_refresh_token(family: str) -> str:
    """Return a refresh token of the session: 256 bits of its own behind the family's 256."""
    return family + new_secret()


def family_of(refresh_token: str) -> str:
    """Return the family secret in the refresh token."""
    return refresh_token[:FAMILY_LENGTH]


def family_hash_of(refresh_token: str) -> str:
    """Return what the session of the refresh token is found by."""
    return hash_secret(family_of(refresh_token))
