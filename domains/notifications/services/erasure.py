"""Erasing messages, from everybody's feed too."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from domains.notifications.models import (
    Category,
    ChatEndpoint,
    DefaultPreference,
    Delivery,
    Digest,
    Message,
    Notification,
    Passed,
    Preference,
    Suppression,
    Throttle,
)
from kernel.db import transaction


def erase_organization(*, organization_id: UUID) -> None:
    """Erase every message about the organization, and all that was set in it; repeatable."""
    with transaction("notifications"):
        erase_messages(Message.objects.filter(organization_id=organization_id))
        ChatEndpoint.objects.within(organization_id).delete()
        Suppression.objects.filter(organization_id=organization_id).delete()
        Digest.objects.filter(organization_id=organization_id).delete()
        own = Category.objects.within(organization_id)
        stored = [str(each) for each in own.values_list("id", flat=True)]
        Preference.objects.filter(category__in=stored).delete()
        for model in (Category, Throttle, DefaultPreference, Passed):
            model.objects.within(organization_id).delete()


def erase_messages(messages: QuerySet[Message]) -> None:
    """Erase the messages with all that became of them, in the caller's transaction."""
    # Locked first: one that is being expanded gets no more items and deliveries afterwards.
    ids = list(messages.order_by("id").select_for_update().values_list("id", flat=True))
    Notification.objects.filter(message__in=ids).delete()
    Delivery.objects.filter(message__in=ids).delete()
    Message.objects.filter(id__in=ids).delete()
