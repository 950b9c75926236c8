"""Access tokens: ES256 JWTs of type at+jwt (RFC 9068), verified as RFC 8725 asks.

The only module that knows simplejwt and PyJWT.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any, cast
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from jwt.types import Options
from rest_framework_simplejwt.backends import TokenBackend

from domains.auth import interface as auth
from kernel.errors import Unauthenticated

ALGORITHM = "ES256"
LEEWAY_SECONDS = 30
LONGEST_TOKEN = 4096
KEYS_FRESH_SECONDS = 60.0
KEYS_PAUSE_SECONDS = 5.0
REMEMBERED = 4096
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "sid", "auth_time"]
_HEADER = frozenset({"alg", "kid", "typ"})
_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
# What ES256 signs, without padding; 64 bytes of signature are 86 characters.
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")
# The last of the 86 has four bits to spare, which are zero: otherwise 16 texts were one signature.
_LAST = frozenset("AQgw")


class TokenInvalid(Unauthenticated):
    code = "gateway.token_invalid"
    title = "The access token is not valid"


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """What a verified token says, and for how long (seconds since 1970).

    `auth_time` is when its owner was last proven, `mfa` whether by several factors,
    `impersonator_id` the staff who act as the owner.
    """

    account_id: UUID
    session_id: UUID
    auth_time: int
    mfa: bool
    impersonator_id: UUID | None
    not_before: float
    expires: float


class VerificationKeys:
    """The issuer's public keys by id; asked for again when old, or unknown and some time ago."""

    def __init__(self) -> None:
        self._keys: dict[str, EllipticCurvePublicKey] = {}
        self._asked = float("-inf")
        self._lock = Lock()
        self.generation = 0

    def get(self, kid: str) -> EllipticCurvePublicKey | None:
        """Return the key, or None if the issuer has none of that id."""
        self.refresh(unknown=kid not in self._keys)
        return self._keys.get(kid)

    def refresh(self, *, unknown: bool = False) -> None:
        """Ask the issuer if it is time; a failure leaves the known keys in force."""
        wait = KEYS_PAUSE_SECONDS if unknown else KEYS_FRESH_SECONDS
        if time.monotonic() - self._asked < wait:
            return
        with self._lock:
            if time.monotonic() - self._asked < wait:
                return
            self._ask()

    def _ask(self) -> None:
        try:
            published = auth.get_verification_keys()
        except Exception:
            if not self._keys:
                raise
        else:
            self._take(published)
        # Only now: whoever comes meanwhile waits for the keys instead of going on without them.
        self._asked = time.monotonic()

    def _take(self, published: list[auth.VerificationKey]) -> None:
        keys = {k.kid: _load(k.public_key_pem) for k in published if k.algorithm == ALGORITHM}
        if keys.keys() != self._keys.keys():
            self.generation += 1
        self._keys = keys


def _load(pem: str) -> EllipticCurvePublicKey:
    return cast("EllipticCurvePublicKey", load_pem_public_key(pem.encode()))


class AccessTokenBackend(TokenBackend):
    """simplejwt's backend with the issuer's keys by `kid`, and all claims demanded."""

    def __init__(self, keys: VerificationKeys) -> None:
        super().__init__(
            algorithm=ALGORITHM,
            audience=settings.JWT_AUDIENCE,
            issuer=settings.JWT_ISSUER,
            leeway=LEEWAY_SECONDS,
        )
        self.keys = keys

    def get_verifying_key(self, token: Any) -> EllipticCurvePublicKey:
        """Return the key that the header names; nothing else in it may choose one."""
        header = read_once(token.partition(".")[0])
        if header.keys() != _HEADER or header["typ"].lower() not in (
            "at+jwt",
            "application/at+jwt",
        ):
            raise jwt.InvalidTokenError("not a header of ours")
        key = self.keys.get(header["kid"])
        if key is None:
            raise jwt.InvalidKeyError("unknown key")
        return key

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002
        """Return the claims; raise `jwt.InvalidTokenError`."""
        options: Options = {"require": _REQUIRED, "strict_aud": True}
        claims: dict[str, Any] = jwt.decode(
            token,
            self.get_verifying_key(token),
            algorithms=[self.algorithm],
            audience=self.audience,
            issuer=self.issuer,
            leeway=self.get_leeway(),
            options=options,
        )
        if read_once(token.split(".")[1]) != claims:
            raise jwt.InvalidTokenError("ambiguous claims")
        return claims


def read_once(part: str) -> dict[str, Any]:
    """Return a header or claims; raise ValueError unless there is one way to read them.

    Libraries differ in which of two equal names counts (RFC 8725, 2.6), and in what they make of
    base64 whose last bits are no part of any byte.
    """
    octets = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if urlsafe_b64encode(octets).rstrip(b"=").decode() != part:
        raise ValueError("not how these bytes are written")
    found: dict[str, Any] = json.loads(octets, object_pairs_hook=_without_repeats)
    return found


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


class Verifier:
    """Verifies tokens, and remembers by their hash those whose signature it has seen to be good."""

    def __init__(self) -> None:
        self._keys = VerificationKeys()
        self._backend = AccessTokenBackend(self._keys)
        self._seen: OrderedDict[bytes, tuple[int, AccessToken]] = OrderedDict()

    def verify(self, token: str) -> AccessToken:
        """Return what the token says; raise `TokenInvalid`."""
        self._keys.refresh()
        name = hashlib.sha256(token.encode()).digest()
        generation, known = self._seen.get(name, (-1, None))
        if known is None or generation != self._keys.generation:
            known = self._decode(token)
            self._remember(name, known)
        if not known.not_before - LEEWAY_SECONDS <= time.time() < known.expires + LEEWAY_SECONDS:
            raise TokenInvalid("It has expired.")
        return known

    def _decode(self, token: str) -> AccessToken:
        if len(token) > LONGEST_TOKEN:
            raise TokenInvalid("It is too long to be one.")
        compact = _COMPACT.fullmatch(token)
        if compact is None or compact[3][-1] not in _LAST:
            raise TokenInvalid("It is none of ours.")
        try:
            return _read(self._backend.decode(token))
        except jwt.ExpiredSignatureError as error:
            raise TokenInvalid("It has expired.") from error
        except (jwt.PyJWTError, *_UNREADABLE) as error:
            raise TokenInvalid from error

    def _remember(self, name: bytes, token: AccessToken) -> None:
        self._seen[name] = (self._keys.generation, token)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _read(claims: dict[str, Any]) -> AccessToken:
    act = claims.get("act")
    return AccessToken(
        account_id=UUID(claims["sub"]),
        session_id=UUID(claims["sid"]),
        auth_time=int(claims["auth_time"]),
        mfa="mfa" in _list(claims.get("amr")),
        impersonator_id=UUID(act["sub"]) if act is not None else None,
        not_before=float(max(claims.get("nbf", 0), claims["iat"])),
        expires=float(claims["exp"]),
    )
