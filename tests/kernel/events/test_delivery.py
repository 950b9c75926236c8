"""From publishing to the effect: what arrives, as what, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from pydantic_core import PydanticSerializationError

from kernel import context
from kernel.db import transaction
from kernel.events import consumer, publish
from kernel.events.outbox import PublishedOutsideTransaction
from kernel.events.testing import EventsFailed, deliver_events
from kernel.events.types import NotAnEvent
from kernel.ids import uuid7
from kernel.models import Inbox, Outbox
from tests.kernel.events.probes import PROBE, Probe, ProbeSent, effects, record, send, write_effect

pytestmark = pytest.mark.django_db(databases="__all__")

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def outbox():
    return Outbox.objects.using("auth").filter(name=PROBE)


def wire_of(row, attempt=1):
    return {
        "id": str(row.id),
        "name": row.name,
        "aggregate_id": row.aggregate_id,
        "version": row.sequence,
        "payload": row.payload,
        "occurred_at": row.occurred_at.isoformat(),
        "actor_id": None,
        "organization_id": None,
        "traceparent": "",
        "attempt": attempt,
    }


def test_an_event_reaches_its_handler_and_its_row_is_closed(listen):
    listen(record)
    send("one", "two")
    deliver_events()
    assert effects() == ["one", "two"]
    assert outbox().filter(closed_at=None).count() == 0
    assert Inbox.objects.using("users").filter(handler="users.record").count() == 2


def test_an_event_reaches_every_domain_that_listens(listen):
    listen(record)
    listen(lambda envelope: write_effect(envelope.payload.text, "billing"), domain="billing")
    send("one")
    deliver_events()
    assert (effects("users"), effects("billing")) == (["one"], ["one"])


def test_an_event_that_nobody_listens_to_is_closed_at_once():
    send("one")
    assert outbox().get().closed_at


def test_an_event_sent_twice_has_one_effect(listen):
    listen(record)
    send("one")
    deliver_events()
    again = [wire_of(row) for row in outbox()]
    consumer.deliver("users", "auth", again)
    consumer.deliver("users", "auth", again * 2)
    assert effects() == ["one"]


def test_of_a_batch_only_what_is_new_is_handled(listen):
    listen(record)
    send("one", "two")
    one, two = map(wire_of, outbox().order_by("sequence"))
    consumer.deliver("users", "auth", [one])
    consumer.deliver("users", "auth", [two, one])
    assert effects() == ["one", "two"]


def test_publishing_outside_a_transaction_is_refused():
    with pytest.raises(PublishedOutsideTransaction):
        publish(ProbeSent(subject_id=uuid4()))


def test_publishing_in_another_domains_transaction_is_refused():
    with transaction("users"), pytest.raises(PublishedOutsideTransaction):
        publish(ProbeSent(subject_id=uuid4()))


def test_publishing_what_is_no_event_is_refused():
    with transaction("auth"), pytest.raises(NotAnEvent):
        publish("a string")


def test_publishing_a_field_of_another_type_is_refused():
    with transaction("auth"), pytest.raises(PydanticSerializationError):
        publish(ProbeSent(subject_id=uuid4(), text=["not", "a", "text"]))


def test_a_rolled_back_transaction_publishes_nothing(listen):
    listen(record)
    with pytest.raises(ZeroDivisionError), transaction("auth"):
        publish(ProbeSent(subject_id=uuid4(), text="never"))
        1 / 0  # noqa: B018
    deliver_events()
    assert not outbox().exists()
    assert effects() == []


def test_the_handler_is_given_who_for_whom_when_and_the_trace(listen):
    seen = []
    listen(lambda envelope: seen.append((envelope, context.current())))
    actor, organization, subject = uuid7(), uuid7(), uuid4()
    asked = context.RequestContext(
        request_id="r", traceparent=TRACE, actor_id=actor, organization_id=organization
    )
    with context.use(asked):
        send("one", subject_id=subject)
    deliver_events()
    [(envelope, handled_in)] = seen
    row = outbox().get()
    assert envelope.id == row.id
    assert (envelope.name, envelope.aggregate_id) == (PROBE, str(subject))
    assert (envelope.version, envelope.occurred_at) == (row.sequence, row.occurred_at)
    assert (envelope.actor_id, envelope.organization_id) == (actor, organization)
    assert envelope.payload == Probe(text="one")
    assert (handled_in.traceparent, handled_in.actor_id) == (TRACE, actor)
    assert handled_in.organization_id == organization
    assert context.current().traceparent == ""


def test_what_a_handler_publishes_carries_the_trace_on(listen):
    def answer(envelope):
        with transaction("users"):
            pass
        publish_answer(envelope)

    def publish_answer(envelope):
        from domains.users.interface import OrganizationCreated

        publish(OrganizationCreated(organization_id=uuid7(), account_id=uuid7(), personal=True))

    listen(answer)
    with context.use(context.RequestContext(traceparent=TRACE)):
        send("one")
    deliver_events(failures_expected=True)
    created = Outbox.objects.using("users").get(name="users.organization_created.v1")
    assert created.traceparent == TRACE


def test_a_reader_ignores_fields_that_it_does_not_know(listen):
    @dataclass(frozen=True, kw_only=True)
    class Subject:
        subject_id: UUID

    seen = []
    listen(lambda envelope: seen.append(envelope.payload), reads=Subject)
    subject = uuid4()
    send("one", subject_id=subject)
    deliver_events()
    assert seen == [Subject(subject_id=subject)]


def test_a_glob_reads_everything_as_plain_data(listen):
    seen = []
    listen(lambda envelope: seen.append(envelope.payload["text"]), name="auth.probe_*", reads=dict)
    send("one")
    deliver_events()
    assert seen == ["one"]


def test_a_batch_handler_is_given_all_events_in_order(listen):
    seen = []
    listen(lambda envelopes: seen.append([e.payload.text for e in envelopes]), batch=True)
    send("one", "two", "three")
    deliver_events()
    assert seen == [["one", "two", "three"]]


def test_an_event_that_no_handler_here_knows_is_not_acknowledged(listen):
    subscription = listen(record)
    send("one")
    from kernel.events import subscriptions

    subscriptions.remove(subscription)
    deliver_events()
    assert outbox().get().closed_at is None
    subscriptions.add(subscription)


def test_a_failing_handler_fails_the_test_that_delivers(listen):
    def refuse(envelope):
        raise ValueError("no")

    listen(refuse)
    send("one")
    with pytest.raises(EventsFailed, match=r"users\.refuse raised"):
        deliver_events()


def test_two_handlers_of_one_name_are_refused(listen):
    def twin(envelope):
        """One."""

    listen(twin)
    original = twin

    def twin(envelope):
        """Another."""

    assert twin is not original
    with pytest.raises(TypeError, match="Two handlers"):
        listen(twin)
