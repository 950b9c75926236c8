"""The future is shown as it will be, and stays what it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from domains.billing.models import (
    Invoice,
    NumberSequence,
    OfflineCharge,
    PaymentIntent,
    Posting,
    Subscription,
)
from domains.billing.services.payments import providers
from domains.billing.services.subscriptions.simulation import simulate
from kernel import clock
from kernel.ids import uuid7
from kernel.models import Outbox
from tests.billing.conftest import NOW, put_on
from tests.billing.subscriptions.conftest import bill, invoices_of

pytestmark = pytest.mark.django_db(databases="__all__")

KEPT = (Invoice, NumberSequence, OfflineCharge, PaymentIntent, Posting, Subscription)
YEAR_LATER = NOW + timedelta(days=365)


def counts():
    rows = [kind._default_manager.all() for kind in KEPT]
    return [query.count() for query in rows] + [Outbox.objects.using("billing").count()]


def told(principal=None, *, until=YEAR_LATER, now=NOW):
    organization_id = principal and principal.organization_id
    return simulate(organization_id=organization_id, until=until, now=now)


def test_what_is_told_is_what_then_happens(owner):
    put_on(owner, "business", "pm_card_visa")
    put_on(owner, "pro")
    steps = told(owner, until=NOW + timedelta(days=100))
    for month in range(4, 7):
        bill(now=datetime(2026, month, 1, 12, tzinfo=UTC))
    issued = [f"{each.number} ({each.cause}" for each in invoices_of(owner)]
    assert [s.text.split(",")[0] for s in steps if s.kind == "invoice"] == issued
    assert [step.at for step in steps if step.text.startswith("29.00 EUR for")] == [
        datetime(2026, month, 1, 12, tzinfo=UTC) for month in range(4, 7)
    ]


def test_nothing_is_kept_of_it(owner):
    put_on(owner, "pro", "pm_card_visa")
    before = counts()
    assert len(told(owner)) > 20
    assert counts() == before


def test_no_other_provider_is_asked(owner, settings, monkeypatch):
    put_on(owner, "pro", "pm_card_visa")

    class Real(providers.OfflineProvider):
        def charge(self, request):
            raise AssertionError("money would move")

    monkeypatch.setitem(providers.PROVIDERS, "test", Real())
    assert any("succeeded" in step.text for step in told(owner))


def test_a_card_that_fails_later_is_seen_to_fail(owner):
    put_on(owner, "pro", "pm_card_insufficient_funds_later")
    steps = told(owner, until=NOW + timedelta(days=90))
    failed = [step.at for step in steps if "failed insufficient_funds" in step.text]
    renewed = datetime(2026, 4, 1, 12, tzinfo=UTC)
    assert failed == [renewed + timedelta(days=days) for days in (0, 1, 3, 5, 7)]
    states = [step.text.split(",")[0] for step in steps if step.kind == "state"]
    assert states == ["active", "past_due", "canceled"]


def test_the_future_of_a_made_up_organization_needs_no_provider(settings):
    settings.PAYMENT_PROVIDER = "none"
    before = counts()
    out = StringIO()
    call_command("billing", "simulate", "--until", "2032-01-01", stdout=out)
    assert out.getvalue().count("(renewal") >= 12
    assert counts() == before


def test_the_command_shows_the_future_of_the_organization_that_is_named(owner):
    put_on(owner, "pro", "pm_card_visa", now=clock.now())
    before, until = counts(), clock.now().date() + timedelta(days=70)
    named = ("--until", f"{until}", "--organization", f"{owner.organization_id}")
    call_command("billing", "simulate", *named, stdout=(out := StringIO()))
    assert out.getvalue().count("(renewal") == 2
    assert out.getvalue().count("29.00 EUR for") == 3  # that of today, and those to come
    assert counts() == before


def test_an_organization_without_a_plan_has_no_future():
    assert simulate(organization_id=uuid7(), until=YEAR_LATER, now=NOW) == []


def test_a_day_that_is_none_is_refused():
    with pytest.raises(CommandError):
        call_command("billing", "simulate", "--until", "someday")
