"""The second step's questions: who is told, by which names. Asked outside of any transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.auth import interface as auth
from domains.notifications.models import Message, Source
from domains.notifications.services.catalogue.rules import Audience, Rule
from domains.notifications.services.catalogue.table import rule_of
from domains.notifications.services.fanout import audiences
from domains.notifications.services.fanout.audiences import NobodyToTell, Recipient, Resolution
from domains.notifications.services.rendering import facts as facts_of
from domains.notifications.services.rendering.words import one_line
from domains.users import interface as users
from kernel.errors import NotFound
from kernel.permissions import Role

ROLE_FACTS = ("role", "former_role")
__all__ = ["NobodyToTell", "Recipient", "Resolution", "resolve", "still_wanted"]

SOMEBODY = facts_of.word("somebody")
FORMER_ROLE = facts_of.word("role.gone")


def resolve(message: Message) -> Resolution:
    """Return whom to tell from the message's cursor on, and in which words.

    The words are found out with the first page. Raise `NobodyToTell` if its object is gone.
    """
    rule = rule_of(message)
    if message.reached:
        return replace(audiences.page(rule, message), context=message.context)
    context = dict(message.context)
    if message.source == Source.EVENT:
        context = _words(rule, message)
    elif message.organization_id is not None:
        context[facts_of.ORGANIZATION] = _organization(message.organization_id)["organization"]
    if rule.to is not Audience.INVITEE:
        return replace(audiences.page(rule, message), context=context)
    invitation = _invitation(UUID(message.facts["invitation_id"]))
    invitee = Recipient(account_id=None, address=invitation.email, confirmed=False)
    return Resolution(recipients=(invitee,), context=context)


def _words(rule: Rule, message: Message) -> dict[str, Any]:
    context = {"occurred_at": facts_of.moment(message.occurred_at), **_facts(message)}
    context |= _organization(message.organization_id)
    context |= _roles(message.organization_id, message.facts)
    if rule.names:
        context["person"] = _name_of(UUID(message.facts[rule.names]))
    if "invitation_id" in message.facts:
        invitation = _invitation(UUID(message.facts["invitation_id"]))
        context |= _invitation_words(invitation)
        context |= _roles(invitation.organization_id, {"role": invitation.role})
    return context


def _facts(message: Message) -> dict[str, Any]:
    facts = {
        name: facts_of.of_event(name, fact)
        for name, fact in message.facts.items()
        if not name.endswith("_id")
    }
    return {name: one_line(f) if isinstance(f, str) else f for name, f in facts.items()}


def _organization(organization_id: UUID | None) -> dict[str, str]:
    if organization_id is None:
        return {}
    found = users.get_organizations(organization_ids=[organization_id])
    if not found:
        raise NobodyToTell("the organization is gone")
    return {"organization": one_line(found[0].name)}


def _roles(organization_id: UUID | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what people call the roles that the facts name by their keys."""
    keys = {fact: facts[fact] for fact in ROLE_FACTS if fact in facts}
    if not keys or organization_id is None:
        return {}
    known = users.get_role_names(organization_id=organization_id, roles=sorted(set(keys.values())))
    names: dict[str, Any] = {role.key: one_line(role.name) for role in known}
    # The built-in ones are called otherwise in every language.
    names |= {role.value: facts_of.word(f"role.{role}") for role in Role}
    return {fact: names.get(key, FORMER_ROLE) for fact, key in keys.items()}


def _name_of(account_id: UUID) -> str | dict[str, Any]:
    profiles = users.get_profiles(account_ids=[account_id])
    if profiles and profiles[0].display_name:
        return one_line(profiles[0].display_name)
    accounts = auth.get_accounts(account_ids=[account_id])
    return one_line(accounts[0].email) if accounts else SOMEBODY


def _invitation(invitation_id: UUID) -> users.Invitation:
    try:
        return users.get_invitation(invitation_id=invitation_id)
    except NotFound as error:
        raise NobodyToTell("the invitation is not open any more") from error


def _invitation_words(invitation: users.Invitation) -> dict[str, Any]:
    return {
        "email": one_line(invitation.email),
        "expires_at": facts_of.moment(invitation.expires_at),
    }


def still_wanted(
    *, rule: Rule, message: Message, account_id: UUID | None, address: str = "", now: datetime
) -> Recipient:
    """Return the recipient as of now; raise `NobodyToTell` if none may be written to any more.

    `address` is where the delivery goes that has no account.
    """
    if rule.to is Audience.CHOSEN and account_id is None:
        return Recipient(account_id=None, address=address, confirmed=False)
    if account_id is None:
        return _open_invitation(message, now)
    if rule.to is Audience.PROOF:
        # Auth gives no secret where none is due; to a banned or closing account it may be.
        return Recipient(account_id=account_id, address="", confirmed=True)
    accounts = auth.get_accounts(account_ids=[account_id])
    if not accounts or not (accounts[0].is_active or rule.to_disabled):
        raise NobodyToTell("the account is gone or disabled")
    account = accounts[0]
    if not (account.email_verified or rule.to_unconfirmed):
        raise NobodyToTell("the address has not been confirmed")
    return Recipient(account_id=account.id, address=account.email, confirmed=account.email_verified)


def _open_invitation(message: Message, now: datetime) -> Recipient:
    invitation = _invitation(UUID(message.facts["invitation_id"]))
    if invitation.expires_at <= now:
        raise NobodyToTell("the invitation has expired")
    return Recipient(account_id=None, address=invitation.email, confirmed=False)
