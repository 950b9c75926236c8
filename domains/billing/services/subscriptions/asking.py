"""What a wish makes of a subscription and costs: read, computed and drafted, nothing written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from domains.billing.contract.subscriptions import (
    CurrencyFixed,
    PaymentOverdue,
    PolicyNotOffered,
    PreviewOutdated,
)
from domains.billing.models import Customer, Subscription, SubscriptionState
from domains.billing.services.arithmetic import Period
from domains.billing.services.invoicing import ledger
from domains.billing.services.invoicing.drafting import InvoiceDraft, draft
from domains.billing.services.invoicing.taxing import decide
from domains.billing.services.subscriptions import discounting, loading, quoting, restarting
from domains.billing.services.subscriptions.discounting import Discounts
from domains.billing.services.subscriptions.ending import find_begun, find_live
from domains.billing.services.subscriptions.items import Run, Schedule
from domains.billing.services.subscriptions.quotes import Quote, to_quoted
from domains.billing.services.subscriptions.quoting import Outcome, Policy
from domains.billing.services.subscriptions.wishes import Target, Wish, resolve
from kernel.ids import uuid7

# What leaves nothing unpaid: staff may do more.
_OFFERED = {
    True: (Policy.NOW, Policy.RESET, Policy.PERIOD_END),  # dearer
    False: tuple(Policy),
}


@dataclass(frozen=True, kw_only=True)
class _Asked:
    customer: Customer
    subscription: Subscription | None
    account_id: UUID
    wish: Wish
    at: datetime


def quote(
    *,
    customer: Customer,
    subscription: Subscription | None,
    account_id: UUID,
    wish: Wish,
    at: datetime,
) -> Quote:
    """Return what the wish makes of the subscription (None: there is none) and what it costs.

    Raises what `resolve` does, `PolicyNotOffered`, `CurrencyFixed`, `CurrencyNotOffered`,
    `PaymentOverdue` and what a coupon's redemption does.
    """
    asked = _Asked(
        customer=customer, subscription=subscription, account_id=account_id, wish=wish, at=at
    )
    if subscription is None:
        return _of_beginning(asked)
    return _of_change(asked, subscription)


def wanted(*, organization_id: UUID, wish: Wish, at: datetime) -> set[tuple[UUID, int]]:
    """Return the prices and quantities that the wish comes to: what makes two wishes the same."""
    begun = find_begun(organization_id=organization_id)
    run = loading.load([begun])[begun.id] if begun else None
    seats = loading.seats_of([organization_id]).get(organization_id, 0)
    target = resolve(wish, run=run, seats=seats, at=at)
    return {(item.price.id, item.quantity) for item in target.items}


def _of_beginning(asked: _Asked) -> Quote:
    target = _resolve(asked, None)
    currency = _currency(asked, target)
    trial = target.plan.trial_days if _may_try(asked.customer) else 0
    starts = asked.at + timedelta(days=trial)
    outcome = quoting.begin(
        currency=currency,
        schedule=_schedule(asked, target, at=starts),
        items=target.items,
        at=starts,
        charge=not trial,
    )
    if not trial:
        return _to_quote(asked, outcome, target=target, policy=Policy.NOW)
    on_trial = replace(outcome, period=Period(start=asked.at, end=starts))
    return _to_quote(asked, on_trial, target=target, policy=Policy.NOW, trial_end=starts)


def _of_change(asked: _Asked, subscription: Subscription) -> Quote:
    if subscription.state in (SubscriptionState.PAST_DUE, SubscriptionState.UNPAID):
        raise PaymentOverdue
    run = loading.load_one(subscription, at=asked.at)
    target = _resolve(asked, run)
    if subscription.state == SubscriptionState.PAUSED:
        return _of_resuming(asked, run, target)
    if target.is_like(run) and not run.comped and asked.wish.policy is not Policy.RESET:
        return _of_nothing_new(asked, run, target)
    if run.on_trial and target.plan.trial_days:
        return _on_trial(asked, run, target, subscription)
    policy = _policy(asked.wish, run, target)
    if policy is Policy.PERIOD_END:
        return _scheduled(asked, run, target)
    anew = (
        policy is Policy.RESET
        or target.interval != run.schedule.interval
        or run.on_trial
        or run.comped
    )
    owners = {subscription.id: subscription.organization_id}
    outcome = quoting.change(
        run,
        items=target.items,
        schedule=_schedule(asked, target, at=asked.at) if anew else None,
        policy=policy,
        at=asked.at,
        used=loading.used_until({subscription.id: run}, owners, at=asked.at),
        pending=loading.pending_of(subscription),
    )
    return _to_quote(asked, outcome, target=target, policy=policy)


def _on_trial(asked: _Asked, run: Run, target: Target, subscription: Subscription) -> Quote:
    """Another plan that can be tried: the trial goes on, and ends when it would have."""
    outcome = Outcome(schedule=run.schedule, period=run.period, items=target.items, lines=())
    return _to_quote(
        asked,
        outcome,
        target=target,
        policy=Policy.NOW,
        trial_end=subscription.trial_end,
    )


def _scheduled(asked: _Asked, run: Run, target: Target) -> Quote:
    schedule = run.schedule
    if target.interval != schedule.interval:
        schedule = _schedule(asked, target, at=run.period.end)
    outcome = Outcome(schedule=schedule, period=run.period, items=target.items, lines=())
    return _to_quote(
        asked,
        outcome,
        target=target,
        policy=Policy.PERIOD_END,
        scheduled_for=run.period.end,
    )


def _resolve(asked: _Asked, run: Run | None) -> Target:
    owner = asked.customer.organization_id
    seats = loading.seats_of([owner]).get(owner, 0)
    return resolve(asked.wish, run=run, seats=seats, at=asked.at)


def _of_resuming(asked: _Asked, run: Run, target: Target) -> Quote:
    outcome = quoting.begin(
        currency=run.currency,
        schedule=_schedule(asked, target, at=asked.at),
        items=restarting.begun_anew(target.items, at=asked.at),
        at=asked.at,
    )
    return _to_quote(asked, outcome, target=target, policy=Policy.NOW)


def _of_nothing_new(asked: _Asked, run: Run, target: Target) -> Quote:
    outcome = Outcome(schedule=run.schedule, period=run.period, items=run.items, lines=())
    quote_ = _to_quote(asked, outcome, target=target, policy=Policy.NOW)
    return replace(quote_, changes=False)


def current(pinned: Quote, *, customer: Customer) -> Quote:
    """Return the quote as it can be carried out.

    Raise `PreviewOutdated` unless everything is still as the quote was computed from. What would
    have begun and was never paid can be tried again, as another subscription.
    """
    live = find_live(organization_id=customer.organization_id)
    version = live.version if live else 0
    same = pinned.begins or (live is not None and live.id == pinned.subscription_id)
    if not same or version != pinned.version or _balance(customer, pinned.draft) < pinned.balance:
        raise PreviewOutdated
    mine = Subscription.objects.within(customer.organization_id)
    begun = mine.filter(Q(id=pinned.subscription_id) | Q(created_at__gt=pinned.at))
    if pinned.begins and begun.exclude(state=SubscriptionState.EXPIRED).exists():
        raise PreviewOutdated
    return pinned.with_new_ids() if pinned.begins and begun.exists() else pinned


def _policy(wish: Wish, run: Run, target: Target) -> Policy:
    """Return the policy: as it is wished, or as it is usual for dearer and cheaper."""
    dearer = _is_dearer(run, target)
    if run.on_trial or run.comped:
        return Policy.NOW
    if wish.policy is None:
        return Policy.NOW if dearer else Policy.PERIOD_END
    if wish.policy not in _OFFERED[dearer]:
        raise PolicyNotOffered("What is dearer is paid at once.", pointer="/policy")
    return wish.policy


def _is_dearer(run: Run, target: Target) -> bool:
    """Return whether it costs more a day; of one plan, whether it is paid for longer ahead."""
    same_plan = target.plan.name == run.plan.price.product
    if same_plan and target.interval != run.schedule.interval:
        return quoting.days_of(target.interval) > quoting.days_of(run.schedule.interval)
    before = quoting.per_day(run.items, currency=run.currency)
    return quoting.per_day(target.items, currency=run.currency) >= before


def _may_try(customer: Customer) -> bool:
    """Return whether the organization has never been on trial."""
    tried = Subscription.objects.within(customer.organization_id).exclude(trial_end=None)
    return not tried.exists()


def _currency(asked: _Asked, target: Target) -> str:
    fixed = asked.subscription.currency if asked.subscription else asked.customer.currency
    wanted = asked.wish.currency or fixed or target.items[0].price.currency
    if fixed and wanted != fixed:
        raise CurrencyFixed(f"It is {fixed}.", pointer="/currency")
    for item in target.items:
        item.price.model(wanted)
    return wanted


def _schedule(asked: _Asked, target: Target, *, at: datetime) -> Schedule:
    return Schedule(
        anchor=at,
        interval=target.interval,
        time_zone=asked.customer.time_zone,
        calendar=settings.BILLING_PERIODS == "calendar",
    )


def _to_quote(
    asked: _Asked,
    outcome: Outcome,
    *,
    target: Target,
    policy: Policy,
    trial_end: datetime | None = None,
    scheduled_for: datetime | None = None,
) -> Quote:
    row, currency = asked.subscription, _currency(asked, target)
    discounts = discounting.of_change(
        organization_id=asked.customer.organization_id,
        currency=currency,
        products={item.price.product for item in outcome.items},
        code=asked.wish.coupon,
        begins=row is None,
        at=asked.at,
    )
    document = _draft(asked, outcome, discounts, currency)
    return Quote(
        organization_id=asked.customer.organization_id,
        account_id=asked.account_id,
        subscription_id=row.id if row else uuid7(),
        version=row.version if row else 0,
        at=asked.at,
        plan=target.plan.name,
        policy=policy,
        state=SubscriptionState.TRIALING if trial_end else SubscriptionState.ACTIVE,
        currency=currency,
        schedule=outcome.schedule,
        period=outcome.period,
        items=tuple(to_quoted(item) for item in outcome.items),
        pending=outcome.pending,
        draft=document,
        balance=_balance(asked.customer, document),
        trial_end=trial_end,
        scheduled_for=scheduled_for,
        coupon=asked.wish.coupon or "",
        redemption_id=discounts.redeemed.redemption_id if discounts.redeemed else None,
    )


def _draft(asked: _Asked, outcome: Outcome, discounts: Discounts, currency: str) -> InvoiceDraft:
    categories = {line.tax_category for line in outcome.lines}
    taxing = decide(customers=[asked.customer], categories=categories, now=asked.at)
    return draft(
        currency=currency,
        lines=outcome.lines,
        discounts=discounts.inputs,
        taxing=taxing[asked.customer.organization_id],
    )


def _balance(customer: Customer, document: InvoiceDraft) -> int:
    """Return what of the draft the customer's credit pays."""
    owner = customer.organization_id
    credit = ledger.balances(organization_ids=[owner]).get((owner, document.currency), 0)
    return min(max(credit, 0), document.total)
