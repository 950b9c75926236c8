"""Whatever happens in whatever order: the ledger is zero-sum, and says what the invoices say."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connections
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domains.billing.models import (
    CreditNote,
    Dispute,
    Invoice,
    InvoiceLine,
    InvoiceState,
    PaymentIntent,
    Refund,
    RefundState,
)
from domains.billing.services.invoicing import booking, crediting, ledger, settling, verification
from domains.billing.services.invoicing.drafting import draft
from kernel.db import transaction
from tests.billing.invoicing import strategies
from tests.billing.invoicing.making import (
    NOW,
    books,
    credited,
    customer,
    issued,
    line,
    new,
    pay,
)

pytestmark = pytest.mark.django_db(databases=["billing"])

shares = st.integers(1, 4)


class Bookkeeping(RuleBasedStateMachine):
    """Each rule is one thing that happens to a customer's money."""

    @initialize()
    def begin(self) -> None:
        self.who = customer().organization_id

    def invoices(self, *states: InvoiceState) -> list[Invoice]:
        return list(Invoice.objects.within(self.who).filter(state__in=states).order_by("id"))

    def post(self, group: booking.Group) -> None:
        with transaction("billing"):
            ledger.post(groups=[group], now=NOW)

    @rule(lines=strategies.lines, taxing=strategies.decisions())
    def issue(self, lines, taxing) -> None:
        charges = [each for each in lines if each.reverses is None]
        issued(new(self.who, draft(currency="EUR", lines=charges, taxing=taxing)))

    @rule(data=st.data(), share=shares, taxing=strategies.decisions())
    def issue_with_a_credit(self, data, share, taxing) -> None:
        ids = list(InvoiceLine.objects.within(self.who).values_list("id", flat=True))
        left = crediting.left_of(organization_id=self.who, line_ids=ids)
        if not left:
            return
        line_id = data.draw(st.sampled_from(sorted(left)))
        value = -left[line_id].net.precise / share
        lines = [line(100), line(value, reverses=line_id, left=left[line_id])]
        issued(new(self.who, draft(currency="EUR", lines=lines, taxing=taxing)))

    @precondition(lambda self: self.invoices(*InvoiceState))
    @rule(data=st.data(), more=st.integers(-5, 5), share=shares)
    def receive(self, data, more, share) -> None:
        invoice = data.draw(st.sampled_from(self.invoices(*InvoiceState)))
        pay(invoice, max(invoice.due // share + more, 1))

    @precondition(lambda self: self.invoices(InvoiceState.OPEN, InvoiceState.PAID))
    @rule(data=st.data(), share=shares, to=st.sampled_from(["balance", "refund"]))
    def take_back(self, data, share, to) -> None:
        invoice = data.draw(st.sampled_from(self.invoices(InvoiceState.OPEN, InvoiceState.PAID)))
        left = InvoiceLine.objects.within(self.who).filter(invoice=invoice, net__gt=0)
        smallest = min((row.net - row.credited for row in left), default=0)
        if smallest and left.count() == InvoiceLine.objects.filter(invoice=invoice).count():
            credited(invoice, Decimal(smallest) / share, to=to)

    @precondition(lambda self: self.invoices(InvoiceState.OPEN))
    @rule(data=st.data(), how=st.sampled_from([settling.void, settling.write_off]))
    def give_up(self, data, how) -> None:
        invoice = data.draw(st.sampled_from(self.invoices(InvoiceState.OPEN)))
        if how is settling.write_off or not (invoice.paid or invoice.credited):
            with transaction("billing"):
                how(organization_id=self.who, invoice_id=invoice.id, reason="So", now=NOW)

    @rule(state=st.sampled_from([RefundState.SUCCEEDED, RefundState.FAILED]))
    def send_back(self, state) -> None:
        note = CreditNote.objects.within(self.who).filter(to_refund__gt=0, refunds=None).first()
        if note is None:
            return
        refund = Refund.objects.create(
            organization_id=self.who,
            intent=PaymentIntent.objects.within(self.who).filter(invoice=note.invoice).first(),
            credit_note=note,
            amount=note.to_refund,
            state=state,
            created_at=NOW,
            due_at=NOW,
        )
        sent = state == RefundState.SUCCEEDED
        self.post(booking.refunded(refund) if sent else booking.refund_failed(refund))

    @rule(state=st.sampled_from(Dispute.State))
    def dispute(self, state) -> None:
        intent = PaymentIntent.objects.within(self.who).filter(disputes=None).first()
        if intent is None:
            return
        dispute = Dispute.objects.create(
            organization_id=self.who,
            intent=intent,
            provider="test",
            reference=str(intent.id),
            amount=intent.amount,
            state=state,
            opened_at=NOW,
        )
        self.post(booking.disputed(dispute))
        closing = {"won": booking.dispute_won, "lost": booking.dispute_lost}.get(state)
        if closing:
            self.post(closing(dispute))

    @invariant()
    def adds_up(self) -> None:
        with connections["billing"].cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        assert sum(books(self.who).values()) == 0
        assert verification.verify(organization_id=self.who, now=NOW).difference is None

    @invariant()
    def the_balance_is_what_the_documents_say(self) -> None:
        assert -books(self.who).get("balance", 0) == self.credit() >= 0

    def credit(self) -> int:
        """Return the customer's credit, by the documents alone."""
        final = Invoice.objects.within(self.who)
        used = sum(row.to_balance - row.balance_used for row in final.exclude(state="void"))
        kept = sum(note.to_balance for note in CreditNote.objects.within(self.who))
        received = sum(row.amount for row in PaymentIntent.objects.within(self.who))
        failed = Refund.objects.within(self.who).filter(state=RefundState.FAILED)
        returned = sum(row.amount for row in failed)
        return used + kept + received - sum(row.paid for row in final) + returned


def test_the_books_add_up_after_any_sequence():
    quick = settings(
        max_examples=10,
        stateful_step_count=20,
    )
    run_state_machine_as_test(Bookkeeping, settings=quick)
