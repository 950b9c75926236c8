"""What the business comes to: monthly recurring revenue, churn, and what is open.

Each is one statement or two that add up in the database, by price and quantity: what comes back is
as long as the catalogue has prices times the quantities that there are, however many subscribe.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import connections

from domains.billing.services import catalogue
from domains.billing.services.arithmetic import Interval, IntervalUnit, round_half_up

CHURN_OVER = timedelta(days=30)

# The mean Gregorian year has 365.2425 days.
_DAYS_A_MONTH = Fraction(3652425, 10_000 * 12)
_MONTHS = {
    IntervalUnit.DAY: 1 / _DAYS_A_MONTH,
    IntervalUnit.WEEK: 7 / _DAYS_A_MONTH,
    IntervalUnit.MONTH: Fraction(1),
    IntervalUnit.YEAR: Fraction(12),
}

_RECURRING = """
    SELECT s.currency, i.price_id, i.quantity, count(*)
    FROM subscription s
    JOIN subscription_item i ON i.subscription_id = s.id AND i.ended_at IS NULL
    JOIN price p ON p.id = i.price_id AND p.quantity <> 'usage'
    WHERE s.state IN ('active', 'past_due') AND NOT s.comped
    GROUP BY 1, 2, 3
"""
_PAYING = """
    SELECT s.currency, count(*) FROM subscription s
    WHERE s.state IN ('active', 'past_due') AND NOT s.comped
    GROUP BY 1
"""
# Those who paid at the instant, in all and those who don't any more; then what they paid for.
_THEN = """
    WITH paying AS (
        SELECT s.id, s.currency,
            (s.ended_at IS NOT NULL OR s.state = 'unpaid') AND NOT EXISTS (
                SELECT FROM subscription other
                WHERE other.organization_id = s.organization_id
                    AND other.state IN ('active', 'past_due') AND NOT other.comped
            ) AS lost
        FROM subscription s
        WHERE NOT s.comped AND s.state NOT IN ('incomplete', 'expired')
            AND s.created_at <= %(since)s AND (s.ended_at IS NULL OR s.ended_at > %(since)s)
            AND (s.trial_end IS NULL OR s.trial_end <= %(since)s)
            AND (s.state <> 'unpaid' OR s.past_due_since > %(since)s)
            AND (s.state <> 'paused' OR s.paused_at > %(since)s)
    )
    SELECT currency, NULL AS price_id, NULL AS quantity, count(*), count(*) FILTER (WHERE lost)
    FROM paying GROUP BY 1
    UNION ALL
    SELECT s.currency, i.price_id, i.quantity, count(*), count(*) FILTER (WHERE s.lost)
    FROM paying s
    JOIN subscription_item i ON i.subscription_id = s.id AND i.started_at <= %(since)s
        AND (i.ended_at IS NULL OR i.ended_at > %(since)s)
    JOIN price p ON p.id = i.price_id AND p.quantity <> 'usage'
    GROUP BY 1, 2, 3
"""
_OPEN = """
    SELECT currency, count(*), sum(total - balance_used - paid - credited)::bigint,
        count(*) FILTER (WHERE due_at < %(now)s),
        coalesce(sum(total - balance_used - paid - credited)
            FILTER (WHERE due_at < %(now)s), 0)::bigint
    FROM invoice WHERE state = 'open' GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, kw_only=True)
class Revenue:
    """What customers pay a month in one currency, in minor units."""

    currency: str
    customers: int
    monthly: int


@dataclass(frozen=True, kw_only=True)
class Churn:
    """Who paid in one currency when the time began, and what of that is lost; minor units."""

    currency: str
    customers: int
    lost_customers: int
    monthly: int
    lost_monthly: int


@dataclass(frozen=True, kw_only=True)
class OpenAmount:
    """What is due of open invoices in one currency, in minor units, and of that overdue."""

    currency: str
    invoices: int
    amount: int
    overdue_invoices: int
    overdue: int


def monthly_recurring_revenue() -> list[Revenue]:
    """Return by currency what customers pay a month for as long as nothing changes.

    It counts what subscriptions that are active or past due are charged for each period: flat
    prices, and prices by quantity or seats times those charged, add-ons among them. A year's price
    counts a twelfth, that of n months an n-th, weeks and days by the mean month of 30.436875 days.
    It doesn't count trials, what is paused, unpaid or given away by staff, nor usage, coupons,
    credit, or tax, but for the tax that is in an inclusive price. What is to end still counts
    until it does. Rounded once for each currency.
    """
    customers = dict(_rows(_PAYING))
    sums: dict[str, Fraction] = defaultdict(Fraction)
    rows = _rows(_RECURRING)
    each = _monthly((price_id, quantity, currency) for currency, price_id, quantity, _ in rows)
    for currency, price_id, quantity, count in rows:
        sums[currency] += each[price_id, quantity, currency] * count
    return [
        Revenue(currency=code, customers=customers[code], monthly=round_half_up(sums[code]))
        for code in sorted(customers)
    ]


def churn(*, now: datetime) -> list[Churn]:
    """Return by currency who paid 30 days ago and doesn't any more, with their monthly revenue.

    Lost is whose subscription has ended since, or is unpaid (which counts from when it fell
    behind), and who doesn't pay for another one, in whatever currency. A pause is no loss, nor is
    a smaller plan; a gift of staff is one, of revenue. Revenue is that of 30 days ago, counted as
    in `monthly_recurring_revenue`.
    """
    rows = _rows(_THEN, {"since": now - CHURN_OVER})
    charged = [row for row in rows if row[1] is not None]
    each = _monthly((price_id, quantity, currency) for currency, price_id, quantity, *_ in charged)
    all_: dict[str, Fraction] = defaultdict(Fraction)
    lost: dict[str, Fraction] = defaultdict(Fraction)
    for currency, price_id, quantity, count, gone in charged:
        all_[currency] += each[price_id, quantity, currency] * count
        lost[currency] += each[price_id, quantity, currency] * gone
    return [
        Churn(
            currency=code,
            customers=customers,
            lost_customers=gone,
            monthly=round_half_up(all_[code]),
            lost_monthly=round_half_up(lost[code]),
        )
        for code, price_id, _, customers, gone in sorted(rows, key=lambda row: row[0])
        if price_id is None
    ]


def open_amounts(*, now: datetime) -> list[OpenAmount]:
    """Return by currency what is still due of open invoices, and what of it should be paid."""
    return [
        OpenAmount(
            currency=code, invoices=count, amount=amount, overdue_invoices=late, overdue=overdue
        )
        for code, count, amount, late, overdue in _rows(_OPEN, {"now": now})
    ]


def a_month(amount: Fraction, interval: Interval) -> Fraction:
    """Return what so much for each interval is for a month."""
    return amount / (_MONTHS[interval.unit] * interval.count)


def _monthly(wanted: Iterable[tuple[UUID, int, str]]) -> dict[tuple[UUID, int, str], Fraction]:
    """Return what each quantity of each price in each currency costs a month."""
    asked = set(wanted)
    prices = catalogue.get_prices({price_id for price_id, _, _ in asked})
    return {
        (id_, quantity, currency): a_month(
            Fraction(prices[id_].model(currency).charge(quantity=quantity).precise),
            prices[id_].interval,
        )
        for id_, quantity, currency in asked
    }


def _rows(statement: str, values: dict[str, Any] | None = None) -> list[Any]:
    with connections["billing"].cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
