"""What became of what an organization had told: each message, and each of its deliveries."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, QuerySet

from domains.notifications.contract.errors import MessageNotFound
from domains.notifications.contract.permissions import MESSAGE_READ
from domains.notifications.models import Delivery, Message, Source
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
