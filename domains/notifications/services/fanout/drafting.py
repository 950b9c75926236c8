"""What a page of recipients becomes: a draft for each of them and channel, each decided about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.notifications.models import Channel, DeliveryState, Message
from domains.notifications.services.catalogue.categories import is_mandatory
from domains.notifications.services.catalogue.rules import Rule
from domains.notifications.services.channels.destinations import (
    destinations,
    organization_destinations,
)
from domains.notifications.services.deciding import reading
from domains.notifications.services.deciding.deciding import Subject, Verdict, decide
from domains.notifications.services.fanout.audiences import Recipient
from domains.notifications.services.rendering.rendering import Content
from domains.notifications.services.sending.suppressions import suppressed
from domains.notifications.services.trace import Decision, Step, entry
from kernel.ids import uuid7

PERSONAL = (Channel.WEB_PUSH, Channel.SMS)
UNCONFIRMED = "address.unconfirmed: the address has not been confirmed"
UNWANTED = "address.suppressed: the address doesn't want it, or doesn't take mail"


@dataclass(kw_only=True, slots=True)
class Draft:
    """A delivery that is not written yet, and what was decided about it."""

    person: Recipient
    channel: str
    recipient: str
    address: str
    verdict: Verdict
    said: Content | None = None

    def row(
        self, message: Message, *, category: str, digest_id: UUID | None, now: datetime
    ) -> dict[str, Any]:
        """Return the delivery's columns; what is in the app is sent as soon as it is written."""
        verdict = self.verdict
        told = self.channel == Channel.IN_APP and verdict.passes
        said = self.said or Content(subject="", text="")
        return {
            "id": uuid7(),
            "message_id": message.id,
            "channel": self.channel,
            "recipient": self.recipient,
            "account_id": self.person.account_id,
            "address": self.address,
            "category": category,
            "locale": self.person.locale,
            "time_zone": self.person.time_zone,
            "trace": verdict.trace,
            "digest_id": digest_id,
            "state": DeliveryState.SENT if told else verdict.state,
            "reason": verdict.reason,
            "subject": said.subject,
            "text": said.text,
            "due_at": verdict.due_at,
            "sent_at": now if told else None,
            "created_at": now,
        }


def subject_of(rule: Rule) -> Subject:
    """Return what decides of the rule itself."""
    return Subject(
        category=rule.category,
        mandatory=rule.mandatory or is_mandatory(rule.category),
        critical=rule.critical,
    )


def draft(
    *, rule: Rule, message: Message, people: Sequence[Recipient], now: datetime
) -> list[Draft]:
    """Return the drafts of a page, as preferences and quiet hours have decided.

    Asked outside of any transaction, with one query for each table.
    """
    known = reading.read(
        account_ids=[each.account_id for each in people if each.account_id],
        category=rule.category,
        organization_id=message.organization_id,
        subject_ids=_ids_in(message),
    )
    subject, fan_out = subject_of(rule), _fan_out(rule, now)
    return [
        Draft(
            person=person,
            channel=channel,
            recipient=recipient,
            address=address,
            verdict=decide(
                subject=subject,
                facts=known.facts(
                    account_id=person.account_id,
                    channel=channel,
                    time_zone=person.time_zone,
                    refusal=refusal,
                ),
                fan_out=fan_out,
                now=now,
            ),
        )
        for person, channel, recipient, address, refusal in _ways(rule, message, people)
    ]


_Way = tuple[Recipient, str, str, str, str]


def _ways(rule: Rule, message: Message, people: Sequence[Recipient]) -> Iterator[_Way]:
    """Yield person, channel, recipient, address, and why the address may not be written to."""
    for channel in rule.channels:
        if channel == Channel.IN_APP:
            yield from ((p, channel, p.key, "", "") for p in people if p.account_id)
        elif channel == Channel.EMAIL:
            yield from _mails(rule, message, people)
        elif channel in PERSONAL:
            yield from _of_people(channel, people)
        elif not message.reached and message.organization_id is not None:
            yield from _of_organization(channel, message.organization_id, rule.category)


def _mails(rule: Rule, message: Message, people: Sequence[Recipient]) -> Iterator[_Way]:
    unwanted = suppressed(
        channel=Channel.EMAIL,
        addresses=[person.address for person in people if person.address],
        category=rule.category,
        organization_id=message.organization_id,
        mandatory=subject_of(rule).mandatory,
    )
    for person in people:
        bare = person.account_id is None
        refusal = "" if bare or person.confirmed or rule.to_unconfirmed else UNCONFIRMED
        if person.address in unwanted:
            refusal = UNWANTED
        yield person, Channel.EMAIL, person.key, person.address, refusal


def _of_people(channel: str, people: Sequence[Recipient]) -> Iterator[_Way]:
    ids = [person.account_id for person in people if person.account_id]
    found = destinations(channel=channel, account_ids=ids)
    for person in people:
        for destination in found.get(person.account_id, ()) if person.account_id else ():
            yield person, channel, destination.id, destination.address, ""


def _of_organization(channel: str, organization_id: UUID, category: str) -> Iterator[_Way]:
    nobody = Recipient(account_id=None, address="", confirmed=True)
    found = organization_destinations(
        channel=channel, organization_id=organization_id, category=category
    )
    for each in found:
        yield nobody, channel, each.id, each.address, ""


def _fan_out(rule: Rule, now: datetime) -> dict[str, object]:
    return entry(
        step=Step.FAN_OUT,
        decision=Decision.PASSED,
        rule=f"audience.{rule.to.name.lower()}",
        at=now,
        kind=rule.kind,
        category=rule.category,
    )


def _ids_in(message: Message) -> list[str]:
    return [value for name, value in subject_ids(message).items() if _is_muted_by(name, value)]


def _is_muted_by(name: str, value: object) -> bool:
    # Whom a message is about isn't what it is about.
    return "account" not in name and isinstance(value, str)


def subject_ids(message: Message) -> dict[str, str]:
    """Return the ids of what the message is about, by their names."""
    return {name: value for name, value in message.facts.items() if _is_subject(name)}


def _is_subject(name: str) -> bool:
    return name.endswith("_id") and name != "organization_id" and not name.endswith("proof_id")
