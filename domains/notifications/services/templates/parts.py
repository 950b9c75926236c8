"""What each channel is said in: its parts, which of them it needs, and how long each may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domains.notifications.models import Channel, TemplateVersion

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
