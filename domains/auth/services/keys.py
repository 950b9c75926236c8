"""The key pairs that access tokens are signed with.

One signs; the next one is published already, so that whoever verifies knows it in time; retired
ones verify for a while.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings
from django.db import connections
from django.db.models import Q
from joserfc.jwk import ECKey

from domains.auth.contract.data import VerificationKey
from domains.auth.contract.errors import NextKeyTooNew
from domains.auth.contract.events import SigningKeyRotated
from domains.auth.models import SigningKey
from domains.auth.services import jws
from kernel.crypto import decrypt, encrypt
from kernel.db import transaction
from kernel.events import publish

# The next key is published for so long before it signs: far longer than anybody may keep the set.
ANNOUNCED = timedelta(hours=1)
# A retired key verifies for longer than any token lives.
OVERLAP = timedelta(hours=24)
# A process may sign with a key for so long after it was retired.
FRESH_SECONDS = 10.0
TOKEN_TYPE = "at+jwt"  # noqa: S105  RFC 9068
_LOCK = 0x74656E6F6E6B6579


@dataclass(frozen=True, kw_only=True)
class Signer:
    """The private key that signs at this moment."""

    kid: str
    key: EllipticCurvePrivateKey

    @cached_property
    def header(self) -> str:
        """The encoded header of the tokens that it signs."""
        return jws.encode({"alg": jws.ALGORITHM, "typ": TOKEN_TYPE, "kid": self.kid})


@dataclass
class _Process:
    """What this process remembers, and until when (monotonic seconds)."""

    signer: Signer | None = None
    until: float = 0.0


_process = _Process()


def get_signer(*, now: datetime) -> Signer:
    """Return the present key pair, made on first need. Call it before a transaction is open."""
    known = _process.signer
    if known and time.monotonic() < _process.until:
        return known
    row = _present()
    if row is None:
        return _signer(_make_first(now=now))
    if known is None or known.kid != row.kid:
        _process.signer = known = _signer(row)
    _process.until = time.monotonic() + FRESH_SECONDS
    return known


def forget() -> None:
    """Look at the next need which key signs."""
    _process.signer, _process.until = None, 0.0


def get_verification_keys(*, now: datetime) -> list[VerificationKey]:
    """Return the public keys of every pair that a valid token may be signed with, or soon will."""
    get_signer(now=now)
    return [
        VerificationKey(kid=row.kid, algorithm=row.algorithm, public_key_pem=row.public_key_pem)
        for row in SigningKey.objects.filter(_published(now)).order_by("-created_at", "kid")
    ]


def _published(now: datetime) -> Q:
    return Q(retired_at__isnull=True) | Q(retired_at__gt=now - OVERLAP)


def get_key_set(*, now: datetime) -> dict[str, list[dict[str, object]]]:
    """Return the public keys as a JWK set (RFC 7517)."""
    return {"keys": [_to_jwk(key) for key in get_verification_keys(now=now)]}


def rotate(*, now: datetime) -> str:
    """Sign with the next key from now on, and publish the one after it; return its id.

    Raise `NextKeyTooNew` while not everybody who verifies may know it: so of two rotations at
    once there is one.
    """
    with transaction("auth"):
        _lock()
        return _turn(now=now)


def replace_compromised(*, now: datetime) -> str:
    """Sign with a new key and refuse what any other has signed; return its id."""
    with transaction("auth"):
        _lock()
        # As if their overlap were over: they aren't published any more.
        published = SigningKey.objects.filter(_published(now))
        published.update(retired_at=now - OVERLAP)
        made = _begin(now=now)
        publish(SigningKeyRotated(kid=made.kid))
    forget()
    return made.kid


def renew(*, now: datetime) -> None:
    """Publish the next key if there is none, and sign with it once the present one is old."""
    with transaction("auth"):
        _lock()
        present, waiting = _present(), _waiting()
        if present is None:
            _begin(now=now)
        elif waiting is None:
            _make(now=now)
        elif _is_old(present, now=now) and _is_announced(waiting, now=now):
            _turn(now=now)


def _turn(*, now: datetime) -> str:
    waiting = _waiting()
    if waiting is None or not _is_announced(waiting, now=now):
        minutes = int(ANNOUNCED.total_seconds()) // 60
        raise NextKeyTooNew(f"It signs {minutes} minutes after it was published at the earliest.")
    SigningKey.objects.filter(activated_at__isnull=False, retired_at__isnull=True).update(
        retired_at=now
    )
    waiting.activated_at = now
    waiting.save(update_fields=["activated_at"])
    _make(now=now)
    publish(SigningKeyRotated(kid=waiting.kid))
    forget()
    return waiting.kid


def _is_old(key: SigningKey, *, now: datetime) -> bool:
    return key.activated_at is None or key.activated_at <= now - settings.SIGNING_KEY_LIFETIME


def _is_announced(key: SigningKey, *, now: datetime) -> bool:
    return key.created_at <= now - ANNOUNCED


def _present() -> SigningKey | None:
    return SigningKey.objects.filter(activated_at__isnull=False, retired_at__isnull=True).first()


def _waiting() -> SigningKey | None:
    return SigningKey.objects.filter(activated_at__isnull=True, retired_at__isnull=True).first()


def _make_first(*, now: datetime) -> SigningKey:
    with transaction("auth", final=False):
        _lock()
        return _present() or _begin(now=now)


def _begin(*, now: datetime) -> SigningKey:
    """Make a key that signs at once, and the next one."""
    present = _make(now=now, activated_at=now)
    if _waiting() is None:
        _make(now=now)
    return present


def _lock() -> None:
    """Let one process at a time decide which key signs, until the transaction ends."""
    with connections["auth"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _make(*, now: datetime, activated_at: datetime | None = None) -> SigningKey:
    key = ECKey.generate_key("P-256", private=True)
    return SigningKey.objects.create(
        kid=key.thumbprint(),
        algorithm=jws.ALGORITHM,
        public_key_pem=key.as_pem(private=False).decode(),
        private_key_encrypted=encrypt(key.as_pem(private=True).decode()),
        created_at=now,
        activated_at=activated_at,
    )


def _signer(row: SigningKey) -> Signer:
    pair = ECKey.import_key(decrypt(row.private_key_encrypted))
    return Signer(kid=row.kid, key=cast("EllipticCurvePrivateKey", pair.private_key))


def _to_jwk(key: VerificationKey) -> dict[str, object]:
    public = ECKey.import_key(key.public_key_pem)
    return dict(public.as_dict(private=False, kid=key.kid, use="sig", alg=key.algorithm))
