"""What became of what an organization had told: each message, and each of its deliveries."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, QuerySet

from domains.notifications.contract.errors import MessageNotFound
from domains.notifications.contract.permissions import MESSAGE_READ
from domains.notifications.models import Category, Delivery, Message, Source
from kernel.principal import Principal


def list_messages(*, principal: Principal) -> QuerySet[Message]:
    """Return the messages that the present organization sent; raise `Forbidden`."""
    principal.require(MESSAGE_READ)
    return Message.objects.filter(organization_id=principal.organization_id, source=Source.CUSTOMER)


def get_message(*, principal: Principal, message_id: UUID) -> Message:
    """Return the message; raise `Forbidden` or `MessageNotFound`."""
    message = list_messages(principal=principal).filter(id=message_id).first()
    if message is None:
        raise MessageNotFound
    return message


def trace_message(*, principal: Principal, message_id: UUID) -> QuerySet[Delivery]:
    """Return the message's deliveries, each with its trace; raise as `get_message` does."""
    message = get_message(principal=principal, message_id=message_id)
    return Delivery.objects.filter(message=message)


def count_states(message: Message) -> dict[str, int]:
    """Return how many deliveries of the message are in each state that any is in."""
    rows = Delivery.objects.filter(message=message).order_by("state")
    return dict(rows.values_list("state").annotate(Count("id")))


def category_keys(organization_id: UUID, stored: Iterable[str]) -> dict[str, str]:
    """Return the keys by which the organization knows the categories that rows have."""
    own = Category.objects.within(organization_id).filter(id__in=_ids(stored))
    return {str(each.id): each.key for each in own}


def _ids(stored: Iterable[str]) -> list[UUID]:
    found = []
    for each in stored:
        try:
            found.append(UUID(each))
        except ValueError:
            continue
    return found
