"""Who is told, page by page: asked of the other domains, for a thousand people at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domains.auth import interface as auth
from domains.notifications.models import Message
from domains.notifications.services.catalogue.rules import Audience, Rule
from domains.users import interface as users
from kernel.permissions import Role

PAGE = 1_000
# The cursor of a customer's addresses, which come after the members.
ADDRESSES = "@"
ROLES_TOLD = {
    Audience.OWNERS: [Role.OWNER.value],
    Audience.MANAGERS: [Role.OWNER.value, Role.ADMIN.value],
    Audience.HOLDER: [Role.OWNER.value, Role.ADMIN.value],
}


class NobodyToTell(Exception):
    """What the event was about is gone, so that nobody is left to be told."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Somebody to tell: an account, or an address alone."""

    account_id: UUID | None
    address: str
    confirmed: bool
    locale: str = ""
    time_zone: str = "UTC"

    @property
    def key(self) -> str:
        """What tells this recipient from every other one of the message."""
        return str(self.account_id) if self.account_id else self.address.lower()


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """A page of a message's recipients, and the words to fill its templates with.

    `onward` is where the next page begins; empty after the last.
    """

    recipients: tuple[Recipient, ...]
    context: dict[str, Any]
    onward: str = ""


def page(rule: Rule, message: Message) -> Resolution:
    """Return the recipients from the message's cursor on, without any words."""
    if rule.to is Audience.PROOF:
        # Where to is found out with the secret, when the mail is rendered.
        owner = UUID(message.facts["account_id"])
        return _told(Recipient(account_id=owner, address="", confirmed=True))
    named = message.facts.get(rule.person)
    if rule.to is Audience.PERSON or (rule.to is Audience.HOLDER and named):
        return _told(*_people(rule, [UUID(named)]))
    if rule.to is Audience.CHOSEN:
        return _chosen(rule, message)
    return _members(rule, message, spared=named if rule.to is Audience.MANAGERS else None)


def _told(*recipients: Recipient, onward: str = "") -> Resolution:
    return Resolution(recipients=recipients, context={}, onward=onward)


def _chosen(rule: Rule, message: Message) -> Resolution:
    """Return members first, those named or in a team or all, then addresses."""
    audience = message.audience
    addresses = audience.get("addresses", [])
    members = any(audience.get(kind) for kind in ("organization", "team_ids", "account_ids"))
    if message.reached == ADDRESSES or not members:
        return _told(
            *(Recipient(account_id=None, address=each, confirmed=False) for each in addresses)
        )
    found = _members(rule, message, spared=None)
    if found.onward or not addresses:
        return found
    return _told(*found.recipients, onward=ADDRESSES)


def _members(rule: Rule, message: Message, *, spared: str | None) -> Resolution:
    assert message.organization_id is not None  # noqa: S101  such events are about organizations
    everybody = rule.to is not Audience.CHOSEN or message.audience.get("organization")
    ids = users.list_member_ids(
        organization_id=message.organization_id,
        roles=ROLES_TOLD.get(rule.to),
        team_ids=None if everybody else _ids(message.audience.get("team_ids", [])),
        account_ids=None if everybody else _ids(message.audience.get("account_ids", [])),
        after=UUID(message.reached) if message.reached else None,
        limit=PAGE,
    )
    onward = str(ids[-1]) if len(ids) == PAGE else ""
    told = _people(rule, [each for each in ids if str(each) != spared])
    return _told(*told, onward=onward)


def _ids(values: Sequence[str]) -> list[UUID]:
    return [UUID(each) for each in values]


def _people(rule: Rule, account_ids: list[UUID]) -> list[Recipient]:
    """Return those who can be told, in the order of their ids, with language and time zone."""
    accounts = [
        account
        for account in auth.get_accounts(account_ids=account_ids)
        if account.is_active or rule.to_disabled
    ]
    profiles = users.get_profiles(account_ids=[account.id for account in accounts])
    people = [
        Recipient(
            account_id=account.id,
            address=account.email,
            confirmed=account.email_verified,
            locale=profile.locale,
            time_zone=profile.time_zone,
        )
        for account, profile in zip(accounts, profiles, strict=True)
    ]
    return sorted(people, key=lambda person: person.key)
