"""Several workers, slow servers, and workers that die: nothing is lost, and nothing sent by two."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections

from domains.notifications.models import WebhookDelivery
from domains.notifications.services.webhooks import attempts, claims, sending, settling
from kernel.clock import now
from tests import patience
from tests.notifications.sinks import sink
from tests.notifications.test_at_once import all_at_once
from tests.notifications.webhooks import an_endpoint, happen, local, log_of, send, webhooks_of

__all__ = ["local"]
pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("local"),
]


def ids(there) -> list[str]:
    return [got.headers["webhook-id"] for got in there.received]


def states(endpoint) -> set[str]:
    return {each.state for each in webhooks_of(endpoint)}


def test_many_workers_at_once_send_each_webhook_once():
    with sink() as there:
        endpoints = [an_endpoint(there.url())[0] for _ in range(4)]
        for endpoint in endpoints:
            happen(endpoint, times=15)
        later = now() + timedelta(seconds=1)
        all_at_once(lambda: send(later))
        send(later)
    assert len(ids(there)) == 60
    assert len(set(ids(there))) == 60
    for endpoint in endpoints:
        assert states(endpoint) == {"succeeded"}
        assert len(log_of(endpoint)) == 15


def test_many_workers_at_once_keep_the_order_of_an_endpoint():
    with sink() as there:
        endpoint, _ = an_endpoint(there.url(), is_ordered=True)
        happen(endpoint, times=12)
        later = now() + timedelta(seconds=1)
        all_at_once(lambda: send(later))
        send(later)
    assert ids(there) == [str(each.event_id) for each in webhooks_of(endpoint)]


def test_a_webhook_whose_worker_died_before_it_settled_is_sent_once_more_by_the_same_id():
    with sink() as there:
        endpoint, _ = an_endpoint(there.url())
        began = now()
        happen(endpoint, now=began)
        [lost] = claims.claim(limit=10, now=began)
        attempts.attempt(delivery=lost, now=began)  # and the worker is gone
        assert send(began + timedelta(seconds=60)) == 0
        assert send(began + claims.CLAIM) == 1
        assert send(began + timedelta(days=1)) == 0
    assert ids(there) == [str(lost.event_id)] * 2
    assert states(endpoint) == {"succeeded"}
    assert [entry.error for entry in log_of(endpoint)] == [claims.LOST, ""]


def test_a_webhook_whose_worker_died_before_it_sent_is_sent_once():
    with sink() as there:
        endpoint, _ = an_endpoint(there.url())
        began = now()
        happen(endpoint, now=began)
        claims.claim(limit=10, now=began)
        send(began + claims.CLAIM)
    assert len(ids(there)) == 1


def test_a_webhook_that_kills_its_workers_is_given_up():
    endpoint, _ = an_endpoint("http://127.0.0.1/")
    at = now()
    happen(endpoint, now=at)
    for _ in range(10):
        assert len(claims.claim(limit=10, now=at)) == 1
        at += claims.CLAIM
    assert claims.claim(limit=10, now=at) == []
    assert states(endpoint) == {"dead"}


def test_a_worker_that_settles_after_its_claim_was_lost_changes_nothing_but_a_success():
    with sink() as there:
        endpoint, _ = an_endpoint(there.url())
        began = now()
        happen(endpoint, now=began)
        [slow] = claims.claim(limit=1, now=began)
        taken = attempts.attempt(delivery=slow, now=began)
        later = began + claims.CLAIM
        [again] = claims.claim(limit=1, now=later)
        failed = attempts.Outcome(attempted_at=later, request_headers={}, error="away")
        settling.settle(done=[(slow, failed)], now=later)
        assert states(endpoint) == {"claimed"}
        settling.settle(done=[(slow, taken)], now=later)
        assert states(endpoint) == {"succeeded"}
        settling.settle(done=[(again, failed)], now=later)
        assert states(endpoint) == {"succeeded"}


def test_an_endpoint_that_is_deleted_under_way_takes_its_webhooks_with_it():
    with sink() as there:
        endpoint, _ = an_endpoint(there.url())
        happen(endpoint)
        [claimed] = claims.claim(limit=1, now=now())
        taken = attempts.attempt(delivery=claimed, now=now())
        endpoint.delete()
        settling.settle(done=[(claimed, taken)], now=now())
    assert WebhookDelivery.objects.count() == 0


def test_a_server_that_does_not_answer_holds_up_nobody_else():
    """Its answer is held back until all of the others have come."""
    freed = threading.Event()

    def wait_for_it(_got) -> tuple[int, dict, bytes]:
        freed.wait(patience.SECONDS)
        return 200, {}, b""

    with sink() as slow, sink() as quick:
        slow.reply = wait_for_it
        stuck, _ = an_endpoint(slow.url())
        happen(stuck, times=60)
        others = [an_endpoint(quick.url())[0] for _ in range(5)]
        for endpoint in others:
            happen(endpoint, times=30)
        later = now() + timedelta(seconds=1)

        def work() -> None:
            try:
                sending.send_due(clock=lambda: later, seconds=patience.SECONDS)
            finally:
                connections.close_all()

        worker = threading.Thread(target=work)
        worker.start()
        try:
            patience.eventually(lambda: len(quick.received) == 150)
            assert len(slow.received) <= claims.MOST_IN_FLIGHT
        finally:
            freed.set()
            worker.join()
        send(later)
    assert len(ids(quick)) == len(set(ids(quick))) == 150
    assert len(set(ids(slow))) == 60


def test_an_endpoint_that_failed_is_tried_with_one_at_a_time():
    with sink() as there:
        there.reply = lambda _: (500, {}, b"")
        endpoint, _ = an_endpoint(there.url())
        began = now()
        happen(endpoint, now=began)
        send(began)
        happen(endpoint, times=20, now=began)
        assert len(claims.claim(limit=50, now=began)) == 1
        assert claims.claim(limit=50, now=began) == []
        # Those that have no room don't stand in the way of others.
        other, _ = an_endpoint(there.url(), now=began)
        happen(other, now=began)
        assert [each.endpoint_id for each in claims.claim(limit=1, now=began)] == [other.id]
