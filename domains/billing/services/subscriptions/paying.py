"""What becomes of a subscription when a payment for it ends; under the customer's lock."""

from __future__ import annotations

from datetime import datetime

from domains.billing.contract.subscriptions import SubscriptionPastDue, SubscriptionRecovered
from domains.billing.models import (
    Customer,
    Invoice,
    InvoiceState,
    PaymentIntent,
    Subscription,
    SubscriptionState,
)
from domains.billing.services.customers import lock_customer
from domains.billing.services.invoicing import settling
from domains.billing.services.subscriptions import activation, loading, restarting
from domains.billing.services.subscriptions.applying import apply
from domains.billing.services.subscriptions.discounting import give_up
from domains.billing.services.subscriptions.ending import expire, find_live
from domains.billing.services.subscriptions.quotes import Quote
from domains.billing.services.subscriptions.states import move
from kernel.events import publish

_WAITS_FOR_MONEY = (SubscriptionState.PAST_DUE, SubscriptionState.UNPAID)


def on_paid(*, intent: PaymentIntent, now: datetime) -> None:
    """Give the customer what the payment is for, in the transaction that settles it.

    Of a change the invoice is made here, and paid by the intent; where the change can't be made
    any more, because the subscription ended meanwhile, the money is the customer's credit. The
    payment of an invoice was recorded before.
    """
    customer = lock_customer(organization_id=intent.organization_id, now=now)
    if intent.quote is not None:
        _carry_out(customer, intent, Quote.from_json(intent.quote), now)
    elif intent.invoice is not None and intent.invoice.subscription_id:
        recover(customer, now=now)


def on_failed(*, intent: PaymentIntent, now: datetime) -> None:
    """Leave all as it was, but for a subscription that was to begin, or to go on."""
    subscription = find_live(organization_id=intent.organization_id)
    if intent.quote is not None:
        quote = Quote.from_json(intent.quote)
        give_up(quote)
        if subscription is not None and subscription.state == SubscriptionState.INCOMPLETE:
            expire(subscription, plan=quote.plan, now=now)
    elif intent.invoice is not None:
        fall_behind(invoice=intent.invoice, now=now)


def fall_behind(*, invoice: Invoice, now: datetime) -> None:
    """Note that the invoice of a subscription couldn't be paid; the plan stays in force."""
    subscription = find_live(organization_id=invoice.organization_id)
    if subscription is None or subscription.id != invoice.subscription_id:
        return
    if subscription.state != SubscriptionState.ACTIVE:
        return
    move(subscription, SubscriptionState.PAST_DUE, now=now)
    subscription.past_due_since = now
    subscription.version += 1
    subscription.save()
    publish(
        SubscriptionPastDue(
            organization_id=subscription.organization_id,
            subscription_id=subscription.id,
            plan=_plan_of(subscription),
        )
    )


def recover(customer: Customer, *, now: datetime) -> None:
    """Have the subscription active again, once no invoice of it is overdue any more."""
    subscription = find_live(organization_id=customer.organization_id)
    if subscription is None or subscription.state not in _WAITS_FOR_MONEY:
        return
    invoices = Invoice.objects.within(customer.organization_id)
    if invoices.filter(subscription=subscription, state=InvoiceState.OPEN).exists():
        return
    was_unpaid = subscription.state == SubscriptionState.UNPAID
    move(subscription, SubscriptionState.ACTIVE, now=now)
    subscription.past_due_since = None
    subscription.renews_at = subscription.period_end
    if was_unpaid and subscription.period_end <= now:
        restarting.restart(subscription, at=now)
    subscription.version += 1
    subscription.save()
    plan = _plan_of(subscription)
    if was_unpaid:
        activation.activate(customer, plan=plan, account_id=subscription.account_id, now=now)
    publish(
        SubscriptionRecovered(
            organization_id=subscription.organization_id,
            subscription_id=subscription.id,
            plan=plan,
        )
    )


def _carry_out(customer: Customer, intent: PaymentIntent, quote: Quote, now: datetime) -> None:
    invoice = apply(customer, quote, now=now) if _still_holds(customer, quote) else None
    if invoice is not None:
        intent.invoice = invoice
        intent.save(update_fields=["invoice"])
    settling.record_payment(invoice_id=invoice.id if invoice else None, intent=intent, now=now)


def _still_holds(customer: Customer, quote: Quote) -> bool:
    """Return whether the subscription is still what the quote was computed from."""
    if customer.ended_at is not None:
        return False
    live = find_live(organization_id=customer.organization_id)
    if quote.begins:
        return live is not None and live.id == quote.subscription_id
    return live is not None and (live.id, live.version) == (quote.subscription_id, quote.version)


def _plan_of(subscription: Subscription) -> str:
    return loading.load([subscription])[subscription.id].plan.price.product
