"""Renewing many subscriptions at once, in one transaction, by a few statements for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domains.billing.contract.subscriptions import (
    SubscriptionCanceled,
    SubscriptionRenewed,
    SubscriptionResumed,
)
from domains.billing.models import (
    Customer,
    Invoice,
    ScheduledChange,
    Subscription,
    SubscriptionState,
)
from domains.billing.services.catalogue import coupons
from domains.billing.services.catalogue.coupons import CouponDiscount
from domains.billing.services.invoicing.drafting import LineInput, draft
from domains.billing.services.invoicing.issuing import NewInvoice, issue
from domains.billing.services.invoicing.taxes import TaxDecisions
from domains.billing.services.invoicing.taxing import decide
from domains.billing.services.payments.collecting import collect
from domains.billing.services.subscriptions import (
    activation,
    discounting,
    loading,
    paying,
    quoting,
    renewal_rows,
    restarting,
    scheduling,
    trials,
)
from domains.billing.services.subscriptions.items import Item, Run, Schedule
from domains.billing.services.subscriptions.quotes import from_plain_items, schedule_from_plain
from domains.billing.services.subscriptions.quoting import Outcome
from domains.billing.services.subscriptions.states import move
from kernel.events import publish

_CANCEL = ScheduledChange.Kind.CANCEL


@dataclass(kw_only=True)
class Renewal:
    """One subscription of a batch: how it was, and what becomes of it (None: it ends)."""

    row: Subscription
    run: Run
    change: ScheduledChange | None
    outcome: Outcome | None
    lines: tuple[LineInput, ...] = ()
    reason: str = ""
    was_paused: bool = False

    @property
    def owner(self) -> UUID:
        """Whose it is."""
        return self.row.organization_id

    @property
    def plan(self) -> str:
        """The plan that follows."""
        items = self.outcome.items if self.outcome else self.run.items
        return next(item.price.product for item in items if item.is_plan)


def renew_all(ids: Sequence[UUID], *, now: datetime) -> None:
    """Renew the claimed subscriptions, whose customers are locked."""
    if not ids:
        return
    rows = list(Subscription.objects.everywhere().filter(id__in=ids))
    renewals = _compute(rows)
    owners = [each.owner for each in renewals]
    customers = {row.organization_id: row for row in Customer.objects.within(*owners)}
    invoices = _issue(renewals, customers, now)
    _write(renewals, now)
    _tell(renewals, customers, now)
    for invoice in collect(invoices=invoices, now=now, off_session=True):
        paying.fall_behind(invoice=invoice, now=now)


def _compute(rows: Sequence[Subscription]) -> list[Renewal]:
    runs = loading.load(rows)
    owners = {row.id: row.organization_id for row in rows}
    used = loading.used_until(runs, owners)
    seats = loading.seats_of(owners.values()) if _have_seats(runs.values()) else {}
    changes = scheduling.due(rows)
    unpayable = trials.without_method(rows)
    return [
        _renewal(
            row,
            runs[row.id],
            changes.get(row.id),
            used=used,
            seats=seats.get(row.organization_id, 0),
            payable=row.id not in unpayable,
        )
        for row in rows
    ]


def _renewal(
    row: Subscription,
    run: Run,
    change: ScheduledChange | None,
    *,
    used: Mapping[UUID, Decimal],
    seats: int,
    payable: bool,
) -> Renewal:
    pending = loading.pending_of(row)
    if (change and change.kind == _CANCEL) or not payable:
        reason = change.change.get("reason", "") if change else trials.NOTHING_TO_PAY_WITH
        lines = quoting.end(run, at=run.period.end, used=used, pending=pending, give_back=False)
        return Renewal(row=row, run=run, change=change, outcome=None, lines=lines, reason=reason)
    if row.state == SubscriptionState.PAUSED:
        outcome = _resumed(row, run, seats)
    else:
        items, schedule = _following(run, change)
        outcome = quoting.renew(
            run,
            items=_with_seats(items, seats, run),
            schedule=schedule,
            used=used,
            pending=pending,
        )
    return Renewal(
        row=row,
        run=run,
        change=change,
        outcome=outcome,
        lines=outcome.lines,
        was_paused=row.state == SubscriptionState.PAUSED,
    )


def _resumed(row: Subscription, run: Run, seats: int) -> Outcome:
    at = row.renews_at or run.period.end
    return quoting.begin(
        currency=run.currency,
        schedule=replace(run.schedule, anchor=at),
        items=_with_seats(restarting.begun_anew(run.items, at=at), seats, run),
        at=at,
    )


def _following(
    run: Run, change: ScheduledChange | None
) -> tuple[tuple[Item, ...], Schedule | None]:
    if change is None:
        return run.items, None
    items = from_plain_items(change.change["items"])
    begun = tuple(replace(item, started_at=run.period.end) for item in items)
    kept = {(item.price.id, item.quantity): item for item in run.items}
    after = tuple(kept.get((item.price.id, item.quantity), item) for item in begun)
    return after, schedule_from_plain(change.change["schedule"])


def _with_seats(items: Sequence[Item], seats: int, run: Run) -> tuple[Item, ...]:
    """Return the items of seats with as many as are taken when the period begins."""
    return tuple(
        replace(restarting.begun_anew((item,), at=run.period.end)[0], quantity=seats)
        if item.price.quantity == "seats" and item.quantity != seats
        else item
        for item in items
    )


def _have_seats(runs: Iterable[Run]) -> bool:
    return any(item.price.quantity == "seats" for run in runs for item in run.items)


def _issue(
    renewals: Sequence[Renewal], customers: Mapping[UUID, Customer], now: datetime
) -> list[Invoice]:
    charged = [each for each in renewals if each.lines]
    categories = {line.tax_category for each in charged for line in each.lines}
    taxing = decide(
        customers=[customers[each.owner] for each in charged], categories=categories, now=now
    )
    discounts = discounting.of_renewals(organization_ids=[each.owner for each in charged], at=now)
    new = [
        _to_invoice(each, discounts.get(each.owner, ()), taxing[each.owner], now)
        for each in charged
    ]
    used = [id_ for invoice in new for id_ in invoice.draft.redemption_ids]
    coupons.count_used(redemption_ids=used, now=now)
    return issue(invoices=new, now=now) if new else []


def _to_invoice(
    renewal: Renewal,
    discounts: Iterable[CouponDiscount],
    taxing: TaxDecisions,
    now: datetime,
) -> NewInvoice:
    period = renewal.outcome.period if renewal.outcome else renewal.run.period
    return NewInvoice(
        organization_id=renewal.owner,
        subscription_id=renewal.row.id,
        cause=Invoice.Cause.RENEWAL if renewal.outcome else Invoice.Cause.END,
        draft=draft(
            currency=renewal.run.currency,
            lines=renewal.lines,
            discounts=discounting.in_currency(discounts, renewal.run.currency),
            taxing=taxing,
        ),
        period_start=period.start,
        period_end=period.end,
        due_at=now,
    )


def _write(renewals: Sequence[Renewal], now: datetime) -> None:
    for each in renewals:
        _fill(each)
    renewal_rows.write_subscriptions([each.row for each in renewals])
    renewal_rows.write_items([_items_change(each) for each in renewals])
    scheduling.settle([each.change for each in renewals if each.change], now=now)


def _items_change(renewal: Renewal) -> renewal_rows.ItemsChange:
    outcome, before = renewal.outcome, renewal.run.items
    after = outcome.items if outcome else ()
    return renewal_rows.ItemsChange(
        row=renewal.row,
        at=outcome.period.start if outcome else renewal.run.period.end,
        gone=[item for item in before if item not in after],
        came=[item for item in after if item not in before],
    )


def _fill(renewal: Renewal) -> None:
    row, outcome = renewal.row, renewal.outcome
    row.version += 1
    row.pending = []
    if outcome is None:
        move(row, SubscriptionState.CANCELED, now=row.period_end)
        row.cancel_reason = renewal.reason[:200]
        return
    if row.state in (SubscriptionState.TRIALING, SubscriptionState.PAUSED):
        move(row, SubscriptionState.ACTIVE, now=outcome.period.start)
    row.paused_at = row.resumes_at = None
    row.anchor_at = outcome.schedule.anchor
    row.interval_unit = outcome.schedule.interval.unit
    row.interval_count = outcome.schedule.interval.count
    row.period_start = outcome.period.start
    row.period_end = row.renews_at = outcome.period.end


def _tell(renewals: Sequence[Renewal], customers: Mapping[UUID, Customer], now: datetime) -> None:
    for each in renewals:
        customer = customers[each.owner]
        if each.outcome is None:
            activation.fall_to_free(customer, now=now)
        elif customer.plan != each.plan:
            who = (each.change and each.change.account_id) or each.row.account_id
            activation.activate(customer, plan=each.plan, account_id=who, now=now)
    publish(*(_event(each) for each in renewals))


def _event(renewal: Renewal) -> object:
    whose = {"organization_id": renewal.owner, "subscription_id": renewal.row.id}
    if renewal.outcome is None:
        return SubscriptionCanceled(**whose, plan=renewal.plan, reason=renewal.reason)
    if renewal.was_paused:
        return SubscriptionResumed(**whose, plan=renewal.plan)
    period = renewal.outcome.period
    return SubscriptionRenewed(
        **whose, plan=renewal.plan, period_start=period.start, period_end=period.end
    )
