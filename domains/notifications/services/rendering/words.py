"""Facts and other people's words, made fit for a line of our text in somebody's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, get_currency_precision

from domains.notifications.services.rendering import vocabulary
from domains.notifications.services.rendering.facts import FACT
from domains.notifications.services.rendering.locales import babel_locale

# Bidirectional controls let a name turn the text after it around (CVE-2021-42574).
BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
BREAKS = frozenset({"Cc", "Zl", "Zp"})
LONGEST_NAME = 80
UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True, kw_only=True)
class Reader:
    """In whose language (BCP 47) and time zone (IANA) something is said."""

    locale: str
    time_zone: str = "UTC"

    @property
    def zone(self) -> tzinfo:
        """The time zone; UTC where the name is unknown."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return UTC


def one_line(text: str, *, longest: int = LONGEST_NAME) -> str:
    """Return the text as one bounded line: no name breaks out of a header (RFC 5322, 2.2)."""
    kept = (
        " " if unicodedata.category(character) in BREAKS else character
        for character in text
        if character not in BIDI_CONTROLS and unicodedata.category(character) != "Cs"
    )
    line = " ".join("".join(kept).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def in_words(context: Mapping[str, Any], *, reader: Reader) -> dict[str, Any]:
    """Return the context with every fact in it said in the reader's language."""
    return {name: said(value, reader=reader) for name, value in context.items()}


def said(value: Any, *, reader: Reader) -> Any:
    """Return a fact in words; anything else as it is."""
    if isinstance(value, dict) and FACT in value:
        return _SAY[value[FACT]](value, reader)
    return value


def moment(at: datetime, *, reader: Reader) -> str:
    """Return the instant as people read it: "22 November 2026, 17:12 UTC"."""
    there = at.astimezone(reader.zone)
    locale = babel_locale(reader.locale)
    zone = there.tzname() or reader.time_zone
    return f"{_day(there.date(), reader)}, {format_time(there, 'short', locale=locale)} {zone}"


def _moment(fact: Mapping[str, Any], reader: Reader) -> str:
    return moment(datetime.fromisoformat(fact["value"]), reader=reader)


def _day(on: date, reader: Reader) -> str:
    return format_date(on, "long", locale=babel_locale(reader.locale))


def _size(fact: Mapping[str, Any], reader: Reader) -> str:
    figure, unit = float(fact["value"]), UNITS[0]
    for unit in UNITS:
        if figure < 1024 or unit == UNITS[-1]:  # noqa: PLR2004  the step of binary prefixes
            break
        figure /= 1024
    shown = format_decimal(
        figure, "#,##0" if unit == UNITS[0] else "#,##0.0", locale=babel_locale(reader.locale)
    )
    return f"{shown} {unit}"


def _money(fact: Mapping[str, Any], reader: Reader) -> str:
    major = fact["value"] / 10 ** get_currency_precision(fact["currency"])
    return format_currency(major, fact["currency"], locale=babel_locale(reader.locale))


def _word(fact: Mapping[str, Any], reader: Reader) -> str:
    return one_line(vocabulary.word(fact["value"], locale=reader.locale))


_SAY: dict[str, Callable[[Mapping[str, Any], Reader], str]] = {
    "moment": _moment,
    "day": lambda fact, reader: _day(date.fromisoformat(fact["value"]), reader),
    "size": _size,
    "money": _money,
    "word": _word,
}
