"""What staff do to one customer's money and plans, each for a reason that the audit keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from domains.billing.admin import seen as looks
from domains.billing.admin.deed_forms import (
    CreditForm,
    CreditRefundForm,
    PlanForm,
    RefundForm,
    TrialForm,
)
from domains.billing.models import (
    Customer,
    Invoice,
    InvoiceState,
    PaymentIntent,
    Subscription,
    SubscriptionState,
)
from domains.billing.services.invoicing import credit_notes
from domains.billing.services.invoicing.credit_notes import CreditTo
from domains.billing.services.payments import giving_back
from domains.billing.services.subscriptions import giving, trials
from kernel.staff import Deed


def _refund(
    intent: PaymentIntent, *, amount: int, seen: str, reason: str, now: datetime, **_: object
) -> None:
    looks.require(intent, seen, now=now)
    giving_back.refund_payment(**_of(intent), amount=amount, reason=reason, now=now)


def _refund_credit(
    intent: PaymentIntent, *, amount: int, seen: str, reason: str, now: datetime, **_: object
) -> None:
    looks.require(intent, seen, now=now)
    giving_back.refund_credit(**_of(intent), amount=amount, reason=reason, now=now)


def _of(intent: PaymentIntent) -> dict[str, Any]:
    return {"organization_id": intent.organization_id, "intent_id": intent.id}


def _credit(
    invoice: Invoice,
    *,
    amount: int,
    lines: list[str],
    seen: str,
    reason: str,
    now: datetime,
    **_: object,
) -> None:
    looks.require(invoice, seen, now=now)
    credit_notes.credit_amount(
        organization_id=invoice.organization_id,
        invoice_id=invoice.id,
        gross=amount,
        line_ids=[UUID(line) for line in lines],
        reason=reason[:200],
        to=CreditTo.BALANCE,
        now=now,
    )


def _extend(
    subscription: Subscription, *, until: datetime, seen: str, now: datetime, **_: object
) -> None:
    looks.require(subscription, seen, now=now)
    trials.extend(organization_id=subscription.organization_id, until=until, now=now)


def _give(
    customer: Customer,
    *,
    plan: str,
    until: datetime | None,
    seen: str,
    reason: str,
    staff_id: UUID,
    now: datetime,
) -> None:
    looks.require(customer, seen, now=now)
    giving.give_plan(
        organization_id=customer.organization_id,
        plan=plan,
        account_id=staff_id,
        until=until,
        reason=reason,
        now=now,
    )


REFUND = Deed(
    title="Refund",
    done="Refunded",
    meaning="The money goes back the way it came, and a credit note takes it off the invoice that "
    "it paid. What the customer bought stays in force.",
    fits=lambda intent: giving_back.refundable(intent) > 0,
    do=_refund,
    dangerous=True,
    form=RefundForm,
)
REFUND_CREDIT = Deed(
    title="Send credit back",
    done="Credit sent back",
    meaning="The customer's credit goes back by this payment: there is that much less of it for "
    "coming invoices.",
    fits=lambda intent: giving_back.refundable_credit(intent) > 0,
    do=_refund_credit,
    dangerous=True,
    form=CreditRefundForm,
)
CREDIT = Deed(
    title="Credit",
    done="Credited",
    meaning="A credit note takes so much back. What is still owed of the invoice is less by it; "
    "what was paid is the customer's credit, for coming invoices.",
    fits=lambda invoice: (
        invoice.state in (InvoiceState.OPEN, InvoiceState.PAID)
        and bool(credit_notes.creditable(invoice))
    ),
    do=_credit,
    dangerous=True,
    form=CreditForm,
)
EXTEND = Deed(
    title="Extend the trial",
    done="Trial extended",
    meaning="The plan stays free until then, and is charged from then on as it would have been.",
    fits=lambda subscription: subscription.state == SubscriptionState.TRIALING,
    do=_extend,
    form=TrialForm,
)
GIVE = Deed(
    title="Give a plan",
    done="Plan given",
    meaning="The organization is on the plan at once, and it costs nothing. What it pays for now "
    "ends, and what is left of it becomes its credit.",
    fits=lambda customer: customer.ended_at is None,
    do=_give,
    dangerous=True,
    form=PlanForm,
)
