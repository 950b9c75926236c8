"""Everything runs twice and at once: one message, one feed item, one mail."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.db import connections

from domains.notifications.models import Delivery, Message, Notification
from domains.notifications.tasks import (
    expand_due_messages,
    expand_messages,
    send_delivery,
    send_due_deliveries,
)
from domains.users import interface as users
from kernel.clock import now
from kernel.events.consumer import deliver
from kernel.ids import uuid7
from tests import patience
from tests.notifications.conftest import an_open_delivery, mails_to, person
from tests.notifications.mail_server import mail_server

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

CALLERS = 6


def all_at_once(work: Callable[[], None]) -> None:
    """Run the work in several threads, each with database connections of its own."""
    start = Barrier(CALLERS)

    def run(_: int) -> None:
        try:
            start.wait(timeout=patience.SECONDS)
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(run, range(CALLERS)))


def a_wire(organization_id, account_id) -> dict:
    return {
        "id": str(uuid7()),
        "name": "billing.payment_failed.v1",
        "occurred_at": now().isoformat(),
        "aggregate_id": str(organization_id),
        "version": 1,
        "actor_id": None,
        "organization_id": str(organization_id),
        "traceparent": "",
        "attempt": 1,
        "payload": {
            "organization_id": str(organization_id),
            "plan": "pro",
            "account_id": str(account_id),
            "reason": "card_declined",
        },
    }


def test_one_event_makes_one_mail_for_each_owner_however_often_everything_runs(ada, acme):
    second = person("second")
    users.ensure_member(organization_id=acme.id, account_id=second.id, role="owner")
    wire = a_wire(acme.id, ada.id)
    later = now() + timedelta(minutes=1)
    with mail_server() as server:
        all_at_once(lambda: deliver("notifications", "billing", [wire]))
        (message,) = Message.objects.filter(kind="billing.payment_failed")

        def expand() -> None:
            expand_messages([str(message.id)])
            expand_due_messages(now=later)

        all_at_once(expand)
        deliveries = [str(each.id) for each in Delivery.objects.filter(message=message)]

        def send() -> None:
            for delivery_id in deliveries:
                send_delivery(delivery_id)
            send_due_deliveries(now=later)

        all_at_once(send)
        all_at_once(lambda: deliver("notifications", "billing", [wire]))
        all_at_once(expand)
        all_at_once(send)
    assert sorted(each["To"] for each in server.accepted) == sorted([ada.email, second.email])
    assert len({each["Message-ID"] for each in server.accepted}) == 2
    assert Notification.objects.filter(message=message).count() == 2
    assert set(Delivery.objects.values_list("channel", "state", "attempts")) == {
        ("email", "sent", 1),
        ("in_app", "sent", 0),
    }


def test_one_delivery_is_sent_by_one_of_many_workers(ada):
    delivery = an_open_delivery(ada)
    all_at_once(lambda: send_delivery(str(delivery.id)))
    assert len(mails_to(ada.email)) == 1


def test_nothing_is_asked_of_other_domains_inside_a_transaction(ada, acme, deliver_events):
    deliver_events()
    mail.outbox.clear()
    deliver("notifications", "billing", [a_wire(acme.id, ada.id)])
    deliver_events()
    assert [each.to for each in mail.outbox] == [[ada.email]]
