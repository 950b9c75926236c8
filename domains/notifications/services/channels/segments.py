"""How many segments a text takes as SMS (3GPP TS 23.038 and 23.040)."""

from __future__ import annotations

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each is written as an escape and itself.
EXTENSION = frozenset("\f^{}\\[~]|€")
MOST_SEGMENTS = 4
CUT = "..."  # the one character for it isn't in the basic set


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """What one SMS holds, in units, and a part of several, after the header that joins them."""

    name: str
    single: int
    part: int


GSM = Encoding(name="GSM-7", single=160, part=153)
UCS2 = Encoding(name="UCS-2", single=70, part=67)


def encoding_of(text: str) -> Encoding:
    """Return the encoding that the text needs: one character outside GSM 03.38 is enough."""
    return GSM if all(c in BASIC or c in EXTENSION for c in text) else UCS2


def count(text: str) -> int:
    """Return the number of segments; 1 for an empty text. No character is split between two."""
    encoding = encoding_of(text)
    units = [_units(c, encoding) for c in text]
    if sum(units) <= encoding.single:
        return 1
    parts, used = 1, 0
    for size in units:
        if used + size > encoding.part:
            parts, used = parts + 1, 0
        used += size
    return parts


def bounded(text: str, *, most: int = MOST_SEGMENTS) -> str:
    """Return the text as it is if it takes no more segments than that, else its beginning."""
    if count(text) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(_cut(text, middle)) <= most else (low, middle - 1)
    return _cut(text, low)


def _cut(text: str, length: int) -> str:
    return text[:length].rstrip() + CUT


def _units(character: str, encoding: Encoding) -> int:
    if encoding is GSM:
        return 2 if character in EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1  # noqa: PLR2004  a pair of surrogates
