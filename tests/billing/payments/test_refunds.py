"""Money that is sent back: never more than came."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from domains.billing.contract.payment_errors import RefundTooLarge
from domains.billing.models import OfflineRefund, PaymentIntent, Refund
from domains.billing.services.payments import refund_settlement, refunds, transfers
from domains.billing.services.payments.port import ProviderRefund
from tests.billing.conftest import NOW, at_once
from tests.billing.invoicing.processes import in_processes
from tests.billing.payments.conftest import (
    attach,
    balance,
    carry_out_due,
    collect,
    owed_by,
    said,
)

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def paid_beyond(organization_id, card="pm_card_visa", *, credit=1000):
    """Return a payment of which so much became the customer's credit."""
    attach(organization_id, card)
    invoice = owed_by(organization_id)
    collect(invoice)
    intent = PaymentIntent.objects.within(organization_id).get()
    PaymentIntent.objects.within(organization_id).update(amount=2900 + credit)
    carry_out_due()
    intent.refresh_from_db()
    assert balance("balance") == -credit
    return intent


def send_back(intent, amount, **options):
    return refunds.send_back_credit(
        organization_id=intent.organization_id,
        intent_id=intent.id,
        amount=amount,
        reason="Paid too much",
        now=NOW,
        **options,
    )


def carry_out(refund, now=NOW):
    return refunds.carry_out(organization_id=refund.organization_id, refund_id=refund.id, now=now)


def test_credit_is_sent_back_by_the_payment_that_it_came_from(organization_id):
    intent = paid_beyond(organization_id)
    refund = carry_out(send_back(intent, 600))
    assert (refund.state, OfflineRefund.objects.get().amount) == ("succeeded", 600)
    assert (balance("cash"), balance("balance"), balance("refunds")) == (3300, -400, 0)
    assert [fact["amount"] for fact in said("billing.payment_refunded.v1")] == [600]


def test_more_than_the_credit_is_refused(organization_id):
    intent = paid_beyond(organization_id)
    with pytest.raises(RefundTooLarge):
        send_back(intent, 1001)
    assert not Refund.objects.within(organization_id).exists()


def test_of_twenty_at_once_no_more_is_sent_back_than_was_paid(organization_id):
    intent = paid_beyond(organization_id, credit=1000)
    results = at_once(20, lambda _: carry_out(send_back(intent, 300)).state)
    assert [r for r in results if isinstance(r, str)] == ["succeeded"] * 3
    assert {type(r) for r in results if not isinstance(r, str)} == {RefundTooLarge}
    intent.refresh_from_db()
    assert intent.refunded == sum(OfflineRefund.objects.values_list("amount", flat=True)) == 900


def test_of_twenty_in_processes_no_more_is_sent_back_than_was_paid(organization_id):
    intent = paid_beyond(organization_id, credit=1000)
    results = in_processes("tests.billing.invoicing.processes:send_back_300", [str(intent.id)] * 20)
    assert Counter(results) == {"succeeded": 3, "too large": 17}
    intent.refresh_from_db()
    assert intent.refunded == sum(OfflineRefund.objects.values_list("amount", flat=True)) == 900


def test_a_refund_asked_for_many_times_at_once_is_sent_once(organization_id):
    refund = send_back(paid_beyond(organization_id), 600)
    assert at_once(8, lambda _: carry_out(refund).state) == ["succeeded"] * 8
    assert OfflineRefund.objects.count() == 1
    assert len(said("billing.payment_refunded.v1")) == 1


def test_one_that_fails_gives_back_what_it_took(organization_id):
    intent = paid_beyond(organization_id, "pm_card_refund_fails")
    refund = carry_out(send_back(intent, 600))
    intent.refresh_from_db()
    assert (refund.state, intent.refunded) == ("failed", 0)
    assert (balance("balance"), balance("refunds")) == (-1000, 0)
    assert [f["reason"] for f in said("billing.refund_failed.v1")] == ["expired_or_canceled_card"]


def test_one_that_comes_back_after_it_was_sent_is_the_customers_credit(organization_id):
    intent = paid_beyond(organization_id)
    refund = carry_out(send_back(intent, 600))
    returned = ProviderRefund(
        reference=refund.reference, charge=intent.reference, state="failed", amount=600
    )
    for _ in range(2):
        refund_settlement.settle(refund, returned, now=NOW)
    intent.refresh_from_db()
    assert (refund.state, intent.refunded) == ("failed", 0)
    assert (balance("cash"), balance("balance"), balance("refunds")) == (3900, -1000, 0)


def test_the_sweep_takes_up_what_a_crash_left(organization_id):
    refund = send_back(paid_beyond(organization_id), 600)
    assert refunds.claim_due(now=NOW) == []
    later = NOW + timedelta(minutes=2)
    assert refunds.claim_due(now=later) == [(organization_id, refund.id)]
    assert refunds.claim_due(now=later) == []


def test_a_refund_of_a_transfer_waits_until_staff_sent_it(organization_id):
    payment = transfers.record_transfer(
        organization_id=organization_id,
        invoice_id=owed_by(organization_id).id,
        amount=3900,
        received_at=NOW,
        now=NOW,
    )
    refund = carry_out(send_back(payment, 1000))
    assert refund.state == "pending"
    for _ in range(2):
        sent = transfers.mark_refund_sent(
            organization_id=organization_id, refund_id=refund.id, now=NOW
        )
    assert sent.state == "succeeded"
    assert (balance("cash"), balance("balance")) == (2900, 0)
