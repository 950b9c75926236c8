"""What staff do to customers' money and plans: for a reason, once, never beyond what is left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from domains.billing.models import (
    CreditNote,
    Customer,
    Invoice,
    PaymentIntent,
    Refund,
    Subscription,
)
from domains.billing.services.payments import transfers
from kernel import clock
from kernel.ids import uuid7
from kernel.models import Outbox
from tests.admin.conftest import client_of, staff_account
from tests.billing.conftest import plan_of, put_on
from tests.billing.invoicing.making import customer, invoice_of
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")

REASON = "Asked for in ticket 7"
PERMISSIONS = {
    "refund": "add_refund",
    "refund_credit": "add_refund",
    "credit": "add_creditnote",
    "extend_trial": "change_subscription",
    "give_plan": "add_subscription",
}


@pytest.fixture
def root():
    return staff_account(superuser=True)


@pytest.fixture
def staff(root):
    return client_of(root)


def paid_invoice():
    """An invoice of 11.90 EUR, paid by a transfer of 15.00 EUR."""
    who = customer().organization_id
    invoice = invoice_of(who, 1000)
    transfers.record_transfer(
        organization_id=who,
        invoice_id=invoice.id,
        amount=1500,
        received_at=clock.now(),
        now=clock.now(),
    )
    return Invoice.objects.within(who).get()


def on_trial():
    principal = member_of(uuid7())
    put_on(principal, "scale", "pm_card_visa", now=clock.now())
    return Subscription.objects.within(principal.organization_id).get()


def target_of(deed):
    """Return a row to which the deed can be done."""
    if deed == "credit":
        return paid_invoice()
    if deed == "extend_trial":
        return on_trial()
    if deed == "give_plan":
        return customer()
    return PaymentIntent.objects.within(paid_invoice().organization_id).get()


def page_of(row, deed):
    return reverse(f"admin:domains_billing_{row._meta.model_name}_{deed}", args=[row.pk])


def sent_for(staff, row, deed, **changed):
    """Return what the form is sent that the page shows, with the changes."""
    form = staff.get(page_of(row, deed)).context["form"]
    values = {name: form[name].value() for name in form.fields}
    if deed == "extend_trial":
        values["until"] = f"{row.period_end + timedelta(days=9):%Y-%m-%dT%H:%M}"
    if deed == "give_plan":
        values["plan"] = "business"
    values |= {"reason": REASON, **changed}
    return {name: value for name, value in values.items() if value is not None}


def do(staff, row, deed, **changed):
    return staff.post(page_of(row, deed), sent_for(staff, row, deed, **changed))


def told():
    return list(Outbox.objects.using("auth").filter(name="auth.staff_acted.v1"))


@pytest.mark.parametrize("deed", PERMISSIONS)
def test_a_deed_is_done_logged_and_told_with_its_reason(staff, root, deed):
    row = target_of(deed)
    answer = do(staff, row, deed)
    assert answer.status_code == 302, answer.context["form"].errors
    (event,) = told()
    assert event.actor_id == root.id
    assert event.payload["reason"] == REASON
    assert event.payload["model"] == row._meta.label_lower
    assert event.payload["organization_id"] == str(row.organization_id)
    entry = LogEntry.objects.first()
    assert (entry.object_id, entry.get_change_message().split(": ")[1]) == (str(row.pk), REASON)


@pytest.mark.parametrize("deed", PERMISSIONS)
@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0b"])
def test_nothing_is_done_without_a_reason(staff, deed, reason):
    row = target_of(deed)
    answer = do(staff, row, deed, reason=reason)
    assert set(answer.context["form"].errors) == {"reason"}
    assert told() == []


@pytest.mark.parametrize("deed", PERMISSIONS)
def test_a_second_click_does_nothing_more_and_says_so(staff, deed):
    row = target_of(deed)
    sent = sent_for(staff, row, deed)
    if "amount" in sent:
        sent["amount"] = "1.00"
    assert staff.post(page_of(row, deed), sent).status_code == 302
    again = staff.post(page_of(row, deed), sent)
    assert again.status_code == 200
    problems = again.context["form"].errors
    assert "Perhaps it was your first click" in str(problems) or "anyway" in str(problems)
    assert len(told()) == 1


@pytest.mark.parametrize(
    ("deed", "amount", "said"),
    [
        ("refund", "11.91", "11.90\xa0EUR are left."),
        ("refund_credit", "3.11", "3.10\xa0EUR are left."),
        ("credit", "11.91", "11.90\xa0EUR are left."),
        ("refund", "1.005", "EUR has 2 digits"),
        ("refund", "0", "greater than or equal"),
        ("credit", "-1", "greater than or equal"),
        ("credit", "x", "Enter a number."),
        ("refund", "9" * 30, "no more than 18 digits"),
    ],
)
def test_an_amount_that_there_is_not_is_refused_on_the_form(staff, deed, amount, said):
    answer = do(staff, target_of(deed), deed, amount=amount)
    assert said in str(answer.context["form"].errors["amount"])
    assert told() == []
    assert not Refund.objects.everywhere().exists()


def test_money_is_refunded_by_its_payment_with_a_credit_note(staff):
    row = target_of("refund")
    do(staff, row, "refund", amount="5.00")
    refund = Refund.objects.within(row.organization_id).get()
    assert (refund.intent_id, refund.amount, refund.credit_note.total) == (row.id, 500, 500)


def test_an_invoice_is_credited_of_the_lines_that_were_chosen(staff):
    invoice = paid_invoice()
    do(staff, invoice, "credit", amount="1.19")
    note = CreditNote.objects.within(invoice.organization_id).get()
    assert (note.net, note.tax, note.to_balance, note.reason) == (100, 19, 119, REASON)
    answer = do(staff, invoice, "credit", lines=[])
    assert "lines" in answer.context["form"].errors


def test_a_trial_is_extended_but_not_by_years_nor_to_an_earlier_end(staff):
    trial = on_trial()
    for until, said in (("2020-01-01T00:00", "anyway"), ("2199-01-01T00:00", "a year")):
        answer = do(staff, trial, "extend_trial", until=until)
        assert said in str(answer.context["form"].errors["until"])
    do(staff, trial, "extend_trial")
    before = trial.period_end
    trial.refresh_from_db()
    assert trial.trial_end == (before + timedelta(days=9)).replace(second=0, microsecond=0)


def test_a_plan_is_given_to_an_organization_that_bought_nothing_yet(staff):
    principal = member_of(uuid7())
    page = reverse("admin:domains_billing_customer_give_plan", args=[principal.organization_id])
    seen = staff.get(page).context["form"]["seen"].value()
    assert not Customer.objects.exists()
    answer = staff.post(page, {"plan": "business", "seen": seen, "reason": REASON, "until": ""})
    row = Customer.objects.get()
    assert (answer.status_code, plan_of(principal)) == (302, "business")
    assert told()[0].payload["object_id"] == str(row.pk)


@pytest.mark.parametrize("until", ["2020-01-01T00:00", "soon"])
def test_a_plan_is_not_given_until_the_past(staff, until):
    answer = do(staff, customer(), "give_plan", until=until)
    assert "until" in answer.context["form"].errors
    assert told() == []


def test_what_a_service_refuses_stands_on_the_form(staff):
    principal = member_of(uuid7())
    put_on(principal, "pro", "pm_card_requires_confirmation", now=clock.now())
    row = Customer.objects.within(principal.organization_id).get()
    answer = do(staff, row, "give_plan")
    assert "just paying" in str(answer.context["form"].errors)
    assert told() == []


@pytest.mark.parametrize("deed", PERMISSIONS)
def test_a_deed_is_for_who_was_given_it(deed):
    row = target_of(deed)
    account = staff_account(superuser=False)
    view = Permission.objects.filter(codename=f"view_{row._meta.model_name}")
    account.user_permissions.set(view)
    change = reverse(f"admin:domains_billing_{row._meta.model_name}_change", args=[row.pk])
    page = page_of(row, deed)
    assert page not in client_of(account).get(change).content.decode()
    assert client_of(account).get(page).status_code == 403
    assert client_of(account).post(page, {"reason": REASON}).status_code == 403
    account.user_permissions.add(Permission.objects.get(codename=PERMISSIONS[deed]))
    assert page in client_of(account).get(change).content.decode()
    assert client_of(account).get(page).status_code == 200


def test_only_what_makes_sense_is_offered(staff):
    owed = invoice_of(customer().organization_id, 1000)
    change = reverse("admin:domains_billing_invoice_change", args=[owed.pk])
    assert page_of(owed, "credit") in staff.get(change).content.decode()
    Invoice.objects.within(owed.organization_id).update(state="void")
    assert page_of(owed, "credit") not in staff.get(change).content.decode()


def timeline_of(organization_id):
    return reverse("admin:domains_billing_customer_timeline", args=[organization_id])


def test_the_timeline_shows_what_its_reader_may_see(staff):
    invoice = paid_invoice()
    page = staff.get(timeline_of(invoice.organization_id)).content.decode()
    for text in ("Invoice settled", "Payment settled", "11.90\xa0EUR", "Owed by customers"):
        assert text in page
    account = staff_account(superuser=False)
    names = ("view_customer", "view_invoice")
    account.user_permissions.set(Permission.objects.filter(codename__in=names))
    page = client_of(account).get(timeline_of(invoice.organization_id)).content.decode()
    assert "Invoice settled" in page
    assert "Payment settled" not in page
    assert "Owed by customers" not in page
    account.user_permissions.clear()
    assert client_of(account).get(timeline_of(invoice.organization_id)).status_code == 403


def test_a_long_timeline_goes_on_on_another_page(staff, monkeypatch):
    from domains.billing.admin import timeline_page

    monkeypatch.setattr(timeline_page, "ROWS", 3)
    url = timeline_of(paid_invoice().organization_id)
    first = staff.get(url)
    second = staff.get(url, {"before": first.context["older"]})
    rows = [row for page in (first, second) for row in page.context["history"][0].panel.rows]
    assert len(rows) == 4
    assert second.context["older"] == ""
    assert staff.get(url, {"before": "nonsense"}).status_code == 404


def test_there_is_no_timeline_of_what_is_no_organization(staff):
    assert staff.get(timeline_of(uuid7())).status_code == 200
    assert staff.get(f"{timeline_of(uuid7())[:-30]}x/timeline").status_code == 404
