"""What notifications does when other domains tell of something: it notes whom to tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from domains.notifications.services import erasure, privacy
from domains.notifications.services.catalogue.rules import Rule
from domains.notifications.services.catalogue.table import RULES
from domains.notifications.services.fanout.intents import record_intents
from domains.notifications.services.webhooks import recording
from domains.notifications.services.webhooks.event_types import FACTS
from kernel.clock import now
from kernel.events import Envelope, on
from kernel.jobs import ring

MESSAGES_OF_A_JOB = 50

Handler = Callable[[list[Envelope[Any]]], None]


def _handler(event: str, rules: tuple[Rule, ...]) -> Handler:
    def tell(envelopes: list[Envelope[Any]]) -> None:
        messages = record_intents(rules=rules, envelopes=envelopes, now=now())
        ids = [str(message_id) for message_id in messages]
        for start in range(0, len(ids), MESSAGES_OF_A_JOB):
            ring("notifications.expand_messages", ids[start : start + MESSAGES_OF_A_JOB])

    # The inbox remembers handlers by their names.
    tell.__name__ = f"tell_of_{event.replace('.', '_')}"
    return tell


for _event, _rules in groupby(RULES, key=lambda rule: rule.event):
    _told = tuple(_rules)
    on(_event, reads=_told[0].reads, batch=True)(_handler(_event, _told))


@dataclass(frozen=True, kw_only=True)
class AccountGone:
    """What notifications reads of an erased account; the marks are of its addresses."""

    account_id: UUID
    address_marks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OrganizationGone:
    """What notifications reads of an erased organization."""

    organization_id: UUID


@on("auth.account_erased.v1", reads=AccountGone)
def forget_person(envelope: Envelope[AccountGone]) -> None:
    """Erase what was told to or about whoever is gone."""
    gone = envelope.payload
    privacy.erase_person(account_id=gone.account_id, address_marks=gone.address_marks)


@on("users.organization_erased.v1", reads=OrganizationGone)
def forget_organization(envelope: Envelope[OrganizationGone]) -> None:
    """Erase what was told about an organization that is gone."""
    erasure.erase_organization(organization_id=envelope.payload.organization_id)


@on(*FACTS, reads=dict, batch=True)
def record_webhooks(envelopes: list[Envelope[dict[str, Any]]]) -> None:
    """Have the events sent to the endpoints of their organizations that want them."""
    if recording.record(envelopes=envelopes, now=now()):
        ring("notifications.send_webhooks")
