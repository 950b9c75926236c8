"""Where the words of a kind stand: in the domain's files, or in a template's version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Protocol

from domains.notifications.models import TemplateVersion
from domains.notifications.services.rendering.locales import TEMPLATES, lookup, of_the_product


class Source(Protocol):
    """The parts of one kind in one locale."""

    @property
    def locale(self) -> str:
        """The locale that it is in (BCP 47)."""

    @property
    def version(self) -> str:
        """The template's version; empty for files."""

    def find(self, channel: str, part: str) -> str | None:
        """Return the Liquid of the part, or None if the channel has no words of its own."""


@dataclass(frozen=True, kw_only=True)
class Files:
    """`templates/<locale>/<kind>/<channel>.<part>.liquid`."""

    kind: str
    locale: str
    version: str = ""

    def find(self, channel: str, part: str) -> str | None:
        """Return what the file says, or None if there is none."""
        return read(self.locale, self.kind, f"{channel}.{part}")


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The parts of a version, in the locale that is nearest to the reader's."""

    row: TemplateVersion
    wanted: str

    @property
    def locale(self) -> str:
        """The locale of most of it."""
        tags = {tag for locales in self.row.parts.values() for tag in locales}
        return lookup(wanted=self.wanted, available=tags, default=self.row.default_locale)

    @property
    def version(self) -> str:
        """Which template in which version."""
        return f"{self.row.template.key}@{self.row.number}"

    def find(self, channel: str, part: str) -> str | None:
        """Return what the version says there, or None if it has no words for the channel."""
        locales = self.row.parts.get(channel, {})
        tag = lookup(wanted=self.wanted, available=locales, default=self.row.default_locale)
        said: str | None = locales.get(tag, {}).get(part)
        return said


def files(*, kind: str, wanted: str) -> Files:
    """Return the product's own words of the kind, in the language nearest to the wanted one."""
    return Files(kind=kind, locale=lookup(wanted=wanted, available=of_the_product()))


@cache
def read(locale: str, kind: str, name: str) -> str | None:
    """Return a file's text, or None if there is none."""
    try:
        return (TEMPLATES / locale / kind / f"{name}.liquid").read_text()
    except FileNotFoundError:
        return None
