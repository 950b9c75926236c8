"""What is previewed is what is charged, or nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domains.billing.contract.catalogue import IntervalNotOffered, ProductUnknown
from domains.billing.contract.errors import PaymentDeclined
from domains.billing.contract.subscriptions import (
    CurrencyFixed,
    NothingToPreview,
    PolicyNotOffered,
    PreviewExpired,
    PreviewInvalid,
    PreviewOutdated,
)
from domains.billing.models import InvoiceLine, OfflineCharge, Subscription
from domains.billing.services.arithmetic import Interval, IntervalUnit
from domains.billing.services.subscriptions import changing
from domains.billing.services.subscriptions.previewing import preview_change
from domains.billing.services.subscriptions.quoting import Policy
from domains.billing.services.subscriptions.wishes import Wish
from kernel.errors import Forbidden
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.permissions import Role
from tests.billing.conftest import NOW, charges, plan_of, put_on
from tests.billing.subscriptions.conftest import bill, invoices_of, summary, view_of
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")

HALF = datetime(2026, 3, 17, 0, tzinfo=UTC)  # of March, from the first at noon
YEAR = Interval(unit=IntervalUnit.YEAR)
STORAGE = {"extra-storage": 2}


def preview(principal, plan, *, now=HALF, **wish):
    return preview_change(principal=principal, wish=Wish(plan=plan, **wish), now=now)


@pytest.fixture
def on_pro(owner):
    put_on(owner, "pro", "pm_card_visa")
    return owner


def test_a_first_plan_is_previewed_without_writing_anything(owner):
    shown = preview(owner, "pro", now=NOW)
    assert (shown.total.amount, shown.due.amount, shown.policy) == (2900, 2900, Policy.NOW)
    assert not Subscription.objects.exists()


def test_an_upgrade_shows_what_is_credited_and_what_is_charged(on_pro):
    shown = preview(on_pro, "business")
    assert [(line.kind, line.amount.amount) for line in shown.lines] == [
        ("credit", -1450),
        ("proration", 4950),
    ]
    assert shown.due.amount == 3500
    assert plan_of(on_pro) == "pro"


def test_what_was_previewed_is_charged_to_the_cent_though_it_is_later(on_pro):
    shown = preview(on_pro, "business")
    later = HALF + timedelta(minutes=14)
    assert preview(on_pro, "business", now=later).due != shown.due
    put_on(on_pro, "business", "pm_card_visa", preview_token=shown.preview_token, now=later)
    assert OfflineCharge.objects.order_by("id").last().amount == shown.due.amount
    invoice = invoices_of(on_pro)[-1]
    assert (invoice.total, invoice.state) == (shown.total.amount, "paid")
    assert [line.amount for line in invoice.lines.order_by("position")] == [
        line.amount.amount for line in shown.lines
    ]


def test_without_a_token_the_same_instant_costs_the_same(on_pro):
    shown = preview(on_pro, "business")
    put_on(on_pro, "business", "pm_card_visa", now=HALF)
    assert invoices_of(on_pro)[-1].total == shown.total.amount


def test_after_a_decline_the_same_preview_is_paid_with_another_card(owner):
    token = preview(owner, "pro", now=NOW).preview_token
    with pytest.raises(PaymentDeclined):
        put_on(owner, "pro", "pm_card_declined", preview_token=token)
    put_on(owner, "pro", "pm_card_visa", preview_token=token)
    assert (plan_of(owner), charges()) == ("pro", 1)


def test_while_a_first_payment_waits_another_plan_is_previewed_as_a_first_one(owner):
    put_on(owner, "business", "pm_card_requires_confirmation")
    shown = preview(owner, "pro", interval=YEAR)
    assert [(line.kind, line.amount.amount) for line in shown.lines] == [("recurring", 29000)]
    token = shown.preview_token
    put_on(owner, "pro", "pm_card_visa", interval=YEAR, preview_token=token, now=HALF)
    assert [invoice.total for invoice in invoices_of(owner)] == [29000]


def test_a_preview_of_a_plan_that_was_bought_and_ended_since_is_outdated(owner):
    token = preview(owner, "pro", now=NOW).preview_token
    put_on(owner, "pro", "pm_card_visa", preview_token=token)
    put_on(owner, "free", policy=Policy.NOW)
    with pytest.raises(PreviewOutdated):
        put_on(owner, "pro", "pm_card_visa", preview_token=token)
    assert charges() == 1


def test_whoever_carries_a_preview_out_is_who_changed_the_plan(on_pro):
    token = preview(on_pro, "business").preview_token
    other = replace(on_pro, account_id=uuid7())
    put_on(other, "business", "pm_card_visa", preview_token=token, now=HALF)
    told = Outbox.objects.using("billing").filter(name="billing.subscription_activated.v1")
    assert told.latest("id").payload["account_id"] == str(other.account_id)


def test_a_preview_expires(on_pro):
    token = preview(on_pro, "business").preview_token
    with pytest.raises(PreviewExpired):
        put_on(
            on_pro,
            "business",
            "pm_card_visa",
            preview_token=token,
            now=HALF + timedelta(minutes=15),
        )


def test_a_preview_of_what_has_changed_since_is_refused_and_charges_nothing(on_pro):
    token = preview(on_pro, "business").preview_token
    put_on(on_pro, "pro", add_ons=STORAGE, now=HALF)
    with pytest.raises(PreviewOutdated):
        put_on(on_pro, "business", "pm_card_visa", preview_token=token, now=HALF)
    assert charges() == 2


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: "x" + t, lambda _: "x"])
def test_a_token_that_was_altered_is_none(on_pro, spoil):
    token = preview(on_pro, "business").preview_token
    with pytest.raises(PreviewInvalid):
        put_on(on_pro, "business", "pm_card_visa", preview_token=spoil(token), now=HALF)


def test_a_token_is_of_one_organization_and_one_plan(on_pro):
    token = preview(on_pro, "business").preview_token
    with pytest.raises(PreviewInvalid):
        put_on(on_pro, "scale", "pm_card_visa", preview_token=token, now=HALF)
    with pytest.raises(PreviewInvalid):
        put_on(member_of(uuid7()), "business", "pm_card_visa", preview_token=token, now=HALF)


def test_a_downgrade_shows_when_it_happens_and_costs_nothing(owner):
    put_on(owner, "business", "pm_card_visa")
    shown = preview(owner, "pro")
    assert (shown.scheduled_for, shown.due.amount, shown.lines) == (
        view_of(owner).details.current_period.end,
        0,
        (),
    )


def test_another_interval_begins_anew_less_what_is_left(on_pro):
    shown = preview(on_pro, "pro", interval=YEAR)
    assert [(line.kind, line.amount.amount) for line in shown.lines] == [
        ("credit", -1450),
        ("recurring", 29000),
    ]
    put_on(on_pro, "pro", interval=YEAR, preview_token=shown.preview_token, now=HALF)
    assert view_of(on_pro).details.current_period.end == datetime(2027, 3, 17, tzinfo=UTC)


def test_a_shorter_interval_waits_for_the_end_of_what_is_paid(owner):
    put_on(owner, "pro", "pm_card_visa", interval=YEAR)
    put_on(owner, "pro", interval=Interval(unit=IntervalUnit.MONTH), now=HALF)
    bill(now=datetime(2027, 3, 1, 12, tzinfo=UTC))
    assert [total for *_, total in summary(owner)] == [29000, 2900]
    assert view_of(owner).details.current_period.end == datetime(2027, 4, 1, 12, tzinfo=UTC)


def test_an_add_on_is_charged_for_the_rest_of_the_period_and_renewed_with_the_plan(on_pro):
    put_on(on_pro, "pro", add_ons=STORAGE, now=HALF)
    assert invoices_of(on_pro)[-1].total == 500
    assert [(a.name, a.quantity) for a in view_of(on_pro).details.add_ons] == [("extra-storage", 2)]
    bill(now=datetime(2026, 4, 1, 12, tzinfo=UTC))
    assert invoices_of(on_pro)[-1].total == 2900 + 1000


def test_add_ons_stay_with_another_plan_unless_they_are_taken_off(on_pro):
    put_on(on_pro, "pro", add_ons=STORAGE)
    put_on(on_pro, "business", now=HALF)
    assert view_of(on_pro).details.add_ons
    put_on(on_pro, "business", add_ons={}, policy=Policy.NOW, now=HALF)
    assert view_of(on_pro).details.add_ons == ()


@pytest.mark.parametrize("policy", [Policy.NONE, Policy.NEXT_INVOICE])
def test_what_is_dearer_is_paid_at_once(on_pro, policy):
    with pytest.raises(PolicyNotOffered):
        preview(on_pro, "business", policy=policy)


def test_a_reset_begins_a_whole_period(on_pro):
    put_on(on_pro, "business", policy=Policy.RESET, now=HALF)
    assert invoices_of(on_pro)[-1].total == 9900 - 1450
    assert view_of(on_pro).details.current_period.start == HALF


def test_a_downgrade_on_the_next_invoice_is_settled_there(owner):
    put_on(owner, "business", "pm_card_visa")
    put_on(owner, "pro", policy=Policy.NEXT_INVOICE, now=HALF)
    assert (plan_of(owner), len(invoices_of(owner))) == ("pro", 1)
    bill(now=datetime(2026, 4, 1, 12, tzinfo=UTC))
    renewed = invoices_of(owner)[-1]
    assert [line.amount for line in renewed.lines.order_by("position")] == [-4950, 1450, 2900]
    assert (renewed.total, renewed.to_balance) == (0, 600)


def test_a_currency_is_chosen_once(owner):
    put_on(owner, "pro", "pm_card_visa", currency="USD")
    assert invoices_of(owner)[0].total == 3100
    with pytest.raises(CurrencyFixed):
        preview(owner, "business", currency="EUR")
    assert preview(owner, "business").due.currency == "USD"


def test_what_is_not_sold_is_said_where_it_is_wrong(owner):
    with pytest.raises(ProductUnknown):
        preview(owner, "pro", add_ons={"gold": 1})
    with pytest.raises(IntervalNotOffered):
        preview(owner, "pro", interval=Interval(unit=IntervalUnit.WEEK))
    with pytest.raises(NothingToPreview):
        preview(owner, "free")


def test_only_who_may_change_the_plan_may_preview_it(owner):
    with pytest.raises(Forbidden):
        preview(member_of(uuid7(), Role.MEMBER), "pro")
    with pytest.raises(Forbidden):
        preview(replace(owner, account_id=None), "pro")


@pytest.mark.parametrize(
    "other",
    [
        {"interval": YEAR},
        {"add_ons": STORAGE},
        {"currency": "USD"},
        {"coupon": "ten"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_token_is_refused_beside_anything_that_was_not_previewed(on_pro, other):
    shown = preview(on_pro, "business")
    wish = Wish(plan="business", **other)
    with pytest.raises(PreviewInvalid):
        changing.change_subscription(
            principal=on_pro, wish=wish, preview_token=shown.preview_token, now=HALF
        )
    assert plan_of(on_pro) == "pro"


def test_a_token_may_stand_beside_all_that_was_previewed(on_pro):
    said = {"interval": YEAR, "add_ons": STORAGE, "currency": "EUR", "policy": Policy.NOW}
    shown = preview(on_pro, "business", **said)
    changing.change_subscription(
        principal=on_pro,
        wish=Wish(plan="business", **said),
        preview_token=shown.preview_token,
        now=HALF,
    )
    assert plan_of(on_pro) == "business"


def test_a_period_that_waits_to_be_invoiced_is_shortened_by_the_next_change(owner):
    month = Interval(unit=IntervalUnit.MONTH)
    put_on(owner, "business", "pm_card_visa", interval=YEAR)
    put_on(owner, "pro", interval=month, policy=Policy.NEXT_INVOICE, now=NOW + timedelta(days=1))
    at = NOW + timedelta(days=11)
    put_on(owner, "scale", policy=Policy.RESET, now=at)
    lines = InvoiceLine.objects.within(owner.organization_id).exclude(kind="credit")
    assert [line.period_end for line in lines.filter(product="pro")] == [at]
