"""Signing of compact JWS with ES256 (RFC 7515, 3.1; RFC 7518, 3.4)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

ALGORITHM = "ES256"
_NUMBER_BYTES = 32
_HOW = ECDSA(SHA256())


def encode(part: Mapping[str, object]) -> str:
    """Return a header or the claims as they stand in a token."""
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def sign(header: str, claims: Mapping[str, object], key: EllipticCurvePrivateKey) -> str:
    """Return the token of the claims, signed by a key on P-256; the header is encoded already."""
    signed = f"{header}.{encode(claims)}"
    # OpenSSL gives the two numbers in DER, JWS has them one behind the other.
    numbers = decode_dss_signature(key.sign(signed.encode(), _HOW))
    signature = b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in numbers)
    return f"{signed}.{_base64(signature)}"


def _base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
