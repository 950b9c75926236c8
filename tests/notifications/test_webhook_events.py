"""Which events are sent, to whom, and what is told of them; exactly once."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from domains.notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from domains.notifications.services import privacy
from domains.notifications.services.webhooks import event_types, payloads, recording, retention
from domains.users import interface as users
from kernel.clock import now
from kernel.events import types
from kernel.events.consumer import deliver
from kernel.ids import uuid7
from kernel.privacy import Person
from tests.erasures import account_erased, organization_erased
from tests.notifications.conftest import person
from tests.notifications.sinks import sink
from tests.notifications.webhooks import (
    JOINED,
    an_endpoint,
    happen,
    local,
    log_of,
    send,
    the_webhook_of,
    told,
    webhooks_of,
)

__all__ = ["local"]
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("local")]
SECRETIVE = {"token", "secret", "email", "address", "network", "place", "device", "url", "prefix"}


@pytest.mark.parametrize("name", sorted(event_types.FACTS))
def test_a_public_event_exists_with_its_facts_and_is_about_an_organization(name):
    published = {field.name for field in fields(types.by_name[name].payload)}
    facts = event_types.FACTS[name]
    assert set(facts) <= published
    assert "organization_id" in facts
    assert not SECRETIVE & set(facts)


def test_every_event_about_an_organization_is_public_or_kept_back_on_purpose():
    kept_back = {
        "auth.api_key_used_from_new_network.v1", "auth.staff_acted.v1",
        "billing.plan_given.v1", "users.audit_log_exported.v1", "users.audit_log_read.v1",
        "users.organization_erased.v1",
    }  # fmt: skip
    about = {
        name
        for name, kind in types.by_name.items()
        if kind.domain in {"auth", "users", "billing", "files"}
        and "organization_id" in {field.name for field in fields(kind.payload)}
    }
    assert about - event_types.FACTS.keys() == kept_back


def test_what_happens_is_sent_to_the_endpoints_of_its_organization_that_want_it(
    ada, acme, deliver_events
):
    grace = person("grace")
    other = users.ensure_organization(account_id=grace.id, name="Other")
    with sink() as there:
        wanting, _ = an_endpoint(there.url("/a"), organization_id=acme.id, event_types=["users.*"])
        named, _ = an_endpoint(there.url("/b"), organization_id=acme.id, event_types=[JOINED])
        not_wanting, _ = an_endpoint(
            there.url("/c"), organization_id=acme.id, event_types=["billing.*"]
        )
        foreign, _ = an_endpoint(there.url("/d"), organization_id=other.id)
        deliver_events()
        there.received.clear()
        users.ensure_member(organization_id=acme.id, account_id=grace.id, role="member")
        deliver_events()
    joined = [got for got in there.received if json.loads(got.body)["type"] == JOINED]
    assert sorted(got.path for got in joined) == ["/a", "/b"]
    [one, other_one] = [json.loads(got.body) for got in joined]
    assert one == other_one
    assert one["data"] == {
        "organization_id": str(acme.id),
        "account_id": str(grace.id),
        "role": "member",
        "invitation_id": None,
    }
    assert {each.event_type for each in webhooks_of(not_wanting)} <= {"billing.*"}
    assert JOINED not in {each.event_type for each in webhooks_of(foreign)}
    assert the_webhook_of(named).state == "succeeded"
    assert {each.organization_id for each in webhooks_of(wanting)} == {acme.id}


def test_an_event_that_comes_twice_is_sent_once():
    with sink() as there:
        endpoint, _ = an_endpoint(there.url())
        event = told(endpoint.organization_id)
        for _ in range(2):
            recording.record(envelopes=[event, event], now=now())
        send()
    assert len(there.received) == 1


def test_a_batch_that_is_handled_again_adds_nothing(acme):
    endpoint, _ = an_endpoint("http://127.0.0.1/", organization_id=acme.id)
    event = told(acme.id, account_id=str(uuid7()), role="member")
    for _ in range(3):
        deliver("notifications", "users", [wire_of(event)])
    assert the_webhook_of(endpoint).event_id == event.id


def test_what_happened_one_after_the_other_is_recorded_in_that_order_whatever_it_was(acme):
    endpoint, _ = an_endpoint("http://127.0.0.1/", organization_id=acme.id)
    happened = [
        told(acme.id, f"users.member_{what}.v1", account_id=str(uuid7()), role="member")
        for what in ("joined", "removed", "joined", "removed")
    ]
    wires = [wire_of(event, version) for version, event in enumerate(happened)]
    deliver("notifications", "users", wires[::-1])
    recorded = WebhookDelivery.objects.filter(endpoint=endpoint).order_by("id")
    assert [each.event_id for each in recorded] == [event.id for event in happened]


def wire_of(event, version=1):
    return {
        "id": str(event.id),
        "name": event.name,
        "occurred_at": event.occurred_at.isoformat(),
        "aggregate_id": event.aggregate_id,
        "version": version,
        "actor_id": None,
        "organization_id": str(event.organization_id),
        "traceparent": "",
        "attempt": 1,
        "payload": event.payload,
    }


def test_only_public_facts_leave():
    endpoint, _ = an_endpoint("http://127.0.0.1/")
    facts = {"account_id": str(uuid7()), "role": "member", "note": "whsec_secret", "email": "a@b.c"}
    recording.record(envelopes=[told(endpoint.organization_id, **facts)], now=now())
    said = json.loads(the_webhook_of(endpoint).body)["data"]
    assert said.keys() == {"organization_id", "account_id", "role"}


def test_what_is_not_public_is_not_sent():
    endpoint, _ = an_endpoint("http://127.0.0.1/")
    for name in ("auth.session_started.v1", "users.audit_log_read.v1", "billing.plan_given.v1"):
        recording.record(envelopes=[told(endpoint.organization_id, name)], now=now())
    assert webhooks_of(endpoint) == []


@pytest.mark.parametrize("length", [10, 15_000, 1_000_000])
def test_a_payload_is_always_under_20_kb(length):
    permissions = ["ö" * length]
    facts = {"organization_id": "1", "role_id": "2", "name": "n", "permissions": permissions}
    body = payloads.body_of(
        event_id=uuid7(), name="users.role_created.v1", occurred_at=now(), facts=facts
    )
    assert len(body.encode()) < 20_000
    read = json.loads(body)
    assert read["data"]["role_id"] == "2"
    assert read.get("left_out") == (None if length == 10 else ["permissions"])


def test_what_happens_while_an_endpoint_is_paused_waits_and_while_disabled_does_not():
    paused, _ = an_endpoint("http://127.0.0.1/")
    disabled, _ = an_endpoint("http://127.0.0.1/")
    for endpoint, state in ((paused, "paused"), (disabled, "disabled")):
        WebhookEndpoint.objects.filter(id=endpoint.id).update(state=state)
        happen(endpoint)
    assert send() == 0
    assert the_webhook_of(paused).state == "pending"
    assert webhooks_of(disabled) == []


def test_the_log_is_kept_for_its_days(settings):
    with sink() as there:
        endpoint, _ = an_endpoint(there.url())
        began = now()
        happen(endpoint, times=3, now=began)
        send()
    days = settings.WEBHOOK_LOG_DAYS
    assert days == 30
    assert retention.forget_old(now=began + retention.timedelta(days=days - 1)) == 0
    assert retention.forget_old(now=began + retention.timedelta(days=days, seconds=1)) == 3
    assert webhooks_of(endpoint) == log_of(endpoint) == []


def test_everything_of_an_erased_organization_goes_and_nothing_of_others(deliver_events):
    with sink() as there:
        mine, _ = an_endpoint(there.url())
        other, _ = an_endpoint(there.url())
        happen(mine)
        happen(other)
        send()
    organization_erased(mine.organization_id)
    deliver_events()
    assert list(WebhookEndpoint.objects.all()) == [other]
    assert [each.endpoint for each in WebhookDelivery.objects.all()] == [other]
    assert WebhookAttempt.objects.count() == 1


def test_what_names_an_erased_person_goes_and_was_in_their_export(deliver_events):
    endpoint, _ = an_endpoint("http://127.0.0.1/")
    ada, grace = uuid7(), uuid7()
    for account_id in (ada, grace):
        event = told(endpoint.organization_id, account_id=str(account_id), role="member")
        recording.record(envelopes=[event], now=now())
    offered = told(
        endpoint.organization_id,
        "users.ownership_offered.v1",
        from_account_id=str(grace),
        to_account_id=str(ada),
    )
    recording.record(envelopes=[offered], now=now())
    holding = next(each for each in privacy.HOLDINGS if each.name == "webhooks_about_you")
    assert holding.of(Person(account_id=ada)).count() == 2
    account_erased(ada)
    deliver_events()
    [left] = webhooks_of(endpoint)
    assert left.account_ids == [grace]
