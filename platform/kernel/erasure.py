"""Marks of erased e-mail addresses: what copies are found by once nobody may know the address.

Whoever erases an account says the marks of its addresses; whoever keeps addresses of its own
compares. A mark is keyed, so that nobody guesses an address from it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from kernel.crypto import sign, verify

PURPOSE = "erased-address"


def mark_of(address: str) -> str:
    """Return the mark of the address, the same however it is cased and composed."""
    return sign(PURPOSE, _folded(address))


def is_marked(address: str, marks: Sequence[str]) -> bool:
    """Return whether one of the marks is of this address, by any of the configured keys."""
    folded = _folded(address)
    return any(verify(PURPOSE, folded, mark) for mark in marks)


def _folded(address: str) -> bytes:
    return unicodedata.normalize("NFC", address).lower().encode()
