"""A subscription's whole life, on a moving clock, with the real database."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from domains.billing.contract.errors import PaymentDeclined, PaymentInProgress
from domains.billing.contract.subscriptions import (
    NoSubscription,
    PaymentOverdue,
    PolicyNotOffered,
    SubscriptionStateRefuses,
)
from domains.billing.models import (
    SERVED_STATES,
    CreditNote,
    Invoice,
    InvoiceLine,
    OfflineCharge,
    PaymentIntent,
    Posting,
    Subscription,
)
from domains.billing.services.arithmetic import Interval, IntervalUnit
from domains.billing.services.payments.offline import OfflineProvider
from domains.billing.services.subscriptions import canceling, loading, resuming, states
from domains.billing.services.subscriptions.previewing import preview_change
from domains.billing.services.subscriptions.quoting import Policy
from domains.billing.services.subscriptions.wishes import Wish
from kernel.ids import uuid7
from tests.billing.conftest import NOW, put_on
from tests.billing.subscriptions.conftest import bill, pay, view_of
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")

REFUSALS = (
    NoSubscription,
    PaymentDeclined,
    PaymentInProgress,
    PaymentOverdue,
    PolicyNotOffered,
    SubscriptionStateRefuses,
)
PLANS = ("free", "pro", "business", "scale")
CARDS = (
    "pm_card_visa",
    "pm_card_declined",
    "pm_card_requires_confirmation",
    "pm_card_insufficient_funds_later",
)
INTERVALS = (None, Interval(unit=IntervalUnit.MONTH), Interval(unit=IntervalUnit.YEAR))
# Without `none`: who leaves paid time without a settlement may well pay for it once more.
POLICIES = (None, Policy.NOW, Policy.NEXT_INVOICE, Policy.RESET, Policy.PERIOD_END)
OPTIONS = st.fixed_dictionaries(
    {
        "interval": st.sampled_from(INTERVALS),
        "policy": st.sampled_from(POLICIES),
        "add_ons": st.sampled_from([None, 0, 1, 7]).map(
            lambda count: None if count is None else {"extra-storage": count}
        ),
    }
)
SECOND = timedelta(seconds=1)


class Life(RuleBasedStateMachine):
    """Whatever is wished, whenever: what is charged is what was in force, once."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic(using="billing", savepoint=True)
        self.savepoint.__enter__()
        self.owner, self.now = member_of(uuid7()), NOW
        self.seen: dict[object, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True, using="billing")
        self.savepoint.__exit__(None, None, None)

    @rule(plan=st.sampled_from(PLANS), card=st.sampled_from(CARDS), options=OPTIONS)
    def wish(self, plan, card, options):
        with suppress(*REFUSALS):
            put_on(self.owner, plan, card, now=self.now, **_offered(plan, options))

    @rule(
        plan=st.sampled_from(PLANS[1:]),
        card=st.sampled_from(CARDS),
        options=OPTIONS,
        minutes=st.integers(0, 14),
    )
    def wish_what_was_previewed(self, plan, card, options, minutes):
        options, before = _offered(plan, options), self.invoices()
        wish = Wish(plan=plan, **options)
        with suppress(*REFUSALS):
            shown = preview_change(principal=self.owner, wish=wish, now=self.now)
            self.now += timedelta(minutes=minutes)
            token = shown.preview_token
            put_on(self.owner, plan, card, now=self.now, preview_token=token, **options)
            self.confirm()
            _compare(shown, [row for row in self.invoices() if row not in before])

    def invoices(self):
        return list(Invoice.objects.within(self.owner.organization_id).order_by("id"))

    @rule(at_once=st.booleans())
    def cancel(self, at_once):
        with suppress(*REFUSALS):
            canceling.cancel(principal=self.owner, at_once=at_once, reason="", now=self.now)

    @rule(days=st.sampled_from([None, 1, 45]))
    def pause(self, days):
        resumes_at = days and self.now + timedelta(days=days)
        with suppress(*REFUSALS):
            canceling.pause(principal=self.owner, resumes_at=resumes_at, now=self.now)

    @rule(card=st.sampled_from([None, *CARDS]))
    def resume(self, card):
        with suppress(*REFUSALS):
            resuming.resume(principal=self.owner, payment_method=card, now=self.now)

    @rule()
    def confirm(self):
        for intent in PaymentIntent.objects.within(self.owner.organization_id):
            if intent.state == "requires_action":
                OfflineProvider().confirm(reference=intent.reference)
        pay(now=self.now + timedelta(minutes=2))

    @rule(hours=st.sampled_from([0, 1, 5, 24, 24 * 13, 24 * 40]))
    def wait(self, hours):
        self.now += timedelta(hours=hours, minutes=3)
        bill(now=self.now)
        pay(now=self.now + timedelta(minutes=2))

    @invariant()
    def no_state_follows_another_but_by_the_table(self):
        for row in Subscription.objects.within(self.owner.organization_id):
            before = self.seen.get(row.id)
            assert row.state in _reachable({before} if before else states.BEGINNINGS)
            self.seen[row.id] = row.state

    @invariant()
    def what_is_in_force_is_what_is_subscribed(self):
        view = view_of(self.owner)
        if view.details is None or view.details.state not in SERVED_STATES:
            assert view.plan == "free"
        else:
            assert view.plan != "free"

    @invariant()
    def the_books_sum_to_zero_and_hold_no_more_money_than_came(self):
        mine = Posting.objects.within(self.owner.organization_id)
        amounts = defaultdict(int)
        for account, amount in mine.values_list("account", "amount"):
            amounts[account] += amount
        assert sum(amounts.values()) == 0
        came = OfflineCharge.objects.filter(
            idempotency_key__in=[
                each.idempotency_key
                for each in PaymentIntent.objects.within(self.owner.organization_id)
                if each.state == "succeeded"
            ],
            status="succeeded",
        )
        assert amounts["cash"] == sum(came.values_list("amount", flat=True))
        assert amounts["balance"] <= 0  # credit is never spent twice

    @invariant()
    def no_time_is_paid_twice(self):
        """The parts of paid charges that were not given back never overlap, product by product."""
        covered = defaultdict(list)
        waiting = _credits_that_wait(self.owner.organization_id)
        for line in _charges(self.owner.organization_id):
            covered[line.product, line.kind == "usage"].append(_kept(line, waiting))
        for spans in covered.values():
            for (_, end), (start, _) in pairwise(sorted(spans)):
                assert end - SECOND <= start

    @invariant()
    def a_renewal_begins_where_the_period_before_it_ended(self):
        renewals = Invoice.objects.within(self.owner.organization_id).filter(cause="renewal")
        for row in renewals:
            lines = InvoiceLine.objects.within(row.organization_id).filter(invoice=row)
            starts = set(lines.filter(kind="recurring").values_list("period_start", flat=True))
            assert starts <= {row.period_start}


def _offered(plan, options):
    return options | {"interval": None} if plan == "scale" else options


def _compare(shown, came):
    """Hold the preview against the invoices that came of carrying it out: one, or none."""
    made = [row for row in came if row.cause in ("begin", "change")]
    assert [[line.net for line in row.lines.order_by("position")] for row in made] == (
        [[line.net.amount for line in shown.lines]] if shown.lines else []
    )
    for row in made:
        assert (row.total, row.balance_used, row.to_balance, row.paid) == (
            shown.total.amount,
            shown.from_balance.amount,
            shown.to_balance.amount,
            shown.due.amount,
        )


def _reachable(from_):
    reached = set(from_)
    while more := {after for each in reached for after in states.TRANSITIONS[each]} - reached:
        reached |= more
    return reached


def _charges(organization_id):
    rows = InvoiceLine.objects.within(organization_id).exclude(kind="credit")
    return rows.filter(invoice__state="paid", net__gt=0).order_by("id")


def _credits_that_wait(organization_id) -> dict[UUID, datetime]:
    """Return from when on charges are given back on the next invoice."""
    rows = Subscription.objects.within(organization_id)
    lines = [line for row in rows for line in loading.pending_of(row) if line.reverses]
    return {line.reverses: line.period_start for line in lines}


def _kept(line, waiting) -> tuple[datetime, datetime]:
    """Return for which time the charge was kept: until a credit took the rest of it back.

    What was still owed then is taken down by a credit note, at the instant at which it is issued.
    """
    credit = InvoiceLine.objects.within(line.organization_id).filter(reverses=line).first()
    until = credit.period_start if credit else waiting.get(line.id, line.period_end)
    notes = CreditNote.objects.within(line.organization_id).filter(lines__line=line)
    return line.period_start, min([until, *notes.values_list("issued_at", flat=True)])


def test_a_subscriptions_whole_life_adds_up():
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )
