"""What notifications keep of a person: what an export shows, and what an erasure does with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT

from domains.auth import interface as auth
from domains.notifications.contract.events import PersonErased
from domains.notifications.models import (
    ACCOUNT_FACTS,
    Channel,
    Delivery,
    Feed,
    Message,
    Notification,
    StreamTicket,
    Template,
    TemplateVersion,
    WebhookDelivery,
)
from domains.notifications.services.catalogue.rules import Audience
from domains.notifications.services.catalogue.table import RULES
from domains.notifications.services.deciding.holdings import SAID
from domains.notifications.services.erasure import erase_messages
from domains.notifications.services.feed.removing import remove
from domains.notifications.services.privacy_channels import CHANNEL_HOLDINGS
from kernel.db import transaction
from kernel.events import publish
from kernel.privacy import Fate, Holding, Person, PersonalPage, erase, export_page

TO_ADDRESSES = {rule.event for rule in RULES if rule.to is Audience.INVITEE}
NAMING_ADDRESSES = [rule.kind for rule in RULES if rule.event in TO_ADDRESSES]
ORGANIZATIONS = "It is the organization's text, and says nothing of you."
WITHHELD = {"audience": "It is emptied once everybody in it was found."}
DELIVERY = (
    "id",
    "account_id",
    "recipient",
    "channel",
    "address",
    "locale",
    "time_zone",
    "subject",
    "text",
    "state",
    "created_at",
    "sent_at",
)
HTML = {"html": "It says what the text says."}
MESSAGE = ("id", "kind", "organization_id", "facts", "context", "occurred_at", "state")


def messages_about(person: Person) -> QuerySet[Message]:
    """Return the messages of events that name the account."""
    facts = {f"about_{fact}": KT(f"facts__{fact}") for fact in ACCOUNT_FACTS}
    named = reduce(or_, (Q(**{fact: str(person.account_id)}) for fact in facts))
    return Message.objects.alias(**facts).filter(named)


def messages_to(person: Person) -> QuerySet[Message]:
    """Return the messages that name an address of the person."""
    if not (person.addresses or person.address_marks):
        return Message.objects.none()
    naming = Message.objects.filter(kind__in=NAMING_ADDRESSES, context__has_key="email")
    addresses = naming.values_list("id", KT("context__email")).iterator()
    theirs = [id_ for id_, address in addresses if person.has(address)]
    return Message.objects.filter(id__in=theirs)


def deliveries_to_addresses(person: Person) -> QuerySet[Delivery]:
    """Return what was sent to an address of the person without an account."""
    if not (person.addresses or person.address_marks):
        return Delivery.objects.none()
    bare = Delivery.objects.filter(account_id=None, channel=Channel.EMAIL)
    addresses = bare.values_list("id", "address").iterator()
    theirs = [id_ for id_, address in addresses if person.has(address)]
    return Delivery.objects.filter(id__in=theirs)


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        name="messages_about_you",
        description="What was told about you, to you or to others, and the words it was filled "
        "with; an erasure takes it from everybody's feed",
        model=Message,
        of=messages_about,
        shows=MESSAGE,
        withholds=WITHHELD,
        fate=Fate.ERASED,
        by=lambda person: erase_messages(messages_about(person)),
    ),
    Holding(
        name="messages_to_your_address",
        description="What was told to or about your address, such as invitations",
        model=Message,
        of=messages_to,
        shows=MESSAGE,
        withholds=WITHHELD,
        fate=Fate.ERASED,
        by=lambda person: erase_messages(messages_to(person)),
    ),
    Holding(
        name="feed",
        description="Your feed",
        model=Notification,
        of=lambda person: Notification.objects.filter(account_id=person.account_id),
        shows=(
            "id",
            "account_id",
            "organization_id",
            "organization_name",
            "kind",
            "title",
            "body",
            "subject_ids",
            "created_at",
            "read_at",
            "archived_at",
        ),
        fate=Fate.ERASED,
        by=lambda person: remove(Notification.objects.filter(account_id=person.account_id)),
    ),
    Holding(
        name="feed_state",
        description="How far you have read your feed",
        model=Feed,
        of=lambda person: Feed.objects.filter(account_id=person.account_id),
        shows=("account_id", "last_sequence", "unread", "unseen", "seen_sequence", "seen_at"),
        fate=Fate.ERASED,
    ),
    Holding(
        name="stream_tickets",
        description="Tickets with which your live feed is opened; each is good for a minute",
        model=StreamTicket,
        of=lambda person: StreamTicket.objects.filter(
            Q(account_id=person.account_id) | Q(impersonator_id=person.account_id)
        ),
        shows=("account_id", "expires_at"),
        withholds={"impersonator_id": "Who of the staff acted as you, your sessions say."},
        fate=Fate.ERASED,
    ),
    Holding(
        name="mails",
        description="Mails to you; secrets in them are not kept",
        model=Delivery,
        of=lambda person: Delivery.objects.filter(account_id=person.account_id),
        shows=DELIVERY,
        withholds=HTML,
        fate=Fate.ERASED,
    ),
    *CHANNEL_HOLDINGS,
    Holding(
        name="webhooks_about_you",
        description="What was sent about you to servers of your organizations, for as long as its "
        "log is kept",
        model=WebhookDelivery,
        of=lambda person: WebhookDelivery.objects.everywhere().filter(
            account_ids__contains=[person.account_id]
        ),
        shows=("id", "organization_id", "event_type", "body", "account_ids", "state", "created_at"),
        fate=Fate.ERASED,
    ),
    Holding(
        name="templates",
        description="Templates that you made; they stay with their organization",
        model=Template,
        of=lambda person: Template.objects.everywhere().filter(created_by=person.account_id),
        shows=("id", "organization_id", "key", "created_by", "created_at"),
        fate=Fate.ANONYMIZED,
        why=ORGANIZATIONS,
        clears={"created_by": None},
    ),
    Holding(
        name="template_versions_written",
        description="Versions of templates that you wrote; they stay with their organization",
        model=TemplateVersion,
        of=lambda person: TemplateVersion.objects.everywhere().filter(created_by=person.account_id),
        shows=("id", "organization_id", "number", "created_by", "created_at"),
        fate=Fate.ANONYMIZED,
        why=ORGANIZATIONS,
        clears={"created_by": None},
        keeps={"published_by": "It goes where you published it, and is another person else."},
    ),
    Holding(
        name="template_versions_published",
        description="Versions of templates that you published",
        model=TemplateVersion,
        of=lambda person: TemplateVersion.objects.everywhere().filter(
            published_by=person.account_id
        ),
        shows=("id", "organization_id", "number", "published_by", "published_at"),
        fate=Fate.ANONYMIZED,
        why=ORGANIZATIONS,
        clears={"published_by": None},
        keeps={"created_by": "It goes where you wrote it, and is another person else."},
    ),
    Holding(
        name="mails_to_your_address",
        description="Messages that organizations sent to an address of yours",
        model=Delivery,
        of=deliveries_to_addresses,
        shows=DELIVERY,
        withholds=HTML,
        fate=Fate.ERASED,
    ),
    *SAID,
)


def export_person(*, account_id: UUID, cursor: str | None) -> PersonalPage:
    """Return what notifications keep of the person, from the cursor on."""
    addresses = auth.get_proven_addresses(account_id=account_id)
    person = Person(account_id=account_id, addresses=tuple(addresses))
    return export_page(HOLDINGS, person, cursor=cursor)


def erase_person(*, account_id: UUID, address_marks: Sequence[str]) -> None:
    """Erase the person's feed and mails, and every message that names them; repeatable."""
    person = Person(account_id=account_id, address_marks=tuple(address_marks))
    with transaction("notifications"):
        erased = erase(HOLDINGS, person)
        publish(PersonErased(account_id=account_id, items=erased))
