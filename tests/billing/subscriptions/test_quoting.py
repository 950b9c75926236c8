"""What changes, renewals and ends cost, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.services.arithmetic import Graduated, PerUnit, Resolution, Tier
from domains.billing.services.subscriptions import quoting
from domains.billing.services.subscriptions.quoting import Policy
from tests.billing.subscriptions.prices import (
    MONTH,
    START,
    YEAR,
    Books,
    flat,
    item,
    price,
    schedule,
    total,
)

END = datetime(2025, 7, 1, tzinfo=UTC)
NOBODY: dict = {}
SETTLED = (Policy.NOW, Policy.NEXT_INVOICE)


def begun(*prices, **options):
    items = [item(each, is_plan=n == 0) for n, each in enumerate(prices)]
    outcome = quoting.begin(currency="EUR", schedule=schedule(**options), items=items, at=START)
    return Books.begin(outcome)


def change(books, terms, *, at, policy=Policy.NOW, quantity=1, anew=None, used=NOBODY):
    outcome = quoting.change(
        books.run,
        items=[item(terms, quantity, at=at)],
        schedule=anew,
        policy=policy,
        at=at,
        used=used,
        pending=books.pending,
    )
    books.enter(outcome)
    return outcome


def amounts(lines):
    return [(line.kind, line.amount) for line in total(lines).lines]


def test_a_run_begins_with_a_whole_period():
    books = begun(flat(10000))
    assert (books.run.period.start, books.run.period.end) == (START, END)
    assert books.paid == 10000


def test_an_upgrade_credits_what_is_left_and_charges_the_rest():
    books = begun(flat(10000))
    outcome = change(books, flat(30000), at=datetime(2025, 6, 16, tzinfo=UTC))
    assert amounts(outcome.lines) == [("credit", -5000), ("proration", 15000)]
    assert outcome.period == books.run.period


def test_another_interval_begins_a_whole_period_and_is_charged_in_full():
    books = begun(flat(10000))
    at = datetime(2025, 6, 16, tzinfo=UTC)
    outcome = change(books, flat(100000, interval=YEAR), at=at, anew=schedule(at, YEAR))
    assert amounts(outcome.lines) == [("credit", -5000), ("recurring", 100000)]
    assert (outcome.period.start, outcome.period.end) == (at, datetime(2026, 6, 16, tzinfo=UTC))


def test_an_item_that_stays_is_neither_credited_nor_charged():
    stays, storage = flat(10000), flat(500, product="storage")
    books = begun(stays, storage)
    outcome = quoting.change(
        books.run,
        items=[item(stays), item(storage, 3, is_plan=False)],
        policy=Policy.NOW,
        at=datetime(2025, 6, 16, tzinfo=UTC),
        used=NOBODY,
    )
    assert {line.product for line in outcome.lines} == {"storage"}
    assert outcome.items[0] == books.run.items[0]


def test_on_the_next_invoice_nothing_is_charged_before():
    books = begun(flat(10000))
    outcome = change(
        books, flat(30000), at=datetime(2025, 6, 16, tzinfo=UTC), policy=Policy.NEXT_INVOICE
    )
    assert outcome.lines == ()
    renewed = quoting.renew(books.run, used=NOBODY, pending=books.pending)
    assert amounts(renewed.lines) == [
        ("credit", -5000),
        ("proration", 15000),
        ("recurring", 30000),
    ]


def test_without_a_policy_of_settling_nothing_is_ever_settled():
    books = begun(flat(10000))
    outcome = change(books, flat(2000), at=datetime(2025, 6, 16, tzinfo=UTC), policy=Policy.NONE)
    assert (outcome.lines, outcome.pending) == ((), ())
    renewed = quoting.renew(books.run, used=NOBODY)
    assert amounts(renewed.lines) == [("recurring", 2000)]


def test_what_was_never_charged_is_not_credited_after_it():
    books = begun(flat(10000))
    change(books, flat(2000), at=datetime(2025, 6, 11, tzinfo=UTC), policy=Policy.NONE)
    outcome = change(books, flat(30000), at=datetime(2025, 6, 21, tzinfo=UTC))
    assert amounts(outcome.lines) == [("proration", 10000)]


def test_a_line_that_waits_for_the_next_invoice_is_shortened_by_the_next_change():
    books = begun(flat(0))
    at = datetime(2025, 6, 11, tzinfo=UTC)
    change(books, flat(30000), at=at, policy=Policy.NEXT_INVOICE)
    change(books, flat(3000), at=datetime(2025, 6, 21, tzinfo=UTC), policy=Policy.NEXT_INVOICE)
    assert amounts(books.pending) == [("proration", 10000), ("proration", 1000)]


def test_what_is_used_up_is_not_given_back():
    books = begun(flat(10000))
    books.run = replace(books.run, consumed=Fraction(4, 5))
    outcome = change(books, flat(30000), at=datetime(2025, 6, 16, tzinfo=UTC))
    assert amounts(outcome.lines) == [("credit", -2000), ("proration", 15000)]


def test_usage_is_charged_when_its_price_ends_and_never_credited():
    calls = price(
        PerUnit(unit_amount=Decimal(2)),
        product="calls",
        billing="arrears",
        quantity="usage",
        meter="calls",
    )
    books = begun(flat(10000), calls)
    used = {books.run.items[1].id: Decimal(70)}
    outcome = change(books, flat(30000), at=datetime(2025, 6, 16, tzinfo=UTC), used=used)
    assert ("usage", 140) in amounts(outcome.lines)
    assert amounts(quoting.renew(books.run, used=NOBODY).lines) == [("recurring", 30000)]


def test_tiers_are_told_line_by_line():
    tiers = (Tier(up_to=5, unit_amount=Decimal(10)), Tier(up_to=None, unit_amount=Decimal(7)))
    seats = price(Graduated(tiers=tiers), quantity="seats")
    outcome = quoting.begin(currency="EUR", schedule=schedule(), items=[item(seats, 7)], at=START)
    assert outcome.lines[0].details["parts"] == [
        {"quantity": "5", "unit_amount": "10"},
        {"quantity": "2", "unit_amount": "7"},
    ]


def test_a_trial_is_free_and_its_usage_as_well():
    books = begun(flat(10000, billing="arrears"))
    run = replace(books.run, on_trial=True)
    assert quoting.renew(run, used=NOBODY).lines == ()
    assert quoting.end(run, at=END, used=NOBODY, give_back=True) == ()


def test_what_is_given_away_is_not_charged():
    books = begun(flat(10000))
    run = replace(books.run, comped=True)
    assert quoting.renew(run, used=NOBODY).lines == ()


def test_the_end_gives_back_what_is_left_if_that_is_wished():
    books = begun(flat(10000))
    at = datetime(2025, 6, 16, tzinfo=UTC)
    for give_back, expected in ((True, [("credit", -5000)]), (False, [])):
        ended = quoting.end(books.run, at=at, used=NOBODY, give_back=give_back)
        assert amounts(ended) == expected


def test_a_change_at_the_end_of_the_period_is_none_yet():
    books = begun(flat(10000))
    with pytest.raises(ValueError, match="scheduled"):
        change(books, flat(1), at=START, policy=Policy.PERIOD_END)


def test_the_first_of_the_calendars_periods_is_a_part_of_one():
    calendar = schedule(datetime(2025, 6, 11, tzinfo=UTC))
    outcome = quoting.begin(
        currency="EUR",
        schedule=replace(calendar, calendar=True),
        items=[item(flat(30000))],
        at=datetime(2025, 6, 11, tzinfo=UTC),
    )
    assert outcome.period.end == END
    assert amounts(outcome.lines) == [("recurring", 20000)]


seconds = st.integers(0, 30 * 24 * 3600 - 1)
changes = st.lists(
    st.tuples(seconds, st.integers(0, 1_000_000), st.integers(1, 20)), min_size=1, max_size=8
)


@given(first=st.integers(0, 1_000_000), later=changes, policy=st.sampled_from(SETTLED))
def test_changing_back_and_forth_costs_what_was_in_force_and_never_yields_money(
    first, later, policy
):
    """Each line is rounded once, so a change moves the sum by two halves of a cent at most."""
    books = begun(flat(first))
    timeline = [(START, first)]
    for offset, amount, quantity in sorted(later):
        at = START + timedelta(seconds=offset)
        terms = price(PerUnit(unit_amount=Decimal(amount)), product="other")
        change(books, terms, at=at, policy=policy, quantity=quantity)
        timeline.append((at, amount * quantity))
        assert books.paid >= 0
    ends = [*(at for at, _ in timeline[1:]), END]
    books.charge(books.pending)
    in_force = sum(
        amount * Fraction((end - at) // timedelta(seconds=1), 30 * 24 * 3600)
        for (at, amount), end in zip(timeline, ends, strict=True)
    )
    assert abs(books.paid - in_force) <= len(timeline)


@given(amounts_=st.lists(st.integers(1, 1_000_000), min_size=2, max_size=6), offset=seconds)
def test_any_number_of_changes_at_one_instant_cost_what_the_last_alone_does(amounts_, offset):
    at = START + timedelta(seconds=offset)
    straight, winding = begun(flat(amounts_[0])), begun(flat(amounts_[0]))
    change(straight, flat(amounts_[-1]), at=at)
    for amount in amounts_[1:]:
        change(winding, flat(amount), at=at)
    assert winding.paid == straight.paid


@given(
    old=st.integers(0, 1_000_000),
    new=st.integers(0, 1_000_000),
    early=seconds,
    late=seconds,
    by=st.sampled_from([Resolution.SECOND, Resolution.DAY]),
)
def test_the_later_it_is_the_less_is_credited_and_charged(old, new, early, late, by):
    early, late = sorted((early, late))
    drafts = []
    for offset in (early, late):
        books = begun(flat(old, resolution=by))
        outcome = change(
            books, flat(new, resolution=by, product="other"), at=START + timedelta(seconds=offset)
        )
        drafts.append(dict(amounts(outcome.lines)))
    for kind in ("credit", "proration"):
        assert abs(drafts[0].get(kind, 0)) >= abs(drafts[1].get(kind, 0))
    assert abs(drafts[0].get("credit", 0)) <= old


@given(periods=st.integers(1, 30), day=st.integers(1, 31))
def test_renewals_leave_no_gap_and_charge_no_time_twice(periods, day):
    start = datetime(2025, 1, day, 23, 30, tzinfo=UTC)
    at = schedule(start, MONTH, "Europe/Paris")
    outcome = quoting.begin(
        currency="EUR", schedule=at, items=[item(flat(1000), at=start)], at=start
    )
    books = Books.begin(outcome)
    for _ in range(periods):
        before = books.run.period
        books.enter(quoting.renew(books.run, used=NOBODY))
        assert books.run.period.start == before.end
    times = sorted((each.period.start, each.period.end) for each in books.charged)
    assert all(earlier[1] == later[0] for earlier, later in pairwise(times))
    assert books.paid == 1000 * (periods + 1)
