"""The form of an API key: a name to know it by, 256 random bits, and a checksum.

The name and the checksum let secret scanners, and the gateway, tell a key from noise without
asking anybody.
"""

from __future__ import annotations

import secrets
import string
from zlib import crc32

NAME = "tnn_live_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_LENGTH = 43  # 62 ** 43 > 2 ** 256
CHECKSUM_LENGTH = 6  # 62 ** 6 > 2 ** 32
SHOWN = 4


def new_api_key() -> str:
    """Return a new key: `tnn_live_`, 43 digits of base 62, and the CRC-32 of it all in six."""
    body = NAME + _base62(secrets.randbits(256), SECRET_LENGTH)
    return body + checksum(body)


def checksum(body: str) -> str:
    """Return the CRC-32 of the key's body in base 62."""
    return _base62(crc32(body.encode()), CHECKSUM_LENGTH)


def is_whole(api_key: str) -> bool:
    """Return whether the checksum fits, as it does of every key that was ever made."""
    body, shown = api_key[:-CHECKSUM_LENGTH], api_key[-CHECKSUM_LENGTH:]
    return checksum(body) == shown


def prefix_of(api_key: str) -> str:
    """Return the part of the key that may be shown, to tell it from others."""
    return api_key[: len(NAME) + SHOWN]


def _base62(number: int, length: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits.rjust(length, ALPHABET[0])
