"""Unsubscribing by the link in a mail (RFC 8058): from one category, by whoever holds the link."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from domains.notifications.contract.channel_errors import UnsubscribeLinkInvalid
from domains.notifications.models import Category, Channel, Delivery
from domains.notifications.services.catalogue.categories import BUILT_IN
from domains.notifications.services.deciding import preferences
from domains.notifications.services.rendering.vocabulary import word
from domains.notifications.services.sending import suppressions
from kernel import crypto

PURPOSE = "notifications.unsubscribe"
PATH = "/notifications/unsubscribe/"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a link unsubscribes from, as people read it."""

    category: str


def link_for(delivery: Delivery) -> str:
    """Return the link for a mail of a category that isn't mandatory; "" for anything else.

    It holds the delivery's id and its signature: neither an address nor a secret of ours.
    """
    if delivery.channel != Channel.EMAIL or not delivery.category:
        return ""
    body = urlsafe_b64encode(delivery.id.bytes).decode().rstrip("=")
    return f"{settings.PUBLIC_URL}{PATH}{body}.{crypto.sign(PURPOSE, body.encode())}"


def show(*, token: str, locale: str) -> Offer:
    """Return what the link is for; raise `UnsubscribeLinkInvalid`. Nothing is changed.

    The product's categories are called as in the language; organizations' by their own words.
    """
    delivery = _find(token)
    if delivery.category in BUILT_IN:
        return Offer(category=word(f"category.{delivery.category}", locale=locale))
    whose, id_ = delivery.message.organization_id, _id(delivery.category)
    own = Category.objects.within(whose).filter(id=id_) if whose and id_ else ()
    return Offer(category=next((each.name for each in own), delivery.category))


def unsubscribe(*, token: str, now: datetime) -> None:
    """Send no more of the mail's category to whom it went to; repeatable.

    A person's preference is switched off; an address without an account goes on the suppression
    list, for this organization's category. Raises `UnsubscribeLinkInvalid`, and `CategoryMandatory`
    where the category has become so.
    """
    delivery = _find(token)
    if delivery.account_id is not None:
        preferences.switch_off(
            account_id=delivery.account_id,
            category=delivery.category,
            channel=Channel.EMAIL,
            now=now,
        )
        return
    suppressions.suppress_for(
        address=delivery.address or delivery.recipient,
        category=delivery.category,
        organization_id=delivery.message.organization_id,
        now=now,
    )


def _find(token: str) -> Delivery:
    body, _, signature = token.rpartition(".")
    if not token.isascii() or not crypto.verify(PURPOSE, body.encode(), signature):
        raise UnsubscribeLinkInvalid
    delivery_id = UUID(bytes=urlsafe_b64decode(f"{body}=="))
    found = Delivery.objects.select_related("message").filter(id=delivery_id).first()
    if found is None:
        raise UnsubscribeLinkInvalid
    return found


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
