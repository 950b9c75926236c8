"""What staff send back of one payment."""

from __future__ import annotations

import pytest

from domains.billing.contract.payment_errors import PaymentNotFound, RefundTooLarge
from domains.billing.models import CreditNote, Dispute, PaymentIntent, Refund
from domains.billing.services.payments import giving_back, transfers
from kernel.ids import uuid7
from tests.billing.conftest import NOW, at_once
from tests.billing.invoicing.making import customer, invoice_of
from tests.billing.payments.conftest import attach, balance, carry_out_due, collect

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def paid():
    """A payment of an invoice of 10.00 and 19 % of tax."""
    who = customer().organization_id
    attach(who)
    collect(invoice_of(who, 1000))
    carry_out_due()
    return PaymentIntent.objects.within(who).get()


def refund(intent, amount, how=giving_back.refund_payment):
    return how(
        organization_id=intent.organization_id,
        intent_id=intent.id,
        amount=amount,
        reason="x" * 500,
        now=NOW,
    )


def test_money_goes_back_with_a_credit_note_of_exactly_that(paid):
    (sent,) = refund(paid, 500)
    note = CreditNote.objects.within(paid.organization_id).get()
    assert (sent.amount, sent.credit_note_id) == (500, note.id)
    assert (note.total, note.to_refund) == (500, 500)
    assert (balance("refunds"), balance("receivable")) == (-500, 0)
    assert giving_back.refundable(PaymentIntent.objects.within(paid.organization_id).get()) == 690


def test_all_of_it_goes_back_and_then_nothing_more(paid):
    refund(paid, 690)
    refund(paid, 500)
    with pytest.raises(RefundTooLarge):
        refund(paid, 1)
    assert balance("revenue") == balance("tax") == 0


@pytest.mark.parametrize("amount", [0, -1, 1191])
def test_no_more_goes_back_than_was_paid(paid, amount):
    with pytest.raises(RefundTooLarge):
        refund(paid, amount)
    assert not Refund.objects.within(paid.organization_id).exists()
    assert not CreditNote.objects.within(paid.organization_id).exists()


def test_of_twenty_at_once_no_more_goes_back_than_was_paid(paid):
    results = at_once(20, lambda _: refund(paid, 400)[0].amount)
    assert [result for result in results if isinstance(result, int)] == [400, 400]
    assert {type(each) for each in results if not isinstance(each, int)} == {RefundTooLarge}
    paid.refresh_from_db()
    assert paid.refunded == 800


def test_it_goes_back_by_the_payment_that_was_chosen():
    who = customer().organization_id
    invoice = invoice_of(who, 1000)
    first, second = (
        transfers.record_transfer(
            organization_id=who, invoice_id=invoice.id, amount=595, received_at=NOW, now=NOW
        )
        for _ in range(2)
    )
    (sent,) = refund(first, 300)
    assert sent.intent_id == first.id
    with pytest.raises(RefundTooLarge):
        refund(first, 300)
    assert refund(second, 595)[0].intent_id == second.id


def test_nothing_goes_back_of_an_invoice_that_is_owed():
    who = customer().organization_id
    part = transfers.record_transfer(
        organization_id=who,
        invoice_id=invoice_of(who, 1000).id,
        amount=595,
        received_at=NOW,
        now=NOW,
    )
    assert giving_back.refundable(part) == 0
    with pytest.raises(RefundTooLarge):
        refund(part, 1)


@pytest.mark.parametrize(("state", "left"), [("open", 0), ("lost", 0), ("won", 1190)])
def test_what_a_bank_holds_back_is_not_sent_back_as_well(paid, state, left):
    Dispute.objects.create(
        organization_id=paid.organization_id,
        intent=paid,
        provider="test",
        reference="dp_1",
        amount=1190,
        state=state,
        opened_at=NOW,
    )
    assert giving_back.refundable(paid) == giving_back.left_of(paid) == left


def test_a_payment_that_failed_has_nothing_to_send_back(paid):
    PaymentIntent.objects.within(paid.organization_id).update(state="failed")
    paid.refresh_from_db()
    assert giving_back.left_of(paid) == 0


def test_credit_goes_back_up_to_what_there_is():
    who = customer().organization_id
    beyond = transfers.record_transfer(
        organization_id=who,
        invoice_id=invoice_of(who, 1000).id,
        amount=1500,
        received_at=NOW,
        now=NOW,
    )
    assert giving_back.refundable_credit(beyond) == 310
    with pytest.raises(RefundTooLarge):
        refund(beyond, 311, giving_back.refund_credit)
    assert refund(beyond, 310, giving_back.refund_credit).amount == 310
    beyond = PaymentIntent.objects.within(who).get()
    assert (giving_back.refundable_credit(beyond), giving_back.refundable(beyond)) == (0, 1190)


def test_a_payment_of_somebody_else_is_none(paid):
    with pytest.raises(PaymentNotFound):
        giving_back.refund_payment(
            organization_id=uuid7(), intent_id=paid.id, amount=1, reason="No", now=NOW
        )
