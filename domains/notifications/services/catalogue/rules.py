"""What a rule says: who is told what about an event, and through which channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from domains.notifications.models import Channel

IN_APP = (Channel.IN_APP,)
EMAIL = (Channel.EMAIL,)
# A person in every way that they have set up; an organization in its chat besides.
PERSONAL = (Channel.IN_APP, Channel.EMAIL, Channel.WEB_PUSH)
SHARED = (*PERSONAL, Channel.CHAT)


class Audience(Enum):
    """Who is told."""

    PERSON = auto()  # the account that the event names, in the rule's `person`
    PROOF = auto()  # the address that the event's proof is for, which auth alone knows
    INVITEE = auto()  # an address, with or without an account
    OWNERS = auto()
    MANAGERS = auto()  # owners and admins, but not the account that the event names
    MEMBERS = auto()  # everybody in the organization
    CHOSEN = auto()  # those whom a customer named, of its members, and addresses
    HOLDER = auto()  # the person whose key it is; owners and admins if it is the organization's


class Secret(Enum):
    """A one-time secret that only the sent mail may hold, by the page that takes it."""

    EMAIL_VERIFICATION = "/verify-email"
    INVITATION = "/invitations/accept"
    PASSWORD_RESET = "/reset-password"  # noqa: S105  a path
    EMAIL_CHANGE = "/confirm-email"
    EMAIL_CHANGE_UNDO = "/undo-email-change"
    SIGN_IN = "/sign-in/email"
    CLOSING_UNDO = "/reopen-account"


def _always(_reading: Any) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How one kind of notification is made from one event.

    `to_unconfirmed` lets it go to an address that nobody has confirmed yet, `to_disabled` to an
    account that is banned or being closed. `person` is the fact whose account is told, `names`
    the one whose account is named in the text. What is `mandatory`, or of a category that is,
    nobody can switch off; what is `critical` doesn't wait for the end of quiet hours.
    """

    event: str
    reads: type
    kind: str
    to: Audience
    channels: tuple[Channel, ...]
    category: str
    mandatory: bool = False
    critical: bool = False
    applies: Callable[[Any], bool] = _always
    secret: Secret | None = None
    to_unconfirmed: bool = False
    to_disabled: bool = False
    person: str = "account_id"
    names: str | None = None
