"""What people prefer: a few keys that every client knows, and keys of the clients' own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from domains.users.contract.errors import TooManyPreferences

# What the built-in keys may be; the first is what clients do without.
CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "density": ("comfortable", "compact"),
    "text_size": ("medium", "small", "large"),
    "time_format": ("locale", "12h", "24h"),
    "date_format": ("locale", "iso", "dmy", "mdy"),
    "week_start": ("locale", "monday", "saturday", "sunday"),
}
SWITCHES = ("reduced_motion", "high_contrast", "keyboard_shortcuts")
CUSTOM = "custom."
CUSTOM_KEY = re.compile(r"custom\.[a-z0-9][a-z0-9_.-]{0,63}")
LONGEST_TEXT = 500
MOST_CUSTOM = 100


def merged(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the preferences with what is wanted; None takes a key away (RFC 7396).

    Raise `TooManyPreferences` if that leaves more keys of the clients' own than there may be.
    """
    found = {key: value for key, value in {**present, **wanted}.items() if value is not None}
    if sum(key.startswith(CUSTOM) for key in found) > MOST_CUSTOM:
        raise TooManyPreferences(
            f"There may be {MOST_CUSTOM} keys that begin with {CUSTOM}", pointer="/preferences"
        )
    return found
