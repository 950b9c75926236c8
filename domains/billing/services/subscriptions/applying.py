"""Carrying out a quote, under the customer's lock: rows, plan in force, invoice, events."""

from __future__ import annotations

from datetime import datetime

from domains.billing.contract.subscriptions import (
    SubscriptionChanged,
    SubscriptionChangeScheduled,
    TrialStarted,
)
from domains.billing.models import (
    Customer,
    Invoice,
    ScheduledChange,
    Subscription,
    SubscriptionItem,
    SubscriptionState,
)
from domains.billing.services import entitlements
from domains.billing.services.invoicing.issuing import NewInvoice, issue
from domains.billing.services.subscriptions import (
    activation,
    discounting,
    loading,
    owing,
    scheduling,
)
from domains.billing.services.subscriptions.items import Run
from domains.billing.services.subscriptions.quotes import Quote, QuotedItem
from domains.billing.services.subscriptions.quoting import Policy
from domains.billing.services.subscriptions.states import PAYABLE_FOR, move
from kernel.events import publish


def apply(customer: Customer, quote: Quote, *, now: datetime) -> Invoice | None:
    """Make of the locked customer's subscription what the quote says; return the invoice for it.

    The invoice is due at once: what the customer's credit doesn't pay is left to the caller.
    """
    if quote.scheduled_for is not None:
        _schedule(quote, now)
        return None
    before = None if quote.begins else loading.load_one(find(quote), at=quote.at)
    subscription = _begin(quote, now) if quote.begins else _change(quote, now)
    owed = [] if before is None else _owed(subscription, before, quote)
    write_items(subscription, quote.items, at=quote.at)
    if not customer.currency:
        customer.currency = quote.currency
        customer.save(update_fields=["currency"])
    _tell(customer, subscription, quote, now)
    invoice = _invoice(quote, now)
    if before is not None:
        given = {line.reverses: -line.net for line in quote.draft.lines if line.reverses}
        owing.take_down(subscription, before, owed, at=quote.at, credited=given, now=now)
    return invoice


def _owed(subscription: Subscription, before: Run, quote: Quote) -> list[loading.Owed]:
    """Return what open invoices charge for the time of items that end with the change.

    Its draft credits what was paid alone. Other policies settle with the next invoice, or not.
    """
    if quote.policy not in (Policy.NOW, Policy.RESET):
        return []
    kept = {item.id for item in quote.items}
    owed = loading.owed_after(subscription, before, at=quote.at)
    return [each for each in owed if each.charged.item_id not in kept]


def expect(quote: Quote, *, now: datetime) -> Subscription:
    """Write down the subscription that waits for its first payment."""
    subscription = _new(quote, now)
    subscription.state = SubscriptionState.INCOMPLETE
    subscription.renews_at, subscription.expires_at = None, now + PAYABLE_FOR
    subscription.save(force_insert=True)
    write_items(subscription, quote.items, at=now)
    return subscription


def write_items(subscription: Subscription, items: tuple[QuotedItem, ...], *, at: datetime) -> None:
    """End the subscription's items that are not among these, and add those that it hasn't."""
    mine = SubscriptionItem.objects.within(subscription.organization_id)
    open_ = mine.filter(subscription=subscription, ended_at=None)
    open_.exclude(id__in=[item.id for item in items]).update(ended_at=at)
    kept = set(open_.values_list("id", flat=True))
    SubscriptionItem.objects.bulk_create(
        _to_row(subscription, item) for item in items if item.id not in kept
    )


def _to_row(subscription: Subscription, item: QuotedItem) -> SubscriptionItem:
    return SubscriptionItem(
        id=item.id,
        organization_id=subscription.organization_id,
        subscription=subscription,
        price_id=item.price_id,
        product=item.product,
        is_plan=item.is_plan,
        quantity=item.quantity,
        started_at=item.started_at,
    )


def _schedule(quote: Quote, now: datetime) -> None:
    subscription = find(quote)
    plan = quote.to_json()
    scheduling.schedule(
        subscription,
        kind=ScheduledChange.Kind.PLAN,
        change={"plan": quote.plan, "items": plan["items"], "schedule": plan["schedule"]},
        due_at=quote.scheduled_for or quote.period.end,
        account_id=quote.account_id,
        now=now,
    )
    publish(
        SubscriptionChangeScheduled(
            organization_id=quote.organization_id,
            subscription_id=subscription.id,
            plan=quote.plan,
            due_at=quote.scheduled_for or quote.period.end,
            account_id=quote.account_id,
        )
    )


def find(quote: Quote) -> Subscription:
    """Return the subscription that the quote is about."""
    return Subscription.objects.within(quote.organization_id).get(id=quote.subscription_id)


def _begin(quote: Quote, now: datetime) -> Subscription:
    expected = Subscription.objects.within(quote.organization_id).filter(id=quote.subscription_id)
    subscription = expected.first()
    if subscription is None:
        subscription = _new(quote, now)
        subscription.save(force_insert=True)
        return subscription
    move(subscription, quote.state, now=now)
    _fill(subscription, quote)
    subscription.save()
    return subscription


def _new(quote: Quote, now: datetime) -> Subscription:
    subscription = Subscription(
        id=quote.subscription_id,
        organization_id=quote.organization_id,
        state=quote.state,
        currency=quote.currency,
        account_id=quote.account_id,
        created_at=now,
    )
    _fill(subscription, quote)
    return subscription


def _change(quote: Quote, now: datetime) -> Subscription:
    subscription = find(quote)
    if subscription.state != quote.state:
        move(subscription, quote.state, now=now)
    scheduling.withdraw(subscription, now=now)
    _fill(subscription, quote)
    subscription.version += 1
    subscription.save()
    return subscription


def _fill(subscription: Subscription, quote: Quote) -> None:
    subscription.time_zone = quote.schedule.time_zone
    subscription.anchor_at = quote.schedule.anchor
    subscription.interval_unit = quote.schedule.interval.unit
    subscription.interval_count = quote.schedule.interval.count
    subscription.calendar = quote.schedule.calendar
    subscription.period_start = quote.period.start
    subscription.period_end = subscription.renews_at = quote.period.end
    subscription.trial_end = quote.trial_end or subscription.trial_end
    subscription.pending = loading.pending_as_json(quote.pending)
    subscription.comped = False
    subscription.expires_at = None


def _tell(customer: Customer, subscription: Subscription, quote: Quote, now: datetime) -> None:
    if quote.begins and quote.trial_end:
        publish(
            TrialStarted(
                organization_id=quote.organization_id,
                subscription_id=subscription.id,
                plan=quote.plan,
                trial_end=quote.trial_end,
            )
        )
    if customer.plan != quote.plan:
        activation.activate(customer, plan=quote.plan, account_id=quote.account_id, now=now)
        return
    entitlements.announce(organization_id=customer.organization_id)
    publish(
        SubscriptionChanged(
            organization_id=quote.organization_id,
            subscription_id=subscription.id,
            plan=quote.plan,
            account_id=quote.account_id,
        )
    )


def _invoice(quote: Quote, now: datetime) -> Invoice | None:
    if not quote.draft.lines:
        return None
    new = NewInvoice(
        organization_id=quote.organization_id,
        subscription_id=quote.subscription_id,
        cause=quote.cause,
        draft=quote.draft,
        period_start=quote.period.start,
        period_end=quote.period.end,
        due_at=now,
    )
    discounting.count(quote, now=now)
    return issue(invoices=[new], now=now)[0]
