"""What notifications keep of where a person is reached."""

from __future__ import annotations

from django.db.models import QuerySet

from domains.notifications.models import (
    ChatEndpoint,
    PhoneNumber,
    PushSubscription,
    SentSms,
    Suppression,
)
from kernel.privacy import Fate, Holding, Person


def _numbers_of(person: Person) -> list[str]:
    rows = PhoneNumber.objects.filter(account_id=person.account_id)
    return [
        number for pair in rows.values_list("number", "new_number") for number in pair if number
    ]


def sms_to(person: Person) -> QuerySet[SentSms]:
    """Return what the book says was sent to the person's numbers."""
    return SentSms.objects.filter(recipient__in=_numbers_of(person))


def suppressions_of(person: Person) -> QuerySet[Suppression]:
    """Return what holds mail back from the person's addresses."""
    if not (person.addresses or person.address_marks):
        return Suppression.objects.none()
    held = Suppression.objects.values_list("id", "address").iterator()
    return Suppression.objects.filter(id__in=[id_ for id_, address in held if person.has(address)])


CHANNEL_HOLDINGS: tuple[Holding, ...] = (
    Holding(
        name="push_subscriptions",
        description="The browsers that you get pushes in",
        model=PushSubscription,
        of=lambda person: PushSubscription.objects.filter(account_id=person.account_id),
        shows=("id", "account_id", "endpoint", "device", "created_at"),
        fate=Fate.ERASED,
    ),
    # Before the number by which they are found.
    Holding(
        name="sms_in_the_book",
        description="SMS that were written down instead of being sent",
        model=SentSms,
        of=sms_to,
        shows=("id", "recipient", "text", "segments", "created_at"),
        fate=Fate.ERASED,
    ),
    Holding(
        name="phone_number",
        description="Your phone number",
        model=PhoneNumber,
        of=lambda person: PhoneNumber.objects.filter(account_id=person.account_id),
        shows=("account_id", "number", "confirmed_at", "new_number", "created_at"),
        fate=Fate.ERASED,
    ),
    Holding(
        name="suppressed_addresses",
        description="Why mail doesn't go to an address of yours",
        model=Suppression,
        of=suppressions_of,
        shows=("id", "address", "cause", "category", "created_at", "lifted_at"),
        fate=Fate.ERASED,
    ),
    Holding(
        name="chat_endpoints",
        description="Chats of organizations that you connected",
        model=ChatEndpoint,
        of=lambda person: ChatEndpoint.objects.filter(created_by=person.account_id),
        shows=("id", "organization_id", "name", "created_by", "created_at"),
        fate=Fate.ANONYMIZED,
        why="The chat is the organization's; it is no longer said who connected it.",
        clears={"created_by": None},
    ),
)
