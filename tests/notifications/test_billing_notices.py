"""What people are told about paying for their organizations, and about what is used up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core import mail

from domains.billing import interface as billing
from domains.notifications.models import Delivery, Notification
from domains.users import interface as users
from kernel.ids import uuid7
from tests.notifications.conftest import feed_of, person, say

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("boundary")]


@pytest.fixture
def team(acme, deliver_events):
    """An admin and a viewer of Acme; everybody has been told so."""
    found = {}
    for role in ("admin", "viewer"):
        found[role] = person(role)
        users.ensure_member(organization_id=acme.id, account_id=found[role].id, role=role)
    deliver_events()
    mail.outbox.clear()
    return found


def reached(acme, percent: int, used: int) -> None:
    say(
        billing.UsageThresholdReached(
            organization_id=acme.id,
            feature="api_calls",
            percent=percent,
            used=used,
            limit=1000,
            period_end=datetime(2026, 12, 1, tzinfo=UTC),
        )
    )


def test_who_may_do_something_about_it_is_told_of_what_is_used_up(ada, acme, team, deliver_events):
    reached(acme, 80, 800)
    deliver_events()
    title = "Acme has used 80 % of its api calls"
    told = {(each.to[0], each.subject) for each in mail.outbox}
    assert told == {(ada.email, title), (team["admin"].email, title)}
    body = mail.outbox[0].body
    assert "has used 800 api calls in the period that ends on 1 December 2026, 00:00 UTC" in body
    for account in (ada, team["admin"]):
        [item] = feed_of(account, "billing.usage_threshold_reached")
        assert item.title == title
    assert feed_of(team["viewer"], "billing.usage_threshold_reached") == []


def test_each_threshold_is_told_of_once(ada, acme, deliver_events):
    deliver_events()
    mail.outbox.clear()
    reached(acme, 80, 800)
    reached(acme, 100, 1000)
    for _ in range(2):
        deliver_events()
    assert [each.subject.split(" % ")[0] for each in mail.outbox] == [
        "Acme has used 80",
        "Acme has used 100",
    ]
    assert Notification.objects.filter(kind="billing.usage_threshold_reached").count() == 2
    deliveries = Delivery.objects.filter(message__kind="billing.usage_threshold_reached")
    assert sorted(deliveries.values_list("channel", flat=True)) == ["email"] * 2 + ["in_app"] * 2


def issued(acme, *, total: int, due: int) -> None:
    say(
        billing.InvoiceIssued(
            organization_id=acme.id,
            invoice_id=uuid7(),
            number="INV-2026-000007",
            total=total,
            currency="EUR",
            due=due,
        )
    )


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize(("due", "words"), [(0, "paid already"), (2900, "your payment method")])
def test_owners_are_told_of_an_invoice(ada, acme, deliver_events, due, words):
    issued(acme, total=2900, due=due)
    deliver_events()
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([ada.email], "Invoice INV-2026-000007 of Acme")
    assert words in sent.body


def test_nobody_is_told_of_an_invoice_over_nothing(acme, team, deliver_events):
    issued(acme, total=0, due=0)
    deliver_events()
    assert mail.outbox == []
