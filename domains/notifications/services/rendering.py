"""Texts from the domain's templates: `templates/<locale>/<kind>/<channel>.<part>.liquid`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache
from pathlib import Path

from django.conf import settings
from liquid import CachingFileSystemLoader, Environment, Markup, StrictUndefined

from domains.notifications.services.words import one_line

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
LOCALE = "en"
LONGEST_OUTPUT = 200_000
LONGEST_SUBJECT = 200


class BoundedEnvironment(Environment):
    """Liquid that a template can't keep busy, nor make say more than a mail holds."""

    output_stream_limit = LONGEST_OUTPUT
    loop_iteration_limit = 1_000


@dataclass(frozen=True, kw_only=True)
class FeedItem:
    """What the feed shows."""

    title: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What a mail says, twice: as text and as HTML."""

    subject: str
    text: str
    html: str


@cache
def _environment(*, autoescape: bool) -> Environment:
    return BoundedEnvironment(
        loader=CachingFileSystemLoader(TEMPLATES, auto_reload=False),
        undefined=StrictUndefined,
        autoescape=autoescape,
    )


def render_feed_item(*, kind: str, context: Mapping[str, str]) -> FeedItem:
    """Return the feed's words for the kind; raise `LiquidError` if the template can't be filled."""
    return FeedItem(
        title=_plain(f"{kind}/in_app.title", context)[:LONGEST_SUBJECT],
        body=_plain(f"{kind}/in_app.body", context),
    )


def render_mail(*, kind: str, context: Mapping[str, str]) -> Mail:
    """Return the mail for the kind; raise `LiquidError` if the template can't be filled."""
    subject = _plain(f"{kind}/email.subject", context)[:LONGEST_SUBJECT]
    content = Markup(_html(f"{kind}/email.html", context))
    return Mail(
        subject=subject,
        text=_plain("layout/email.text", {"content": _plain(f"{kind}/email.text", context)}) + "\n",
        html=_html("layout/email.html", {"subject": subject, "content": content}),
    )


def _plain(name: str, context: Mapping[str, str]) -> str:
    return _render(name, context, autoescape=False).strip()


def _html(name: str, context: Mapping[str, str]) -> str:
    return _render(name, context, autoescape=True)


def _render(name: str, context: Mapping[str, str], *, autoescape: bool) -> str:
    template = _environment(autoescape=autoescape).get_template(f"{LOCALE}/{name}.liquid")
    return template.render(**{**context, "product": product_name()})


def product_name() -> str:
    """Return what the product calls itself: the name that its mail comes from."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return one_line(name or address.rpartition("@")[2])
