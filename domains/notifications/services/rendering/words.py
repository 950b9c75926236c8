"""Other people's words, made fit for a line of our text."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

# Bidirectional controls let a name turn the text after it around (CVE-2021-42574).
BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
BREAKS = frozenset({"Cc", "Zl", "Zp"})
LONGEST_NAME = 80
UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
MOMENTS = frozenset({"until", "overlap_ends_at", "erase_at", "expires_at", "next_at", "period_end"})
METHODS = {
    "password": "password",
    "email": "sign-in by e-mail",
    "federated": "sign-in with another provider",
    "totp": "authenticator app",
    "recovery_code": "recovery code",
    "passkey": "passkey",
}


def one_line(text: str, *, longest: int = LONGEST_NAME) -> str:
    """Return the text as one bounded line: no name breaks out of a header (RFC 5322, 2.2)."""
    kept = (
        " " if unicodedata.category(character) in BREAKS else character
        for character in text
        if character not in BIDI_CONTROLS and unicodedata.category(character) != "Cs"
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def moment(at: datetime) -> str:
    """Return the instant as people read it: "22 November 2026, 17:12 UTC"."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"


def fact_in_words(name: str, fact: Any) -> str:
    """Return what an event said under this name, as people read it."""
    if name in MOMENTS:
        return moment(datetime.fromisoformat(fact))
    if name == "size":
        return _readable(fact)
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return METHODS.get(fact, one_line(str(fact))) if name == "method" else one_line(str(fact))


def _readable(size: int) -> str:
    figure = float(size)
    for unit in UNITS:
        if figure < 1024 or unit == UNITS[-1]:  # noqa: PLR2004  the step of binary prefixes
            break
        figure /= 1024
    return f"{figure:.0f} {unit}" if unit == UNITS[0] else f"{figure:.1f} {unit}"
