"""What is not taken is sent again, for days; what takes nothing for days is disabled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.notifications.models import WebhookEndpoint
from domains.notifications.services.webhooks import schedule
from kernel.clock import now
from tests.notifications.conftest import mails_to
from tests.notifications.sinks import sink
from tests.notifications.webhooks import (
    an_endpoint,
    happen,
    local,
    log_of,
    send,
    the_webhook_of,
    webhooks_of,
)
from tests.ports import free_port

__all__ = ["local"]
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("local")]
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
WAITS = ["5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"]
UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


def wait(text: str) -> timedelta:
    return timedelta(**{UNITS[text[-1]]: int(text[:-1])})


@given(attempts=st.integers(1, 9))
def test_the_next_attempt_is_due_by_the_schedule_and_up_to_a_fifth_later(attempts):
    due = schedule.next_attempt_at(attempts=attempts, retry_after=None, now=NOW)
    expected = wait(WAITS[attempts - 1])
    assert NOW + expected <= due <= NOW + expected * 1.2


@given(asked=st.integers(0, 10**9), attempts=st.integers(1, 9))
def test_retry_after_makes_the_wait_longer_never_shorter_and_never_over_a_day(asked, attempts):
    retry_after = timedelta(seconds=asked)
    due = schedule.next_attempt_at(attempts=attempts, retry_after=retry_after, now=NOW)
    assert due >= NOW + wait(WAITS[attempts - 1])
    assert due >= NOW + min(retry_after, timedelta(hours=24))
    assert due <= NOW + timedelta(hours=24) * 1.2


def test_the_tenth_failure_is_the_last():
    assert schedule.next_attempt_at(attempts=10, retry_after=None, now=NOW) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120), ("0", 0), ("99999999999999999999", 86400),
        ("Sun, 29 Nov 2026 12:10:00 GMT", 600), ("Sun, 29 Nov 2026 11:00:00 GMT", None),
        ("Sun, 29 Nov 2030 12:10:00 GMT", 86400),
        ("", None), ("soon", None), ("-5", None), ("1.5", None), ("\u0665", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_seconds_or_as_a_date(text, seconds):
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert schedule.read_retry_after(text, now=NOW) == expected


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_success(status):
    with sink() as there:
        there.reply = lambda _: (status, {}, b"" if status == 204 else b"ok")
        endpoint, _ = an_endpoint(there.url())
        happen(endpoint)
        assert send() == 1
        assert send(now() + timedelta(days=9)) == 0
    assert the_webhook_of(endpoint).state == "succeeded"


@pytest.mark.parametrize("status", [301, 302, 304, 307, 400, 401, 404, 408, 429, 500, 503])
def test_anything_else_is_a_failure_and_tried_again(status):
    with sink() as there:
        there.reply = lambda _: (status, {"Location": there.url("/other")}, b"")
        endpoint, _ = an_endpoint(there.url())
        began = now()
        happen(endpoint, now=began)
        assert [send(began), send(began + timedelta(seconds=4))] == [1, 0]
        assert the_webhook_of(endpoint).state == "pending"
        there.reply = lambda _: (200, {}, b"")
        assert send(began + timedelta(seconds=6)) == 1
    assert the_webhook_of(endpoint).state == "succeeded"
    assert [entry.status for entry in log_of(endpoint)] == [status, 200]
    assert {got.path for got in there.received} == {"/hook"}


def test_retry_after_is_obeyed():
    with sink() as there:
        there.reply = lambda _: (429, {"Retry-After": "3600"}, b"")
        endpoint, _ = an_endpoint(there.url())
        began = now()
        happen(endpoint, now=began)
        send(began)
    assert the_webhook_of(endpoint).due_at == began + timedelta(hours=1)


def fail_to_the_end(endpoint: WebhookEndpoint, began: datetime) -> datetime:
    """Send until nothing is due any more, and return when that is."""
    at = began
    for _ in range(10):
        assert send(at) == 1
        at = max(at, the_webhook_of(endpoint).due_at)
    assert send(at + timedelta(days=30)) == 0
    return at


def test_a_webhook_that_is_never_taken_is_given_up_after_ten_attempts():
    endpoint, _ = an_endpoint(f"http://127.0.0.1:{free_port()}/")
    began = now()
    happen(endpoint, now=began)
    ended = fail_to_the_end(endpoint, began)
    webhook = the_webhook_of(endpoint)
    assert (webhook.state, webhook.attempts) == ("dead", 10)
    entries = log_of(endpoint)
    assert len(entries) == 10
    assert {(entry.status, entry.latency_ms) for entry in entries} == {(None, None)}
    assert "can't be connected to" in entries[0].error
    assert timedelta(hours=75) < ended - began < timedelta(hours=92)


def test_410_disables_the_endpoint_at_once_and_its_managers_are_told(ada, acme, deliver_events):
    with sink() as there:
        there.reply = lambda _: (410, {}, b"")
        endpoint, _ = an_endpoint(there.url(), organization_id=acme.id, description="Our CRM")
        happen(endpoint)
        send()
        happen(endpoint)
        assert send(now() + timedelta(days=1)) == 0
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.disabled_reason) == ("disabled", "gone")
    assert the_webhook_of(endpoint).state == "dead"
    deliver_events()
    [mail] = [each for each in mails_to(ada.email) if "Our CRM" in each.subject]
    assert "410" in mail.body


def test_an_endpoint_that_fails_for_five_days_is_disabled_and_its_managers_are_told(
    ada, acme, deliver_events
):
    with sink() as there:
        there.reply = lambda _: (500, {}, b"")
        endpoint, _ = an_endpoint(there.url("/secret-path"), organization_id=acme.id)
        began = now()
        for days, state in ((0, "active"), (4.99, "active"), (5, "disabled")):
            at = began + timedelta(days=days)
            happen(endpoint, now=at)
            send(at)
            endpoint.refresh_from_db()
            assert endpoint.state == state
    assert endpoint.disabled_reason == "failing"
    deliver_events()
    [mail] = [each for each in mails_to(ada.email) if "127.0.0.1" in each.subject]
    assert "five days" in mail.body
    assert "secret-path" not in mail.subject + mail.body


def test_one_success_in_between_keeps_an_endpoint_active():
    with sink() as there:
        endpoint, _ = an_endpoint(there.url())
        began = now()
        for days, status in ((0, 500), (3, 200), (6, 500), (10, 500)):
            there.reply = lambda _, status=status: (status, {}, b"")
            at = began + timedelta(days=days)
            happen(endpoint, now=at)
            send(at)
    endpoint.refresh_from_db()
    assert endpoint.state == "active"
    assert endpoint.failing_since == began + timedelta(days=6)


def test_an_ordered_endpoint_has_one_under_way_and_the_next_waits_for_it():
    with sink() as there:
        endpoint, _ = an_endpoint(there.url(), is_ordered=True)
        began = now()
        happen(endpoint, times=3, now=began)
        first, *others = (str(each.event_id) for each in webhooks_of(endpoint))
        there.reply = lambda _: (500, {}, b"")
        assert send(began) == 1
        there.reply = lambda _: (200, {}, b"")
        assert send(began + timedelta(seconds=4)) == 0
        assert send(began + timedelta(seconds=6)) == 3
    seen = [got.headers["webhook-id"] for got in there.received]
    assert seen == [first, first, *others]


def test_the_next_of_an_ordered_endpoint_goes_when_the_one_before_is_given_up():
    with sink() as there:
        endpoint, _ = an_endpoint(there.url(), is_ordered=True)
        at = now()
        happen(endpoint, times=2, now=at)
        first, second = webhooks_of(endpoint)
        refused = str(first.event_id)
        there.reply = lambda got: (500 if got.headers["webhook-id"] == refused else 200, {}, b"")
        for _ in range(10):
            second.refresh_from_db()
            assert second.state == "pending"
            send(at)
            first.refresh_from_db()
            at = max(at, first.due_at)
    second.refresh_from_db()
    assert (first.state, second.state) == ("dead", "succeeded")
