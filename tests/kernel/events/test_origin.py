"""Who acted for whom, and from where, travels with an event into handlers and jobs."""

from __future__ import annotations

from uuid import uuid4

import pytest

from kernel import context
from kernel.context import ActorKind, RequestContext
from kernel.events import consumer
from kernel.events.origin import NOWHERE, Origin, read_origin, wire_of
from kernel.events.testing import deliver_events
from kernel.models import Outbox
from tests.kernel.events.probes import PROBE, send
from tests.kernel.events.test_delivery import wire_of as wire_of_row

pytestmark = pytest.mark.django_db(databases="__all__")


def asked(**more):
    return RequestContext(
        request_id="r-1",
        actor_id=uuid4(),
        actor_kind=ActorKind.STAFF,
        on_behalf_of=uuid4(),
        api_key_id=uuid4(),
        client_address="2001:db8::1",
        user_agent="Bröwser",
        **more,
    )


def test_the_handler_is_told_where_an_event_comes_from(listen):
    seen = []
    listen(lambda envelope: seen.append((envelope.origin, context.current())))
    there = asked()
    with context.use(there):
        send("one")
    deliver_events()
    [(origin, handled_in)] = seen
    assert origin == Origin(
        kind="staff",
        on_behalf_of=there.on_behalf_of,
        api_key_id=there.api_key_id,
        address="2001:db8::1",
        user_agent="Bröwser",
        request_id="r-1",
    )
    same = ("actor_id", "actor_kind", "on_behalf_of", "api_key_id", "client_address", "user_agent")
    assert [getattr(handled_in, f) for f in same] == [getattr(there, f) for f in same]


def test_what_comes_from_nowhere_costs_no_bytes(listen):
    seen = []
    listen(lambda envelope: seen.append(envelope.origin))
    with context.use(RequestContext(request_id="of a job", traceparent="00-trace")):
        send("one")
    deliver_events()
    assert seen == [NOWHERE]
    assert Outbox.objects.using("auth").get(name=PROBE).origin is None


def test_what_was_sent_before_there_were_origins_is_still_read(listen):
    seen = []
    listen(lambda envelope: seen.append(envelope.origin))
    send("one")
    row = Outbox.objects.using("auth").get(name=PROBE)
    old = wire_of_row(row)
    assert "origin" not in old
    consumer.deliver("users", "auth", [old])
    assert seen == [NOWHERE]


def test_an_origin_is_the_same_on_the_other_side():
    import json

    origin = Origin(kind="api_key", api_key_id=uuid4(), on_behalf_of=uuid4(), address="::1")
    assert read_origin(json.loads(wire_of(origin))) == origin
    assert read_origin(None) is NOWHERE


def test_whoever_proved_an_account_is_the_actor_until_the_request_ends():
    account, other = uuid4(), uuid4()
    with context.use(RequestContext(client_address="::1")):
        context.prove(account)
        context.prove(other)
        assert (context.current().actor_id, context.current().actor_kind) == (account, "account")
    assert context.current().actor_id is None


def test_who_acts_already_stays_the_actor():
    with context.use(asked()) as _:
        before = context.current()
        context.prove(uuid4())
        assert context.current() is before


def test_nobody_is_proven_outside_of_any_request():
    context.prove(uuid4())
    assert context.current().actor_id is None
