from __future__ import annotations

from decimal import Decimal

import pytest

from domains.billing.services.arithmetic import Amount, AmountOff, PercentOff, Taxed, TaxRate
from domains.billing.services.invoicing.drafting import DiscountInput, InvoiceDraft, draft
from kernel.ids import uuid7
from tests.billing.invoicing.making import draft_of, line, taxed


def coupon(off, *products) -> DiscountInput:
    return DiscountInput(
        redemption_id=uuid7(), title="Spring", coupon=off, products=frozenset(products)
    )


def left(net: int, tax: int, rate: str = "0.19") -> Taxed:
    return Taxed(rate=TaxRate(rate=Decimal(rate)), net=Amount.of(net), tax=Amount.of(tax))


def test_tax_is_computed_on_the_precise_total_of_a_rate():
    made = draft_of("33.5", "33.5", "33.4", rate="0.10")
    assert [each.amount for each in made.lines] == [34, 34, 33]
    assert (made.subtotal, made.tax, made.total) == (101, 10, 111)


def test_a_price_with_tax_in_it_keeps_its_amount():
    lines = [line(1190, tax_inclusive=True), line(1000)]
    made = draft(currency="EUR", lines=lines, taxing=taxed("0.19"))
    assert [(each.net, each.tax) for each in made.lines] == [(1000, 190), (1000, 190)]
    assert (made.subtotal, made.tax, made.total) == (2000, 380, 2380)


def test_a_discount_on_a_price_with_tax_in_it_is_shown_without_its_tax():
    lines = [line(1190, tax_inclusive=True)]
    off = coupon(PercentOff(rate=Decimal("0.5")))
    made = draft(currency="EUR", lines=lines, discounts=[off], taxing=taxed("0.19"))
    assert (made.subtotal, made.discount, made.tax, made.total) == (1000, 500, 95, 595)
    assert made.lines[0].discount == 595


def test_a_coupon_for_a_product_leaves_other_lines_alone():
    lines = [line(1000), line(500, product="seats")]
    used, unused = coupon(AmountOff(amount=800), "seats"), coupon(AmountOff(amount=5), "storage")
    made = draft(currency="EUR", lines=lines, discounts=[used, unused], taxing=taxed("0"))
    assert [each.discount for each in made.lines] == [0, 500]
    assert made.redemption_ids == (used.redemption_id,)


def test_a_credit_is_taxed_as_what_it_reverses_and_takes_what_is_left():
    lines = [line(3000), line(-2000, reverses=uuid7(), left=left(1000, 190))]
    made = draft(currency="EUR", lines=lines, taxing=taxed("0.20"))
    assert [(each.net, each.tax) for each in made.lines] == [(3000, 600), (-1000, -190)]
    assert made.total == 2410


def test_what_is_credited_beyond_the_charges_is_kept_and_no_total_is_negative():
    lines = [line(100), line(-1000, reverses=uuid7(), left=left(1000, 190))]
    made = draft(currency="EUR", lines=lines, taxing=taxed("0.19"))
    assert (made.total, made.to_balance) == (0, 1071)
    assert made.subtotal - made.discount + made.tax + made.to_balance == made.total


def test_a_credit_that_does_not_say_what_is_left_is_refused():
    with pytest.raises(ValueError, match="left"):
        draft(currency="EUR", lines=[line(-5, reverses=uuid7())], taxing=taxed("0"))


def test_json_loses_nothing():
    made = draft_of("33.333333333333", "1e3")
    assert InvoiceDraft.from_json(made.to_json()) == made
