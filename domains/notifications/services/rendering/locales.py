"""Which language something is said in: the nearest one to what its reader wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
DEFAULT = "en"
LONGEST_TAG = 35


def lookup(*, wanted: str, available: Iterable[str], default: str = DEFAULT) -> str:
    """Return the tag of those available that is nearest to the wanted one, or the default.

    `de-AT` → `de` → default: the Lookup of RFC 4647, 3.4. Case doesn't matter (2.1).
    """
    known = {tag.lower(): tag for tag in available}
    return next((known[tag] for tag in _shorter(wanted.lower()) if tag in known), default)


def _shorter(tag: str) -> Iterator[str]:
    subtags = tag.replace("_", "-").split("-")
    while subtags:
        yield "-".join(subtags)
        subtags.pop()
        # What a single letter introduces says nothing by itself (RFC 4647, 3.4, step 3).
        if subtags and len(subtags[-1]) == 1:
            subtags.pop()


@cache
def of_the_product() -> tuple[str, ...]:
    """Return the languages that the product's own texts are written in."""
    return tuple(sorted(each.parent.name for each in TEMPLATES.glob("*/layout")))


@cache
def babel_locale(tag: str) -> Locale:
    """Return how times and numbers are written in the language: English days before months."""
    for each in _shorter(tag[:LONGEST_TAG]):
        try:
            locale = Locale.parse("en_GB" if each == DEFAULT else each.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
        return locale
    return Locale.parse("en_GB")


def direction(tag: str) -> str:
    """Return `rtl` for a language that is written from right to left, or `ltr`."""
    return str(babel_locale(tag).text_direction)
