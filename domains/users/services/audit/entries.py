"""Entries made from events: who did what, to what, and in whose trail that stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from domains.users.models import ErasureReceipt, Organization
from domains.users.services.audit import chain, masks
from domains.users.services.audit.chain import INSTALLATION, NOBODY, Draft
from kernel.context import ActorKind
from kernel.events import Envelope
from kernel.events.origin import NOWHERE
from kernel.events.types import by_name

Told = Envelope[dict[str, Any]]

LONGEST_TARGET = 64
TRACEPARENT_PARTS = 4
# What an event's name calls otherwise than the field that holds its id: the first that is there.
_MEMBER = "member_"
_MEMBER_FIELDS = ("invitation_id", "account_id")


@dataclass(frozen=True, kw_only=True)
class People:
    """What is known of those whom a batch of events is about."""

    personal: Mapping[UUID, UUID]
    erased: frozenset[UUID]


def record(envelopes: Sequence[Told]) -> None:
    """Add an entry for each event that somebody caused, or that is about an organization.

    Runs in the caller's transaction, which also remembers that these were handled.
    """
    told = [(envelope, _people(envelope)) for envelope in envelopes if is_audited(envelope)]
    if told:
        people = _find_people(set().union(*(about for _, about in told)))
        chain.append(draft(envelope, about, people) for envelope, about in told)


def is_audited(told: Told) -> bool:
    """Return whether the event becomes an entry.

    Those with an actor do. So do, of the others, those from outside, where nobody was proven (a
    sign-in that failed), and what the system did to an organization.
    """
    return bool(told.actor_id or told.origin.address or told.organization_id)


def draft(told: Told, about: AbstractSet[UUID], people: People) -> Draft:
    """Return the entry that the event about these accounts makes."""
    kind, actor_id = actor_of(told)
    target_kind, target_id = target_of(told.name, told.aggregate_id, told.payload)
    facts, personal = masks.split(told.payload, own_names=told.name.startswith("users."))
    if told.origin.api_key_id:
        facts.setdefault("api_key_id", str(told.origin.api_key_id))
    personal |= _from_where(told)
    gone = not people.erased.isdisjoint(about)
    return Draft(
        id=told.id,
        organization_id=_trail_of(told, kind, people),
        occurred_at=told.occurred_at,
        action=told.name.rpartition(".")[0],
        actor_kind=kind,
        actor_id=actor_id,
        on_behalf_of=told.origin.on_behalf_of,
        target_kind=target_kind,
        target_id=target_id[:LONGEST_TARGET],
        facts=facts,
        trace_id=_trace_id(told.traceparent),
        personal=None if gone else personal,
    )


def actor_of(told: Told) -> tuple[str, UUID]:
    """Return what acted, and which; a person's key is told from the person, whom it acts for."""
    kind = told.origin.kind
    if told.actor_id is None:
        return (ActorKind.UNKNOWN if told.origin.address else ActorKind.SYSTEM), NOBODY
    if kind == ActorKind.API_KEY and told.origin.api_key_id:
        return kind, told.origin.api_key_id
    return kind or ActorKind.ACCOUNT, told.actor_id


def target_of(name: str, aggregate_id: str, payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return what the event is about: what its name begins with, otherwise its aggregate."""
    for field in _target_fields(name, tuple(payload)):
        if payload.get(field):
            return field.removesuffix("_id"), str(payload[field])
    return _aggregate_kind(name, aggregate_id, payload), aggregate_id


@lru_cache(maxsize=1024)
def _target_fields(name: str, fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return which fields may hold what the event is about, the likeliest first."""
    said = name.split(".")[1]
    named = (f for f in fields if f.endswith("_id") and said.startswith(f"{f[:-3]}_"))
    return (*named, *(_MEMBER_FIELDS if said.startswith(_MEMBER) else ()))


def _aggregate_kind(name: str, aggregate_id: str, payload: Mapping[str, Any]) -> str:
    known = by_name.get(name)
    if known:
        return known.aggregate.removesuffix("_id")
    fields = (f for f, value in payload.items() if f.endswith("_id") and value == aggregate_id)
    return next(fields, name.split(".")[1]).removesuffix("_id")


def _trail_of(told: Told, kind: str, people: People) -> UUID:
    """Return the organization in whose trail it stands.

    What is of an account and of no organization stands in the account's own.
    """
    if told.payload.get("organization_id"):
        return UUID(told.payload["organization_id"])
    if account_id := _own_account(told):
        return people.personal.get(account_id, INSTALLATION)
    if told.organization_id:
        return told.organization_id
    if told.actor_id is None or kind == ActorKind.STAFF:
        return INSTALLATION
    return people.personal.get(told.actor_id, INSTALLATION)


def _own_account(told: Told) -> UUID | None:
    """Return the account whose story the event belongs to, if it is one's."""
    if told.payload.get("account_id") != told.aggregate_id:
        return None
    try:
        return UUID(told.aggregate_id)
    except ValueError:
        return None


def _people(told: Told) -> set[UUID]:
    """Return whoever an entry's personal parts may be about."""
    found = {told.actor_id, told.origin.on_behalf_of, _own_account(told)}
    return {account_id for account_id in found if account_id}


def _find_people(accounts: Iterable[UUID]) -> People:
    ids = list(accounts)
    own = Organization.objects.everywhere().filter(created_by__in=ids, personal=True)
    theirs = own.values_list("created_by", "id")
    erased = ErasureReceipt.objects.filter(account_id__in=ids, erased_at__isnull=False)
    return People(
        personal={account_id: id_ for account_id, id_ in theirs if account_id},
        erased=frozenset(erased.values_list("account_id", flat=True)),
    )


def _from_where(told: Told) -> dict[str, str]:
    if told.origin is NOWHERE:
        return {}
    said = {
        "address": told.origin.address,
        "user_agent": told.origin.user_agent,
        "request_id": told.origin.request_id,
    }
    return {name: value for name, value in said.items() if value}


def _trace_id(traceparent: str) -> str:
    """Return the trace of a W3C `traceparent`, or "" if that is none."""
    parts = traceparent.split("-")
    return parts[1][:32] if len(parts) == TRACEPARENT_PARTS else ""
