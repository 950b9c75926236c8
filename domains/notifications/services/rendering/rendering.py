"""A kind and what it is about become words: in a channel, in somebody's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from liquid import Markup
from liquid.exceptions import TemplateNotFoundError
from markupsafe import escape

from domains.notifications.models import Channel
from domains.notifications.services.rendering import sources
from domains.notifications.services.rendering.content import Content
from domains.notifications.services.rendering.locales import direction
from domains.notifications.services.rendering.sandbox import fill
from domains.notifications.services.rendering.sources import Source
from domains.notifications.services.rendering.words import Reader, in_words, one_line
from domains.notifications.services.templates import lookup
from domains.notifications.services.templates.variables import declared, words_for

__all__ = ["Content", "product_name", "render", "render_from"]

LONGEST_SUBJECT = 200
# What the mail's foot says, if it is given: where one click ends this kind of mail (RFC 8058).
FOOTNOTES = ("unsubscribe_url", "footnote")

Words = Mapping[str, Any]


def render(
    *,
    kind: str,
    channel: str,
    context: Mapping[str, Any],
    locale: str = "en",
    organization_id: UUID | None = None,
    time_zone: str = "UTC",
) -> Content:
    """Return the words of the kind for the channel, in the language nearest to the locale.

    `kind` is one of the product, said by staff's template or the domain's files, or the key of a
    template of the organization. Raise `LiquidError` if the words can't be filled.
    """
    version = lookup.in_force(organization_id=organization_id, kind=kind)
    source: Source
    if version is None:
        source = sources.files(kind=kind, wanted=locale)
    else:
        source = sources.Stored(row=version, wanted=locale)
        if version.organization_id is not None:
            context = {**words_for(declared(version.variables), context), **_footnotes(context)}
    return render_from(source, channel=channel, context=context, locale=locale, time_zone=time_zone)


def render_from(
    source: Source,
    *,
    channel: str,
    context: Mapping[str, Any],
    locale: str,
    time_zone: str = "UTC",
) -> Content:
    """Return what the source says in the channel; raise `LiquidError` as `render` does."""
    # Words and dates are of the text's own language, in the country that its reader wants.
    spoken = locale if _language(locale) == _language(source.locale) else source.locale
    reader = Reader(locale=spoken, time_zone=time_zone)
    words = {**in_words(context, reader=reader), "product": product_name()}
    return _RENDERERS[Channel(channel)](source, words)


def _language(locale: str) -> str:
    return locale.lower().replace("_", "-").partition("-")[0]


def _footnotes(context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: context[name] for name in FOOTNOTES if name in context}


def _item(source: Source, words: Words) -> Content:
    return Content(
        subject=_plain(source, "in_app", "title", words)[:LONGEST_SUBJECT],
        text=_plain(source, "in_app", "body", words),
        version=source.version,
    )


def _push(source: Source, words: Words) -> Content:
    """Return a push's own words, or what the app says."""
    if source.find("web_push", "title") is None:
        return _titled(source, words)
    return Content(
        subject=_plain(source, "web_push", "title", words)[:LONGEST_SUBJECT],
        text=_plain(source, "web_push", "body", words),
        version=source.version,
    )


def _sms(source: Source, words: Words) -> Content:
    return _short(source, "sms", words)


def _chat(source: Source, words: Words) -> Content:
    return _short(source, "chat", words)


def _short(source: Source, channel: str, words: Words) -> Content:
    """Return the channel's own words, or the title and the body of what the app says."""
    if source.find(channel, "text") is not None:
        text = _plain(source, channel, "text", words)
    else:
        titled = _titled(source, words)
        text = "\n".join(part for part in (titled.subject, titled.text) if part)
    return Content(subject="", text=text, version=source.version)


def _titled(source: Source, words: Words) -> Content:
    """Return what the app says; of what only a mail says, the subject alone: the rest is long."""
    if source.find("in_app", "title") is not None:
        return _item(source, words)
    subject = _plain(source, "email", "subject", words)[:LONGEST_SUBJECT]
    return Content(subject=subject, text="", version=source.version)


def _mail(source: Source, words: Words) -> Content:
    subject = one_line(_plain(source, "email", "subject", words), longest=LONGEST_SUBJECT)
    text = _plain(source, "email", "text", words)
    layout = sources.files(kind="layout", wanted=source.locale)
    page = {
        **dict.fromkeys(FOOTNOTES, ""),
        **_footnotes(words),
        "product": words["product"],
        "subject": subject,
        "lang": source.locale,
        "dir": direction(source.locale),
    }
    return Content(
        subject=subject,
        text=_plain(layout, "email", "text", {**page, "content": text}) + "\n",
        html=fill(
            _needed(layout, "email", "html"),
            {**page, "content": _marked(source, words, text)},
            html=True,
        ),
        version=source.version,
    )


def _marked(source: Source, words: Words, text: str) -> Markup:
    html = source.find("email", "html")
    return Markup(_paragraphs(text) if html is None else fill(html, words, html=True))


def _paragraphs(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n".join(f"<p>{escape(each)}</p>".replace("\n", "<br>\n") for each in paragraphs)


def _plain(source: Source, channel: str, part: str, words: Words) -> str:
    return fill(_needed(source, channel, part), words).strip()


def _needed(source: Source, channel: str, part: str) -> str:
    found = source.find(channel, part)
    if found is None:
        raise TemplateNotFoundError(f"there are no words for {channel}.{part}")
    return found


_RENDERERS: dict[Channel, Callable[[Source, Words], Content]] = {
    Channel.IN_APP: _item,
    Channel.EMAIL: _mail,
    Channel.WEB_PUSH: _push,
    Channel.SMS: _sms,
    Channel.CHAT: _chat,
}


def product_name() -> str:
    """Return what the product calls itself: the name that its mail comes from."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return one_line(name or address.rpartition("@")[2])
