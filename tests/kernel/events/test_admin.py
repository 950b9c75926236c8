"""What staff see of events, and the one thing that they may do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from kernel import clock
from kernel.ids import uuid7
from kernel.models import FailedEvent, Outbox, PeriodicRun
from tests.kernel.events.probes import send

pytestmark = pytest.mark.django_db(databases="__all__")

ADMIN = "/admin/kernel/"


@pytest.fixture
def staff(django_user_model):
    def staff(*, superuser: bool) -> Client:
        account = django_user_model(
            email=f"{uuid7()}@example.com", is_staff=True, is_superuser=superuser
        )
        account.set_unusable_password()
        account.save(using="auth")
        client = Client()
        client.force_login(account)
        return client

    return staff


@pytest.fixture
def client(staff):
    return staff(superuser=True)


def fail(domain, *, dead=True, **facts):
    now = clock.now()
    return FailedEvent.objects.using(domain).create(
        event_id=uuid7(),
        handler=f"{domain}.swallow",
        envelope={"name": "auth.probe_sent.v1", "payload": {"text": "<b>bold</b>"}},
        attempts=10,
        error="Traceback\nPoisoned: it burns",
        failed_at=now,
        next_attempt_at=now,
        dead_at=now if dead else None,
        **facts,
    )


def test_the_list_shows_what_is_open_and_for_how_long(client):
    send("one")
    Outbox.objects.using("auth").update(
        occurred_at=clock.now() - timedelta(hours=3), closed_at=None, pending=["users"]
    )
    page = client.get(f"{ADMIN}outbox/?domain=auth&state=open")
    assert page.status_code == 200
    assert "auth.probe_sent.v1" in page.content.decode()
    assert "3:00:0" in page.content.decode()


@pytest.mark.parametrize("model", ["outbox", "failedevent", "periodicrun"])
@pytest.mark.parametrize("query", ["", "?domain=billing", "?domain=nowhere", "?q=x&state=dead"])
def test_every_list_opens_for_every_domain(client, model, query):
    assert client.get(f"{ADMIN}{model}/{query}").status_code == 200


def test_a_list_shows_the_chosen_domains_rows_alone(client):
    fail("billing")
    assert "billing.swallow" in client.get(f"{ADMIN}failedevent/?domain=billing").content.decode()
    assert "billing.swallow" not in client.get(f"{ADMIN}failedevent/").content.decode()


def test_a_row_of_any_domain_opens_by_its_id(client):
    row = fail("billing")
    page = client.get(f"{ADMIN}failedevent/{row.id}/change/").content.decode()
    assert "Poisoned: it burns" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>bold" not in page


def test_a_published_event_and_a_run_open(client):
    send("one")
    event = Outbox.objects.using("auth").get()
    assert client.get(f"{ADMIN}outbox/{event.id}/change/").status_code == 200
    now = clock.now()
    run = PeriodicRun.objects.using("users").create(
        task="users.sweep", run_at=now, enqueued_at=now, started_at=now, finished_at=now
    )
    assert "0.00 s" in client.get(f"{ADMIN}periodicrun/{run.id}/change/").content.decode()


@pytest.mark.parametrize("row_id", ["00000000-0000-7000-8000-000000000000", "no-id"])
def test_an_unknown_row_is_not_found(client, row_id):
    assert client.get(f"{ADMIN}failedevent/{row_id}/change/").status_code == 302


@pytest.mark.parametrize("path", ["add/", "{id}/change/", "{id}/delete/"])
def test_nobody_adds_changes_or_deletes(client, path):
    row = fail("auth")
    response = client.post(f"{ADMIN}failedevent/{path.format(id=row.id)}", {"post": "yes"})
    assert response.status_code == 403


def replay(client, row):
    return client.post(
        f"{ADMIN}failedevent/?domain={row._state.db}",
        {"action": "replay", "_selected_action": [str(row.id)], "reason": "Mended"},
    )


def test_a_superuser_replays_a_dead_event_and_leaves_a_trace(client):
    row = fail("billing")
    replay(client, row)
    row.refresh_from_db(using="billing")
    assert (row.dead_at, row.attempts) == (None, 0)
    assert LogEntry.objects.get().change_message == "Replayed: Mended"


def test_nobody_else_replays(staff):
    row = fail("billing")
    replay(staff(superuser=False), row)
    row.refresh_from_db(using="billing")
    assert row.dead_at
