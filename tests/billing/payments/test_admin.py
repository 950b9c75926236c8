"""What staff do about payments."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.urls import reverse

from domains.auth import interface as auth
from domains.billing.models import Finding, Invoice, PaymentIntent, ProviderEvent
from kernel.crypto import new_secret
from tests.billing.conftest import NOW
from tests.billing.payments.conftest import owed_by

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def staff(client):
    """A superuser's browser."""
    account = auth.ensure_account(email="staff@example.com", password=new_secret(), staff=True)
    client.force_login(get_user_model().objects.get(id=account.id))
    return client


def page(model, kind="changelist"):
    return reverse(f"admin:domains_billing_{model}_{kind}")


def record(staff, invoice, **changed):
    values = {
        "invoice": str(invoice.id),
        "amount": "29.00",
        "created_at_0": "2026-03-02",
        "created_at_1": "12:00:00",
        "reason": "On the statement of 2 March",
        **changed,
    }
    return staff.post(page("transfer", "add"), values)


def test_a_transfer_pays_the_invoice_for_a_reason(staff, organization_id):
    invoice = owed_by(organization_id)
    assert record(staff, invoice).status_code == 302
    invoice = Invoice.objects.within(organization_id).get()
    payment = PaymentIntent.objects.within(organization_id).get()
    assert (invoice.state, payment.provider, payment.amount) == ("paid", "manual", 2900)
    logged = LogEntry.objects.using("auth").get()
    assert "On the statement of 2 March" in logged.change_message


@pytest.mark.parametrize(
    "changed", [{"reason": ""}, {"amount": "0"}, {"amount": "-5"}, {"amount": "29.001"}]
)
def test_a_transfer_without_a_reason_or_an_amount_is_not_recorded(staff, organization_id, changed):
    assert record(staff, owed_by(organization_id), **changed).status_code == 200
    assert not PaymentIntent.objects.within(organization_id).exists()


def test_a_paid_invoice_is_not_paid_again(staff, organization_id):
    invoice = owed_by(organization_id)
    record(staff, invoice)
    assert record(staff, invoice).status_code == 200
    assert PaymentIntent.objects.within(organization_id).count() == 1


def act(staff, model, action, row, reason="Looked into"):
    chosen = {"action": action, "_selected_action": [str(row.pk)], "reason": reason}
    return staff.post(page(model), chosen)


def test_a_quarantined_event_is_applied_once_more_for_a_reason(staff):
    event = ProviderEvent.objects.create(
        provider="test",
        event_id="evt_1",
        kind="charge.succeeded",
        state="quarantined",
        received_at=NOW,
        due_at=NOW,
    )
    act(staff, "providerevent", "replay", event, reason="")
    event.refresh_from_db()
    assert event.state == "quarantined"
    act(staff, "providerevent", "replay", event)
    event.refresh_from_db()
    assert event.state == "waiting"


def test_a_finding_is_marked_as_settled(staff):
    finding = Finding.objects.create(provider="test", kind="status", reference="ch_1", found_at=NOW)
    act(staff, "finding", "resolve", finding)
    finding.refresh_from_db()
    assert finding.resolved_at is not None
