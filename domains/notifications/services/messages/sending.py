"""What organizations have told themselves: taken once, expanded like everything else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Sum

from domains.notifications.contract.errors import (
    RecipientNotFound,
    ReferenceTaken,
    TooManyRecipients,
)
from domains.notifications.contract.permissions import MESSAGE_SEND
from domains.notifications.models import Message, Priority, Source
from domains.notifications.services.catalogue.table import CUSTOM_KIND
from domains.notifications.services.deciding.categories import find_speakable
from domains.notifications.services.messages import texts
from domains.notifications.services.rendering.words import one_line
from domains.users import interface as users
from kernel.context import current
from kernel.db import transaction
from kernel.ids import uuid7
from kernel.jobs import ring
from kernel.principal import Principal

LONGEST_SUBJECT = 200
MOST_RECIPIENTS = 1_000
# Whom nobody vouches for: so many addresses an organization may write to in any day.
MOST_ADDRESSES, DAY = 5_000, timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Whom a message is for: members by themselves, by team, or all; and bare addresses."""

    account_ids: tuple[UUID, ...] = ()
    team_ids: tuple[UUID, ...] = ()
    organization: bool = False
    addresses: tuple[str, ...] = ()

    def audience(self) -> dict[str, Any]:
        """Return it as the message keeps it, each once."""
        return {
            "organization": self.organization,
            "account_ids": sorted({str(each) for each in self.account_ids}),
            "team_ids": sorted({str(each) for each in self.team_ids}),
            "addresses": sorted({each.lower() for each in self.addresses}),
        }


@dataclass(frozen=True, kw_only=True)
class Saying:
    """What a message says: a template of the organization's with values, or subject and text."""

    template: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A message as an organization wants it sent; `reference` is its own name for it, or empty."""

    recipients: Recipients
    saying: Saying
    channels: tuple[str, ...]
    category: str
    priority: str = Priority.NORMAL
    subject_id: UUID | None = None
    reference: str = ""


def send_message(*, principal: Principal, order: Order, now: datetime) -> Message:
    """Take the message, and have it expanded; under a reference the same once.

    Raise `Forbidden`, `TooManyRecipients`, `RecipientNotFound` for somebody who isn't a member or
    such a team, `CategoryNotFound`, `CategoryReserved`, `TemplateNotFound`, or `ReferenceTaken`
    where the reference was given to another message.
    """
    principal.require(MESSAGE_SEND)
    organization_id = principal.organization_id
    message = _message(organization_id, order, now)
    known = _of_reference(message)
    if known is not None:
        return _the_same(known, message)
    _check_recipients(organization_id, order.recipients)
    with transaction("notifications"):
        if message.addresses:
            _count_addresses(message, now)
        Message.objects.bulk_create([message], ignore_conflicts=True)
        written = _of_reference(message) if order.reference else message
        assert written is not None  # noqa: S101  one of the two has it
        if written.id == message.id:
            ring("notifications.expand_messages", [str(message.id)])
    return _the_same(written, message)


def _message(organization_id: UUID, order: Order, now: datetime) -> Message:
    category = find_speakable(organization_id, order.category)
    kind, context = _said(organization_id, order.saying)
    audience = order.recipients.audience()
    return Message(
        event_id=uuid7(),
        source=Source.CUSTOMER,
        kind=kind,
        category=category.stored,
        priority=order.priority,
        channels=sorted(set(order.channels)),
        organization_id=organization_id,
        audience=audience,
        addresses=len(audience["addresses"]),
        reference=order.reference,
        request_hash=_hash(order),
        facts={"subject_id": str(order.subject_id)} if order.subject_id else {},
        context=context,
        traceparent=current().traceparent,
        occurred_at=now,
        created_at=now,
        due_at=now,
    )


def _said(organization_id: UUID, saying: Saying) -> tuple[str, dict[str, Any]]:
    if saying.template:
        words = texts.words_for(
            organization_id=organization_id, key=saying.template, values=saying.values
        )
        return saying.template, words
    return CUSTOM_KIND, {
        "subject": one_line(saying.subject, longest=LONGEST_SUBJECT),
        "text": saying.text,
    }


def _hash(order: Order) -> str:
    said = json.dumps(asdict(order), sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _of_reference(message: Message) -> Message | None:
    if not message.reference:
        return None
    return Message.objects.filter(
        organization_id=message.organization_id, reference=message.reference
    ).first()


def _the_same(known: Message, asked: Message) -> Message:
    if known.request_hash != asked.request_hash:
        raise ReferenceTaken
    return known


def _check_recipients(organization_id: UUID, recipients: Recipients) -> None:
    accounts, teams = set(recipients.account_ids), set(recipients.team_ids)
    named = len(accounts) + len(teams) + len(set(recipients.addresses)) + recipients.organization
    if named > MOST_RECIPIENTS:
        raise TooManyRecipients(f"At most {MOST_RECIPIENTS:,} can be named at once.")
    members = _members(organization_id, list(accounts))
    known = users.get_team_ids(organization_id=organization_id, team_ids=list(teams))
    if members != accounts or set(known) != teams:
        raise RecipientNotFound("An account or a team isn't in the organization.")


def _members(organization_id: UUID, account_ids: Sequence[UUID]) -> set[UUID]:
    if not account_ids:
        return set()
    found = users.list_member_ids(
        organization_id=organization_id,
        roles=None,
        team_ids=None,
        account_ids=list(account_ids),
        after=None,
        limit=len(account_ids),
    )
    return set(found)


def _count_addresses(message: Message, now: datetime) -> None:
    """Raise `TooManyRecipients` beyond a day's; two at once are counted one after the other."""
    with connections["notifications"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"addresses of {message.organization_id}"],
        )
    sent = Message.objects.filter(
        organization_id=message.organization_id,
        source=Source.CUSTOMER,
        created_at__gt=now - DAY,
    ).aggregate(count=Sum("addresses"))
    if (sent["count"] or 0) + message.addresses > MOST_ADDRESSES:
        raise TooManyRecipients(f"At most {MOST_ADDRESSES:,} addresses are written to in a day.")
