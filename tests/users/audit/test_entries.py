"""Every event that somebody caused becomes an entry, whoever published it."""

from __future__ import annotations

import types as python_types
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from domains.auth import interface as auth
from domains.users.models import AuditEntry
from domains.users.services.audit.chain import INSTALLATION
from kernel.clock import now
from kernel.context import ActorKind, RequestContext
from kernel.events import consumer, types
from kernel.events.testing import deliver_events
from kernel.ids import uuid7
from kernel.models import Outbox
from tests.users.audit.said import ADDRESS, invited, request_of, say, trail
from tests.users.people import organization_of, person

pytestmark = pytest.mark.django_db(databases="__all__")

DECLARED = sorted(
    name for name, kind in types.by_name.items() if kind.payload.__module__.startswith("domains.")
)


def made_up(annotation: Any) -> Any:
    """Return some value of the type."""
    origin = get_origin(annotation)
    if origin in (Union, python_types.UnionType):
        return made_up(get_args(annotation)[0])
    if origin is tuple:
        return (made_up(get_args(annotation)[0]),)
    if origin is dict:
        return {"a": made_up(get_args(annotation)[1])}
    plain = {UUID: uuid7(), str: "text", int: 7, bool: True, datetime: now(), date: now().date()}
    if annotation in plain:
        return plain[annotation]
    if hasattr(annotation, "__members__"):
        return next(iter(annotation))
    hints = get_type_hints(annotation)
    return annotation(**{field.name: made_up(hints[field.name]) for field in fields(annotation)})


def test_the_test_knows_every_event():
    assert len(DECLARED) > 70


@pytest.mark.parametrize("name", DECLARED)
def test_whatever_somebody_does_becomes_an_entry(name):
    kind = types.by_name[name]
    event = made_up(kind.payload)
    actor = uuid7()
    asked = request_of(actor, traceparent=f"00-{'ab' * 16}-{'cd' * 8}-01")
    from kernel import context
    from kernel.db import transaction
    from kernel.events import publish

    with context.use(asked), transaction(kind.domain):
        publish(event)
    rows = Outbox.objects.using(kind.domain).filter(actor_id=actor)
    assert "users" in rows.get().pending
    wire = _wire(rows.get())
    from domains.users import handlers
    from kernel.events import subscriptions

    [audit] = [s for s in subscriptions.of_domain("users") if s.handle is handlers.audit]
    consumer.handle(audit, [wire])
    consumer.handle(audit, [wire])
    entry = AuditEntry.objects.get(actor_id=actor)
    assert entry.action == name.rpartition(".")[0]
    assert entry.id == rows.get().id
    assert (entry.actor_kind, entry.trace_id) == ("account", "ab" * 16)
    assert entry.personal["address"] == ADDRESS
    assert entry.target_kind
    assert entry.target_id
    said = TypeAdapter(kind.payload).dump_python(event, mode="json")
    assert said.keys() <= entry.facts.keys() | entry.personal.keys()


def _wire(row: Outbox) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "aggregate_id": row.aggregate_id,
        "version": row.sequence,
        "payload": row.payload,
        "occurred_at": row.occurred_at.isoformat(),
        "actor_id": str(row.actor_id),
        "organization_id": row.organization_id and str(row.organization_id),
        "traceparent": row.traceparent,
        "origin": row.origin,
        "attempt": 1,
    }


def test_what_is_done_in_an_organization_stands_in_its_trail():
    organization, actor = uuid7(), uuid7()
    say(invited(organization, actor), asked=request_of(actor))
    deliver_events()
    [entry] = trail(organization)
    assert (entry.action, entry.sequence) == ("users.member_invited", 1)
    assert (entry.target_kind, entry.actor_id) == ("invitation", actor)


def test_what_is_done_to_an_account_stands_in_its_own_trail():
    ada = person()
    deliver_events()
    personal = ada.principal().organization_id
    elsewhere = request_of(ada.account_id, organization_id=organization_of(ada))
    say(auth.RecoveryCodesMade(account_id=ada.account_id), asked=elsewhere)
    deliver_events()
    assert trail(personal)[-1].action == "auth.recovery_codes_made"
    assert (trail(personal)[-1].target_kind, trail(personal)[-1].target_id) == (
        "account",
        str(ada.account_id),
    )


def test_what_is_of_nobodys_organization_stands_in_the_installations_trail():
    staff = uuid7()
    say(auth.SigningKeyRotated(kid="k"), asked=request_of(staff, actor_kind=ActorKind.STAFF))
    deliver_events()
    [entry] = trail(INSTALLATION)
    assert (entry.actor_kind, entry.actor_id, entry.target_id) == ("staff", staff, "k")


def test_staff_who_act_as_somebody_are_told_from_them():
    organization, staff, ada = uuid7(), uuid7(), uuid7()
    asked = request_of(staff, actor_kind=ActorKind.STAFF, on_behalf_of=ada)
    say(invited(organization, ada), asked=asked)
    deliver_events()
    [entry] = trail(organization)
    assert (entry.actor_kind, entry.actor_id, entry.on_behalf_of) == ("staff", staff, ada)


def test_a_key_is_told_from_the_person_whose_it_is():
    organization, key, ada = uuid7(), uuid7(), uuid7()
    kind = {"actor_kind": ActorKind.API_KEY, "api_key_id": key, "on_behalf_of": ada}
    say(invited(organization, ada), asked=request_of(ada, **kind))
    deliver_events()
    [entry] = trail(organization)
    assert (entry.actor_kind, entry.actor_id, entry.on_behalf_of) == ("api_key", key, ada)


def test_a_failed_sign_in_is_of_somebody_unknown_and_about_the_account():
    ada = person()
    deliver_events()
    personal = ada.principal().organization_id
    failed = auth.SignInFailed(
        account_id=ada.account_id, method="password", device="Firefox", network="n", place="p"
    )
    say(failed, asked=request_of(None, actor_kind=""))
    deliver_events()
    entry = trail(personal)[-1]
    assert (entry.actor_kind, entry.actor_id) == ("unknown", UUID(int=0))
    assert (entry.target_kind, entry.target_id) == ("account", str(ada.account_id))
    assert entry.facts == {"account_id": str(ada.account_id), "method": "password"}
    assert entry.personal["device"] == "Firefox"


def test_what_the_system_does_to_an_organization_is_the_systems():
    organization = uuid7()
    say(invited(organization, uuid7()), asked=RequestContext())
    deliver_events()
    assert trail(organization)[0].actor_kind == "system"


def test_what_nobody_did_to_nobody_is_no_entry():
    say(auth.SigningKeyRotated(kid="k"))
    deliver_events()
    assert trail(INSTALLATION) == []


def test_an_event_that_comes_twice_is_one_entry():
    organization, actor = uuid7(), uuid7()
    say(invited(organization, actor), asked=request_of(actor))
    deliver_events()
    row = Outbox.objects.using("users").get(actor_id=actor)
    consumer.deliver("users", "users", [_wire(row)])
    assert len(trail(organization)) == 1
