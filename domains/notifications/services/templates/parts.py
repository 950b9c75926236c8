"""What each channel is said in: its parts, which of them it needs, and how long each may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domains.notifications.models import Channel, TemplateVersion
from domains.notifications.services.rendering.sandbox import LONGEST_SOURCE

# Without HTML a mail's text is shown in paragraphs.
PARTS: Mapping[str, tuple[str, ...]] = {
    Channel.IN_APP.value: ("title", "body"),
    Channel.EMAIL.value: ("subject", "text", "html"),
    Channel.WEB_PUSH.value: ("title", "body"),
    Channel.SMS.value: ("text",),
    Channel.CHAT.value: ("text",),
}
OPTIONAL = frozenset({(Channel.EMAIL.value, "html")})
# In characters, filled with the example. An SMS of six segments, a push of one screen.
LONGEST = {
    "title": 200,
    "subject": 200,
    (Channel.SMS.value, "text"): 918,
    (Channel.WEB_PUSH.value, "body"): 1_000,
    (Channel.CHAT.value, "text"): 4_000,
}
LONGEST_PART = 100_000
MOST_LOCALES = 50
# A language tag as it is kept: BCP 47 without extensions.
LOCALE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a version, and where it stands."""

    channel: str
    locale: str
    name: str
    source: str

    @property
    def is_html(self) -> bool:
        """Whether what it is filled with has to be escaped."""
        return self.name == "html"

    @property
    def longest(self) -> int:
        """How many characters it may come to."""
        return LONGEST.get((self.channel, self.name)) or LONGEST.get(self.name) or LONGEST_PART


def parts_of(version: TemplateVersion) -> Iterator[Part]:
    """Yield every part that the version has."""
    for channel, locales in version.parts.items():
        for locale, parts in locales.items():
            for name, source in parts.items():
                yield Part(channel=channel, locale=locale, name=name, source=source)


def misshapen(parts: Any) -> str | None:
    """Return what is no channel, locale, part or text there; None if all are."""
    if not isinstance(parts, dict):
        return "This is no object."
    for channel, locales in parts.items():
        if channel not in PARTS:
            return f"There is no channel {channel}."
        if not isinstance(locales, dict) or len(locales) > MOST_LOCALES:
            return f"{channel} holds {MOST_LOCALES} locales at most."
        for locale, said in locales.items():
            if wrong := _misshapen_locale(channel, locale, said):
                return wrong
    return None


def _misshapen_locale(channel: str, locale: str, said: Any) -> str | None:
    if not re.match(LOCALE, locale):
        return f"{locale} is no locale."
    if not isinstance(said, dict) or (said.keys() - set(PARTS[channel])):
        return f"{channel} has the parts {', '.join(PARTS[channel])}."
    if any(not isinstance(text, str) or len(text) > LONGEST_SOURCE for text in said.values()):
        return f"A part is a text of {LONGEST_SOURCE} characters at most."
    return None
