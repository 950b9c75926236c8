"""What an entry keeps of an event: facts for as long as the trail, personal parts until erased."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

MASK = "***"
LONGEST_TEXT = 500
MOST_ITEMS = 200
DEEPEST = 6
# Beyond it, numbers of JSON are not the same to all readers (RFC 8785, 3.2.2.3).
LARGEST_INTEGER = 2**53 - 1

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_SECRET_WORDS = frozenset(
    """
    token tokens secret secrets password passwords passwd passphrase code codes otp pin hash
    hashes salt key keys cookie cookies authorization credential credentials signature private
    jwt bearer
    """.split()  # noqa: SIM905
)
# What only says which secret or when: ids, times, and the part of a key that is shown.
_HARMLESS_ENDS = frozenset({"id", "ids", "at", "prefix", "name", "count"})
# A JSON Web Token, and a key in PEM.
_SECRET_TEXT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.|-----BEGIN [A-Z ]*PRIVATE")

_PERSONAL = frozenset(
    """
    address addresses email emails phone ip ip_address user_agent device network place city
    name display_name label title reason note filename subject
    """.split()  # noqa: SIM905
)


def split(payload: Mapping[str, Any], *, own_names: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the payload's facts and its personal parts, both without secrets and cut to size.

    `own_names` says that `name` is no person's word but an organization's, as of a role.
    """
    facts: dict[str, Any] = {}
    personal: dict[str, Any] = {}
    for key, value in payload.items():
        private = key in _PERSONAL and not (own_names and key == "name")
        (personal if private else facts)[key] = masked(key, value)
    return facts, personal


def masked(key: str, value: Any, *, depth: int = 0) -> Any:
    """Return the value as plain JSON without what looks like a secret, cut where it is long."""
    if value is None or isinstance(value, bool):
        return value
    if is_secret(key):
        return MASK
    if depth > DEEPEST:
        return "…"
    return _text(value) if isinstance(value, str) else _masked(value, key, depth=depth)


def _masked(value: Any, key: str, *, depth: int) -> Any:
    if isinstance(value, Mapping):
        return _object(value, depth=depth)
    if isinstance(value, list | tuple):
        items = [masked(key, item, depth=depth + 1) for item in value[:MOST_ITEMS]]
        return items if len(value) <= MOST_ITEMS else [*items, f"… {len(value) - MOST_ITEMS} more"]
    if isinstance(value, int) and abs(value) <= LARGEST_INTEGER:
        return value
    # As text, other numbers are the same to every reader.
    return _text(str(value))


@lru_cache(maxsize=1024)
def is_secret(key: str) -> bool:
    """Return whether what is called so looks like a secret."""
    words = [word.lower() for word in _WORDS.findall(key)]
    if not words or words[-1] in _HARMLESS_ENDS:
        return False
    return not _SECRET_WORDS.isdisjoint(words)


def _object(value: Mapping[str, Any], *, depth: int) -> dict[str, Any]:
    """Return the object; of a changed field that is a secret, only that it changed."""
    kept = list(value.items())[:MOST_ITEMS]
    field = value.get("field")
    if isinstance(field, str) and is_secret(field):
        return {name: MASK if name in ("before", "after") else inner for name, inner in kept}
    return {str(name)[:LONGEST_TEXT]: masked(name, v, depth=depth + 1) for name, v in kept}


def _text(text: str) -> str:
    if _SECRET_TEXT.search(text):
        return MASK
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
