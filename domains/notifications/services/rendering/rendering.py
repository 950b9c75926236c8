"""Texts from the domain's templates: `templates/<locale>/<kind>/<channel>.<part>.liquid`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from liquid import CachingFileSystemLoader, Environment, Markup, StrictUndefined

from domains.notifications.models import Channel
from domains.notifications.services.rendering.words import one_line

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LOCALE = "en"
LONGEST_OUTPUT = 200_000
LONGEST_SUBJECT = 200


class BoundedEnvironment(Environment):
    """Liquid that a template can't keep busy, nor make say more than a mail holds."""

    output_stream_limit = LONGEST_OUTPUT
    loop_iteration_limit = 1_000


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a message says in one channel.

    In the app `subject` is the title and `text` the body; a mail says it all twice, as text and as
    HTML; where a channel has no subject or no HTML, it is empty.
    """

    subject: str
    text: str
    html: str = ""


@cache
def _environment(*, autoescape: bool) -> Environment:
    return BoundedEnvironment(
        loader=CachingFileSystemLoader(TEMPLATES, auto_reload=False),
        undefined=StrictUndefined,
        autoescape=autoescape,
    )


def render(
    *,
    kind: str,
    channel: str,
    context: Mapping[str, Any],
    locale: str = LOCALE,  # noqa: ARG001
    organization_id: UUID | None = None,  # noqa: ARG001
    time_zone: str = "UTC",  # noqa: ARG001
) -> Content:
    """Return the words of the kind for the channel; raise `LiquidError` if they can't be filled."""
    return _RENDERERS[Channel(channel)](kind, context)


def _feed_item(kind: str, context: Mapping[str, str]) -> Content:
    return Content(
        subject=_plain(f"{kind}/in_app.title", context)[:LONGEST_SUBJECT],
        text=_plain(f"{kind}/in_app.body", context),
    )


def _mail(kind: str, context: Mapping[str, str]) -> Content:
    subject = _plain(f"{kind}/email.subject", context)[:LONGEST_SUBJECT]
    content = Markup(_html(f"{kind}/email.html", context))
    return Content(
        subject=subject,
        text=_plain("layout/email.text", {"content": _plain(f"{kind}/email.text", context)}) + "\n",
        html=_html("layout/email.html", {"subject": subject, "content": content}),
    )


_SHORT = dict.fromkeys((Channel.WEB_PUSH, Channel.SMS, Channel.CHAT), _feed_item)
_RENDERERS = {Channel.IN_APP: _feed_item, Channel.EMAIL: _mail, **_SHORT}


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
