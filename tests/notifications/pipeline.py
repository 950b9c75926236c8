"""What the tests of the pipeline share: members, messages to them, and what became of these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.auth import interface as auth
from domains.notifications.interface import MESSAGE_READ, MESSAGE_SEND
from domains.notifications.models import Delivery, Message, Preference, Rhythm
from domains.notifications.services.fanout import expansion
from domains.notifications.services.messages import sending
from domains.users import interface as users
from kernel.clock import now
from kernel.permissions import Permission
from kernel.principal import Principal
from tests.notifications.conftest import person


def member(organization_id: UUID, name: str = "bob", role: str = "member") -> auth.Account:
    """Return a new account that belongs to the organization."""
    account = person(name)
    users.ensure_member(organization_id=organization_id, account_id=account.id, role=role)
    return account


def who(
    organization_id: UUID,
    *permissions: Permission,
    account_id: UUID | None = None,
) -> Principal:
    """Return a person, or without an account a key, who may send and read messages there."""
    held = permissions or (MESSAGE_SEND, MESSAGE_READ)
    return Principal(
        kind="account" if account_id else "api_key",
        account_id=account_id,
        organization_id=organization_id,
        memberships={organization_id: frozenset(each.name for each in held)},
    )


def order(
    *account_ids: UUID,
    channels: Sequence[str] = ("in_app", "email"),
    category: str = "product",
    subject: str = "News",
    **more: Any,
) -> sending.Order:
    """Return a message to the accounts, or to whom `recipients` says."""
    recipients = more.pop("recipients", sending.Recipients(account_ids=account_ids))
    return sending.Order(
        recipients=recipients,
        saying=sending.Saying(subject=subject, text="All is well."),
        channels=tuple(channels),
        category=category,
        **more,
    )


def sent(organization_id: UUID, asked: sending.Order, *, at: datetime | None = None) -> Message:
    """Send the message and expand it, all of it."""
    at = at or now()
    message = sending.send_message(principal=who(organization_id), order=asked, now=at)
    while expansion.expand(message_id=message.id, now=at).more:
        pass
    message.refresh_from_db()
    return message


def became(message: Message, channel: str = "email") -> list[Delivery]:
    """Return the deliveries of the message by one channel."""
    return list(Delivery.objects.filter(message=message, channel=channel).order_by("id"))


def rules(delivery: Delivery) -> dict[str, tuple[str, str]]:
    """Return by step what it decided, and by which rule."""
    return {each["step"]: (each["decision"], each["rule"]) for each in delivery.trace}


def wants(account: auth.Account, category: str, channel: str, frequency: str) -> None:
    """Have the person want the category by the channel so soon."""
    Preference.objects.create(
        account_id=account.id,
        category=category,
        channel=channel,
        frequency=frequency,
        changed_at=now(),
    )


def keeps(account: auth.Account, **rhythm: Any) -> None:
    """Have the person keep the rhythm."""
    Rhythm.objects.create(account_id=account.id, **rhythm)
