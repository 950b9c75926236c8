"""What a coupon takes off: with the change that redeems it, and on the invoices after that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domains.billing.contract.catalogue import (
    CouponNotForYou,
    CouponUnknown,
    CouponUsedUp,
)
from domains.billing.contract.errors import PaymentDeclined
from domains.billing.models import Coupon, CouponRedemption, OfflineCharge
from domains.billing.services.arithmetic import Interval, IntervalUnit
from domains.billing.services.payments import intents
from domains.billing.services.subscriptions.previewing import preview_change
from domains.billing.services.subscriptions.wishes import Wish
from kernel.ids import uuid7
from tests.billing.conftest import NOW, at_once, charges, plan_of, put_on
from tests.billing.subscriptions.conftest import bill, invoices_of
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")

HALF = datetime(2026, 3, 17, 0, tzinfo=UTC)  # of March, from the first at noon
CARD = "pm_card_visa"


def coupon(code="HALF", duration="forever", **values):
    off = {} if "amounts" in values else {"percent": 50}
    return Coupon.objects.create(
        code=code, title="Welcome", duration=duration, created_at=NOW, **off | values
    )


def totals_after(owner, months):
    """Return what each invoice comes to, the renewals of so many months among them."""
    for month in range(4, 4 + months):
        bill(now=datetime(2026, month, 1, 12, tzinfo=UTC))
    return [invoice.total for invoice in invoices_of(owner)]


@pytest.mark.parametrize(
    ("duration", "periods", "totals"),
    [
        ("once", None, [1450, 2900, 2900, 2900]),
        ("repeating", 2, [1450, 1450, 2900, 2900]),
        ("forever", None, [1450, 1450, 1450, 1450]),
    ],
)
def test_a_percentage_is_taken_off_as_long_as_it_lasts(owner, duration, periods, totals):
    coupon(duration=duration, periods=periods)
    put_on(owner, "pro", CARD, coupon="half")
    assert totals_after(owner, 3) == totals
    paid = OfflineCharge.objects.order_by("id").values_list("amount", flat=True)
    assert list(paid) == totals


def test_an_amount_is_taken_off_period_by_period_and_not_once_more_by_a_change(owner):
    coupon(amounts={"EUR": 500}, duration="repeating", periods=2)
    put_on(owner, "pro", CARD, coupon="HALF")
    put_on(owner, "pro", add_ons={"extra-storage": 2}, now=HALF)
    assert totals_after(owner, 2) == [2400, 500, 2900 + 1000 - 500, 2900 + 1000]


def test_a_change_takes_a_percentage_off_and_gives_back_what_was_paid(owner):
    coupon()
    put_on(owner, "pro", CARD, coupon="HALF")
    put_on(owner, "business", now=HALF)
    changed = invoices_of(owner)[-1]
    assert [line.net for line in changed.lines.order_by("position")] == [-725, 2475]
    assert changed.total == 1750


def test_more_than_there_is_is_not_taken_off(owner):
    coupon(amounts={"EUR": 5000}, duration="once")
    put_on(owner, "pro", CARD, coupon="HALF")
    assert [(each.total, each.state) for each in invoices_of(owner)] == [(0, "paid")]
    assert (charges(), plan_of(owner)) == (0, "pro")
    assert totals_after(owner, 1) == [0, 2900]


def test_what_a_preview_with_a_coupon_shows_is_charged(owner):
    coupon(max_redemptions=1)
    wish = Wish(plan="pro", coupon="HALF")
    shown = preview_change(principal=owner, wish=wish, now=NOW)
    assert (shown.subtotal.amount, shown.discount.amount, shown.due.amount) == (2900, 1450, 1450)
    assert not CouponRedemption.objects.everywhere().exists()
    put_on(owner, "pro", CARD, coupon="HALF", preview_token=shown.preview_token)
    assert OfflineCharge.objects.get().amount == 1450
    assert Coupon.objects.get().redeemed == 1


def test_a_previewed_coupon_that_was_taken_meanwhile_is_refused_and_nothing_charged(owner):
    coupon(max_redemptions=1)
    shown = preview_change(principal=owner, wish=Wish(plan="pro", coupon="HALF"), now=NOW)
    put_on(member_of(uuid7()), "pro", CARD, coupon="HALF")
    with pytest.raises(CouponUsedUp):
        put_on(owner, "pro", CARD, preview_token=shown.preview_token)
    assert (charges(), plan_of(owner)) == (1, "free")


def test_a_previewed_coupon_is_kept_for_another_card_after_a_decline(owner):
    coupon(max_redemptions=1)
    shown = preview_change(principal=owner, wish=Wish(plan="pro", coupon="HALF"), now=NOW)
    with pytest.raises(PaymentDeclined):
        put_on(owner, "pro", "pm_card_declined", preview_token=shown.preview_token)
    put_on(owner, "pro", CARD, preview_token=shown.preview_token)
    assert [invoice.total for invoice in invoices_of(owner)] == [1450]
    assert Coupon.objects.get().redeemed == 1


def test_a_trial_keeps_its_coupon_for_what_is_charged_first(owner):
    coupon(duration="once")
    put_on(owner, "scale", CARD, coupon="HALF")
    for days in (14, 45):
        bill(now=NOW + timedelta(days=days))
    assert [invoice.total for invoice in invoices_of(owner)] == [9950, 19900]


def test_who_has_a_plan_redeems_one_for_what_comes(owner):
    coupon(duration="once")
    put_on(owner, "pro", CARD)
    put_on(owner, "pro", coupon="HALF", now=HALF)
    assert charges() == 1
    assert totals_after(owner, 2) == [2900, 1450, 2900]


def test_a_declined_payment_gives_the_coupon_back(owner):
    coupon(max_redemptions=1)
    with pytest.raises(PaymentDeclined):
        put_on(owner, "pro", "pm_card_declined", coupon="HALF")
    assert Coupon.objects.get().redeemed == 0
    put_on(owner, "pro", CARD, coupon="HALF")
    assert [invoice.total for invoice in invoices_of(owner)] == [1450]


def test_a_payment_that_nobody_confirms_gives_the_coupon_back(owner):
    coupon(max_redemptions=1)
    put_on(owner, "pro", "pm_card_requires_confirmation", coupon="HALF")
    assert Coupon.objects.get().redeemed == 1
    late = NOW + timedelta(hours=24)
    intents.carry_out_all(payments=intents.claim_due(now=late), now=late)
    assert (Coupon.objects.get().redeemed, plan_of(owner)) == (0, "free")


def test_what_can_not_be_redeemed_is_refused_before_anything_is_charged(owner):
    coupon(products=["business"])
    coupon("DOLLARS", amounts={"USD": 500})
    for code, error in [
        ("NONE", CouponUnknown),
        ("HALF", CouponNotForYou),
        ("DOLLARS", CouponNotForYou),
    ]:
        with pytest.raises(error):
            put_on(owner, "pro", CARD, coupon=code)
    assert (charges(), plan_of(owner)) == (0, "free")


def test_an_add_ons_coupon_leaves_the_plan_alone(owner):
    coupon(products=["extra-storage"])
    put_on(owner, "pro", CARD, add_ons={"extra-storage": 2}, coupon="HALF")
    assert [invoice.total for invoice in invoices_of(owner)] == [2900 + 500]


def test_a_year_is_discounted_whole(owner):
    coupon()
    year = Interval(unit=IntervalUnit.YEAR)
    put_on(owner, "pro", CARD, interval=year, coupon="HALF")
    assert [invoice.total for invoice in invoices_of(owner)] == [14500]


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_of_many_who_buy_with_the_last_one_at_once_one_is_charged_with_it():
    coupon(max_redemptions=1)
    buyers = [member_of(uuid7()) for _ in range(5)]
    answers = at_once(5, lambda number: put_on(buyers[number], "pro", CARD, coupon="HALF"))
    assert sum(isinstance(answer, CouponUsedUp) for answer in answers) == 4
    assert list(OfflineCharge.objects.values_list("amount", flat=True)) == [1450]
