"""The customers' page: what it shows, and what is done on it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from domains.billing.models import Customer, Invoice, PaymentMethod, ScheduledChange
from domains.billing.services.payments import own_methods
from domains.billing.services.portal import acting, passes
from domains.billing.services.portal.acting import Form
from kernel import context
from kernel.clock import now
from kernel.ids import uuid7
from kernel.models import Outbox
from tests.billing.conftest import at_once, put_on
from tests.billing.portal.conftest import sign_in, visit

pytestmark = pytest.mark.django_db(databases="__all__")


def attach(member, reference):
    return own_methods.attach(principal=member.principal, reference=reference, now=now())


def cancellations(member):
    rows = ScheduledChange.objects.within(member.organization_id)
    return list(rows.filter(kind=ScheduledChange.Kind.CANCEL).order_by("id"))


def defaults_of(member):
    rows = PaymentMethod.objects.within(member.organization_id).filter(is_default=True)
    return list(rows.values_list("reference", flat=True))


def test_who_has_nothing_sees_that_there_is_nothing(ada):
    page = visit(ada).text()
    for text in ("Free", "There is nothing to pay.", "There are none yet."):
        assert text in page
    assert "Cancel the plan" not in page


def test_it_shows_plan_methods_and_invoices(payer):
    page = visit(payer).text()
    invoice = Invoice.objects.within(payer.organization_id).get()
    for text in ("Analytical Engines", "Pro", "Renews on", "Visa ending in 4242", invoice.number):
        assert text in page
    assert '<html lang="en">' in page


def test_it_speaks_the_customers_language(payer):
    Customer.objects.within(payer.organization_id).update(locale="de-AT")
    page = visit(payer).text()
    assert '<html lang="de">' in page
    assert "Verlängert sich am" in page
    assert "Visa mit Endziffern 4242" in page


def test_what_customers_call_themselves_is_text(payer):
    Customer.objects.within(payer.organization_id).update(name="<script>alert(1)</script>")
    page = visit(payer).text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_plan_is_canceled_with_a_reason_and_kept_after_all(payer):
    there = visit(payer)
    answer = there.send("cancel", reason="Too expensive", comment="Ours is a charity")
    assert "The plan is canceled." in answer.content.decode()
    (canceled,) = cancellations(payer)
    assert canceled.state == "scheduled"
    assert canceled.change["reason"] == "Too expensive: Ours is a charity"
    assert canceled.account_id == payer.principal.account_id
    assert "Ends on" in there.text()
    assert "The plan goes on." in there.send("resume").content.decode()
    assert [row.state for row in cancellations(payer)] == ["withdrawn"]
    assert "Renews on" in there.text()


def test_what_is_done_there_is_told_in_its_doers_name(payer):
    visit(payer).send("cancel", reason="Too expensive")
    told = Outbox.objects.using("billing").filter(name="billing.subscription_change_scheduled.v1")
    row = told.get()
    assert row.actor_id == payer.principal.account_id
    assert row.organization_id == payer.organization_id
    assert context.current().actor_id is None


def test_a_form_that_the_page_did_not_make_does_nothing(payer):
    there, other = visit(payer), visit(sign_in("eve"))
    foreign = passes.form_token(other.client.cookies["billing_portal"].value)
    for token in ("", foreign, "0" * 64, "ü"):
        answer = there.post("cancel", form_token=token, reason="Too expensive")
        assert answer.status_code == 403
    assert cancellations(payer) == []


def test_a_pass_opens_no_other_page(payer):
    eve = visit(sign_in("eve"))
    mine = visit(payer)
    page = eve.client.get(mine.address)
    assert page.status_code == 403
    assert "Analytical" not in page.content.decode()
    eve.address = mine.address
    token = passes.form_token(eve.client.cookies["billing_portal"].value)
    assert eve.post("cancel", form_token=token, reason="x").status_code == 403
    assert cancellations(payer) == []


def test_without_a_cookie_there_is_no_page(payer, client):
    answer = client.get(visit(payer).address, headers={"Accept-Language": "de-DE,de;q=0.9"})
    assert answer.status_code == 403
    assert "Diese Seite ist abgelaufen" in answer.content.decode()


def test_another_method_is_paid_with(payer):
    other = attach(payer, "pm_card_mastercard")
    answer = visit(payer).send(f"methods/{other.id}/default")
    assert "Payments use another method from now on." in answer.content.decode()
    assert defaults_of(payer) == ["pm_card_mastercard"]


def test_a_method_is_removed_unless_it_is_the_last_one_of_who_pays(payer):
    other = attach(payer, "pm_card_mastercard")
    there = visit(payer)
    first = PaymentMethod.objects.within(payer.organization_id).get(is_default=True)
    assert "is removed" in there.send(f"methods/{first.id}/detach").content.decode()
    assert defaults_of(payer) == ["pm_card_mastercard"]
    refused = there.send(f"methods/{other.id}/detach").content.decode()
    assert "there is no other" in refused
    assert 'role="alert"' in refused
    assert defaults_of(payer) == ["pm_card_mastercard"]


def test_another_organizations_method_is_as_if_it_never_was(payer):
    eve = sign_in("eve")
    theirs = attach(eve, "pm_card_visa")
    there = visit(payer)
    said = {there.send(f"methods/{id_}/detach").content for id_ in (theirs.id, uuid7())}
    assert len(said) == 1
    assert "no such payment method" in said.pop().decode()
    assert defaults_of(eve) == ["pm_card_visa"]


def test_an_invoice_is_taken_along_and_nobody_elses(payer):
    eve = sign_in("eve")
    put_on(eve.principal, "pro", "pm_card_visa", now=now())
    there = visit(payer)
    mine = Invoice.objects.within(payer.organization_id).get()
    theirs = Invoice.objects.within(eve.organization_id).get()
    paper = there.client.get(f"{there.address}/invoices/{mine.id}")
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF")
    assert mine.number in paper["Content-Disposition"]
    for id_ in (theirs.id, uuid7()):
        assert there.client.get(f"{there.address}/invoices/{id_}").status_code == 404


def test_older_invoices_are_a_link_away(payer):
    made = Invoice.objects.within(payer.organization_id).get()
    for number in range(14):
        made.pk, made.number, made.cause = uuid7(), f"OLD-{number:02}", Invoice.Cause.MANUAL
        made.save(force_insert=True)
    there = visit(payer)
    newest = there.text()
    assert "OLD-13" in newest
    assert "OLD-01 " not in newest
    link = newest.partition("older_than=")[2].partition("#")[0]
    older = there.text(f"?older_than={link}")
    assert "OLD-01 " in older
    assert "OLD-13" not in older
    assert there.text("?older_than=nonsense") == newest


def test_what_a_link_says_was_done_is_only_what_the_page_knows(payer):
    page = visit(payer).text("?said=<b>Call+us+at+0190</b>")
    assert "0190" not in page
    assert "That could not be done." in page


def test_a_form_is_answered_with_the_page_so_that_reloading_sends_nothing(payer):
    answer = visit(payer).send("cancel", reason="Too expensive")
    ((address, status),) = answer.redirect_chain
    assert status == 303
    assert parse_qs(urlsplit(address).query) == {"said": ["canceled"]}


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_cancellations_at_once_are_one(payer):
    there = visit(payer)
    text = there.client.cookies["billing_portal"].value
    granted = passes.unseal(text, now=now())
    form = Form(
        text=text,
        portal_id=granted.id,
        token=passes.form_token(text),
        sent_at=now() + timedelta(seconds=1),
    )
    done = at_once(4, lambda _: acting.cancel(form=form, reason="Too expensive"))
    assert done == [None] * 4
    assert [row.state for row in cancellations(payer)].count("scheduled") == 1
