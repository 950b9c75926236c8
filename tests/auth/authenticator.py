"""An authenticator in software (WebAuthn level 2) that also answers wrongly if it is told to."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
RIGHT = PRESENT | VERIFIED


@dataclass(kw_only=True)
class Authenticator:
    """Holds one key; `domain`, `origin` and `flags` are what it claims in its answers."""

    domain: str
    origin: str
    flags: int = RIGHT
    count: int = 0
    counts: bool = True
    cross_origin: bool = False
    user_handle: bytes | None = None
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create`, without an attestation."""
        self.user_handle = base64url_to_bytes(options["user"]["id"])
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(self._attested())}
        return self._answer(
            clientDataJSON=self._client_data("webauthn.create", options["challenge"]),
            attestationObject=cbor2.dumps(attestation),
            transports=["internal", "hybrid", "carrier pigeon"],
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        if self.counts:
            self.count += 1
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._data()
        signed = data + hashlib.sha256(client_data).digest()
        return self._answer(
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=self.key.sign(signed, ec.ECDSA(hashes.SHA256())),
            userHandle=self.user_handle,
        )

    def copied(self, **changes: Any) -> Authenticator:
        """Return a copy of it, as of a stolen key, that may claim something else."""
        return replace(self, **changes)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said: dict[str, Any] = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps({**said, "crossOrigin": self.cross_origin}).encode()

    def _data(self, attested: bytes = b"") -> bytes:
        flags = self.flags | (ATTESTED if attested else 0)
        head = hashlib.sha256(self.domain.encode()).digest() + bytes([flags])
        return head + self.count.to_bytes(4, "big") + attested

    def _attested(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        # COSE (RFC 9053, 7.1.1): an EC2 key for ES256 on P-256.
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        return bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key

    def _answer(self, **response: Any) -> dict[str, Any]:
        written = {
            name: bytes_to_base64url(value) if isinstance(value, bytes) else value
            for name, value in response.items()
        }
        own_id = bytes_to_base64url(self.id)
        return {
            "id": own_id,
            "rawId": own_id,
            "type": "public-key",
            "response": written,
            "clientExtensionResults": {},
        }
