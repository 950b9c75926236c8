"""`manage.py billing verify` finds the first row on which two books differ."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from domains.billing.models import Dispute, Invoice, OfflineCharge, PostingGroup, Refund
from domains.billing.services.invoicing import booking, ledger, verification
from domains.billing.services.invoicing.booking import Group
from kernel.db import transaction
from kernel.ids import uuid7
from tests.billing.invoicing.making import NOW, credited, customer, invoice_of, pay

pytestmark = pytest.mark.django_db(databases="__all__")


def found(organization_id=None):
    return verification.verify(organization_id=organization_id, now=NOW).difference


def post(group: Group) -> None:
    with transaction("billing"):
        ledger.post(groups=[group], now=NOW)


def charge(amount: int, *, key: str) -> OfflineCharge:
    """A charge in the offline provider's book, made before now."""
    made = OfflineCharge.objects.create(
        idempotency_key=key,
        amount=amount,
        currency="EUR",
        payment_method="pm_card_visa",
        status="succeeded",
    )
    OfflineCharge.objects.filter(id=made.id).update(created_at=NOW.replace(month=1))
    return made


def paid_by_card() -> Invoice:
    invoice = invoice_of(customer().organization_id, 1000)
    made = charge(1190, key=f"payment-intent-{uuid7()}")
    return pay(invoice, provider="test", reference=str(made.id))


def test_what_agrees_is_said_to():
    who = paid_by_card().organization_id
    credited(pay(invoice_of(who, 1000)), 100)
    assert found() is None
    assert found(who) is None
    said = StringIO()
    call_command("billing", "verify", stdout=said)
    assert said.getvalue() == "The books agree: 5 groups of postings.\n"


def test_a_payment_that_no_provider_took_is_named():
    invoice = pay(invoice_of(customer().organization_id, 1000), provider="test")
    payment = invoice.payments.get()
    assert found().row == f"payment {payment.id} at test"
    with pytest.raises(CommandError, match=f"payment {payment.id} at test"):
        call_command("billing", "verify", organization=str(invoice.organization_id))


def test_a_payment_that_the_provider_took_of_another_amount_is_named():
    invoice = paid_by_card()
    OfflineCharge.objects.update(amount=1191)
    assert found().expected == "('succeeded', 1190, 'EUR')"
    assert found().found == "('succeeded', 1191, 'EUR')"
    assert found().row == f"payment {invoice.payments.get().id} at test"


def test_a_charge_that_nobody_here_knows_is_named():
    made = charge(500, key="payment-intent-lost")
    assert found().row == f"charge {made.id} of test"
    charge(500, key="")
    assert found().row == f"charge {made.id} of test"


def test_a_charge_made_elsewhere_is_none_of_ours():
    charge(500, key="")
    assert found() is None


def test_a_group_that_no_row_accounts_for_is_counted():
    post(
        Group(
            organization_id=uuid7(),
            kind=PostingGroup.Kind.PAYMENT,
            reference="nothing",
            currency="EUR",
            entries={booking.LedgerAccount.CASH: 1, booking.LedgerAccount.BALANCE: -1},
        )
    )
    assert (found().row, found().expected, found().found) == ("groups of kind payment", "0", "1")


def test_a_refund_and_a_dispute_that_are_not_in_the_ledger_are_named():
    invoice = paid_by_card()
    of = {"organization_id": invoice.organization_id, "intent": invoice.payments.get()}
    dispute = Dispute.objects.create(
        provider="test", reference="d", amount=1, opened_at=NOW, state="won", **of
    )
    assert found().row == f"dispute {dispute.id} opened"
    post(booking.disputed(dispute))
    assert found().row == f"dispute {dispute.id} won"
    post(booking.dispute_won(dispute))
    refund = Refund.objects.create(
        amount=1, state="succeeded", created_at=NOW, due_at=NOW, settled_at=NOW, **of
    )
    assert found().row == f"refund {refund.id} succeeded"


@pytest.mark.parametrize(
    ("column", "what"), [("paid = 1000", "owed"), ("credited = 1", "owed"), ("state = 'void'", "")]
)
def test_an_invoice_whose_columns_say_otherwise_is_named(column, what):
    invoice = invoice_of(customer().organization_id, 1000)
    with connections["billing"].cursor() as cursor:
        cursor.execute(f"UPDATE invoice SET {column}")
    row = found().row
    assert row == (f"{what} of {invoice.number}" if what else f"void {invoice.id}")


def test_a_line_that_is_missing_is_seen():
    invoice = invoice_of(customer().organization_id, 1000, 200)
    with connections["billing"].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE invoice_line DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM invoice_line WHERE position = 2")
    assert found().row == f"lines of {invoice.number} (net, tax)"
