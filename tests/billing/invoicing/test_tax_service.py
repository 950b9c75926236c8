"""Taxes that another service decides about: asked outside of transactions, and not always there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from domains.billing.contract.invoice_errors import TaxUnknown
from domains.billing.models import Customer, InvoiceLine, Subscription
from domains.billing.services.exemptions import set_tax_exemption
from domains.billing.services.invoicing import tax_answers
from domains.billing.services.subscriptions import canceling, previewing, simulation
from domains.billing.services.subscriptions.wishes import Wish
from kernel.db import transaction
from tests.billing.conftest import NOW, put_on
from tests.billing.invoicing.tax_service import Played, served
from tests.billing.subscriptions.conftest import bill, invoices_of, summary

pytestmark = pytest.mark.django_db(databases="__all__")

MONTH = timedelta(days=31)


@pytest.fixture
def service(settings):
    played = Played()
    with served(played) as url:
        settings.TAX_SERVICE = url
        settings.INVOICE_SELLER_COUNTRY = "DE"
        yield played


def rates_of(who) -> list[tuple[Decimal, str]]:
    lines = InvoiceLine.objects.within(who.organization_id).order_by("id")
    return [(line.tax_rate, line.tax_reason) for line in lines]


def test_an_invoice_is_taxed_as_the_service_says(owner, service):
    preview = previewing.preview_change(principal=owner, wish=Wish(plan="pro"), now=NOW)
    assert (preview.tax.amount, preview.total.amount) == (239, 3139)
    put_on(owner, "pro", "pm_card_visa", preview_token=preview.preview_token)
    [invoice] = invoices_of(owner)
    assert (invoice.total, invoice.taxes[0]["country"]) == (3139, "US")


def test_it_is_told_who_buys_from_whom_and_by_whom_it_is_asked(owner, service, settings):
    settings.TAX_SERVICE_TOKEN = "a-token"
    put_on(owner, "pro", "pm_card_visa")
    [asked] = service.asked
    assert asked["day"] == "2026-03-01"
    assert asked["seller"] == {"country": "DE", "vat_id": ""}
    assert "standard" in asked["categories"]
    assert asked["customers"] == [
        {
            "id": str(owner.organization_id),
            "country": "",
            "state": "",
            "postal_code": "",
            "city": "",
            "vat_id": "",
            "exempt_reason": "",
        }
    ]
    assert service.tokens == ["Bearer a-token"]


def test_it_is_asked_once_a_day_and_as_soon_as_the_customer_is_another(owner, service):
    put_on(owner, "pro", "pm_card_visa")
    put_on(owner, "business", now=NOW + timedelta(hours=1))
    assert len(service.asked) == 1
    set_tax_exemption(organization_id=owner.organization_id, reason="An embassy", now=NOW)
    service.decision = {"country": "US", "rate": "0", "reason": "exempt"}
    canceling.cancel(principal=owner, at_once=False, reason="", now=NOW + timedelta(hours=2))
    assert service.asked[-1]["customers"][0]["exempt_reason"] == "An embassy"
    canceling.keep(principal=owner, now=NOW + timedelta(days=2))
    assert len(service.asked) == 3


def test_the_billing_run_asks_for_all_that_are_due_at_once(owner, service):
    put_on(owner, "pro", "pm_card_visa")
    service.decision = {"country": "US", "rate": "0.10"}
    bill(now=NOW + MONTH)
    assert rates_of(owner) == [(Decimal("0.0825"), ""), (Decimal("0.10"), "")]
    assert len(service.asked) == 2


@pytest.mark.parametrize("broken", ["away", "error", "no json", "another customer", "no rate"])
def test_an_outage_keeps_back_who_was_never_taxed_and_nobody_else(owner, service, settings, broken):
    put_on(owner, "pro", "pm_card_visa")
    _break(service, settings, broken)
    bill(now=NOW + MONTH)
    assert summary(owner) == [("begin", "paid", 3139), ("renewal", "paid", 3139)]
    Customer.objects.within(owner.organization_id).update(country="FR")
    with pytest.raises(TaxUnknown):
        previewing.preview_change(principal=owner, wish=Wish(plan="business"), now=NOW + MONTH)
    bill(now=NOW + 2 * MONTH)
    assert len(invoices_of(owner)) == 2


def _break(service, settings, how: str) -> None:
    if how == "away":
        settings.TAX_SERVICE = "http://127.0.0.1:9/taxes"
    elif how == "error":
        service.status = 500
    elif how == "no json":
        service.body = b"<html>"
    elif how == "another customer":
        service.body = b'{"customers": {}}'
    else:
        service.decision = {"country": "US", "rate": "19"}


def test_a_renewal_whose_tax_is_not_known_is_made_once_it_is(owner, service):
    put_on(owner, "pro", "pm_card_visa")
    service.status = 503
    Customer.objects.within(owner.organization_id).update(taxes={})
    due = Subscription.objects.within(owner.organization_id).get().renews_at
    bill(now=due)
    assert summary(owner) == [("begin", "paid", 3139)]
    service.status = 200
    bill(now=due + timedelta(hours=1))
    assert summary(owner) == [("begin", "paid", 3139), ("renewal", "paid", 3139)]
    assert invoices_of(owner)[1].period_start == due


def test_an_answer_of_long_ago_holds_no_more(owner, service):
    put_on(owner, "pro", "pm_card_visa")
    service.status = 503
    customer = Customer.objects.within(owner.organization_id).get()
    assert tax_answers.kept(customer, ["standard"], now=NOW + timedelta(days=39))
    with pytest.raises(TaxUnknown):
        tax_answers.kept(customer, ["standard"], now=NOW + timedelta(days=40))
    with pytest.raises(TaxUnknown):
        tax_answers.kept(customer, ["unheard-of"], now=NOW)


def test_nobody_waits_for_it_within_a_transaction(owner, service):
    with transaction("billing"), pytest.raises(tax_answers.AskedInTransaction):
        tax_answers.learn(organization_ids=[owner.organization_id], now=NOW)
    assert service.asked == []


def test_the_future_is_simulated_with_what_it_said_last(owner, service):
    put_on(owner, "pro", "pm_card_visa")
    asked = len(service.asked)
    steps = simulation.simulate(
        organization_id=owner.organization_id, until=NOW + 4 * MONTH, now=NOW
    )
    told = [step.text for step in steps if step.kind == "invoice" and "31.39" in step.text]
    assert len({text.split(" ")[0] for text in told}) == 5
    assert len(service.asked) == asked


def test_the_future_of_nobody_in_particular_asks_nobody(service):
    steps = simulation.simulate(organization_id=None, until=NOW + MONTH, now=NOW)
    assert [step.kind for step in steps][:1] == ["invoice"]
    assert service.asked == []
