"""What a delivery says, and where to: with its secret for the far side, without it for the copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domains.notifications.models import Delivery, Message
from domains.notifications.services.catalogue.rules import Rule, Secret
from domains.notifications.services.fanout.resolution import NobodyToTell
from domains.notifications.services.rendering.rendering import Content, render
from domains.notifications.services.sending import secrets
from kernel.errors import DomainError, TooMany, Unavailable


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What to send, where to, and the copy to keep, in which its secret is masked."""

    content: Content
    copy: Content
    address: str


def write(*, rule: Rule, delivery: Delivery, address: str, unsubscribe: str) -> Letter:
    """Return the letter to the address, or to where its secret must go.

    `unsubscribe` is the link that its foot offers; "" for none.
    """
    foot = {"unsubscribe_url": unsubscribe}
    if rule.secret is None:
        content = _render(rule, delivery, foot)
        return Letter(content=content, copy=content, address=address)
    issued = _issue(rule.secret, delivery.message)
    return Letter(
        content=_render(rule, delivery, {**issued.words, **foot}),
        copy=_render(rule, delivery, {**issued.masked, **foot}),
        address=issued.address or address,
    )


def _issue(secret: Secret, message: Message) -> secrets.Issued:
    try:
        return secrets.issue(secret=secret, facts=message.facts)
    except (Unavailable, TooMany):
        raise
    except DomainError as refusal:
        raise NobodyToTell(f"{refusal.code}: {refusal.title}") from refusal


def _render(rule: Rule, delivery: Delivery, words: dict[str, Any]) -> Content:
    return render(
        kind=rule.kind,
        channel=delivery.channel,
        context={**delivery.message.context, **words},
        locale=delivery.locale or "en",
        organization_id=delivery.message.organization_id,
        time_zone=delivery.time_zone or "UTC",
    )
