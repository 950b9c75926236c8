from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.services.arithmetic import (
    Amount,
    TaxableLine,
    TaxRate,
    add_tax,
    compute_tax,
    extract_tax,
    round_half_up,
)
from tests.billing.arithmetic.strategies import amounts, rates

RATES = [
    *(TaxRate(rate=Decimal(rate)) for rate in ("0", "0.05", "0.077", "0.20", "0.2333", "1")),
    TaxRate(reason="reverse_charge"),
    TaxRate(reason="exempt"),
]
lines = st.lists(
    st.builds(TaxableLine, amount=amounts(least=-(10**7)), rate=st.sampled_from(RATES)), max_size=8
)


def line(amount, rate="0.20", reason=""):
    return TaxableLine(
        amount=Amount.of(Decimal(amount)), rate=TaxRate(rate=Decimal(rate), reason=reason)
    )


def rounded(each):
    return [part.tax.rounded for part in each]


def test_tax_is_rounded_once_a_rate_and_divided_over_its_lines():
    taxed = add_tax(lines=[line("14", "0.10"), line("14", "0.10"), line("14", "0.10")])
    assert rounded(taxed.totals) == [4]  # 4.2, not three times 1.4
    assert rounded(taxed.lines) == [2, 1, 1]
    assert taxed.gross.rounded == 46


def test_tax_is_computed_on_what_is_precise():
    taxed = add_tax(lines=[line("10.5", "0.14")])
    assert (taxed.net.rounded, taxed.tax.rounded) == (11, 1)  # 1.47, not 1.54


def test_rates_are_totals_in_the_order_of_their_first_lines():
    taxed = add_tax(lines=[line(100, "0.20"), line(100, "0.10"), line(50, "0.2000")])
    assert [total.rate.rate for total in taxed.totals] == [Decimal("0.20"), Decimal("0.10")]
    assert [total.net.rounded for total in taxed.totals] == [150, 100]
    assert rounded(taxed.totals) == [30, 10]


def test_what_is_not_taxed_is_a_total_for_each_reason():
    taxed = add_tax(
        lines=[line(100, "0", "reverse_charge"), line(100, "0"), line(100, "0", "exempt")]
    )
    assert [total.rate.reason for total in taxed.totals] == ["reverse_charge", "", "exempt"]
    assert rounded(taxed.totals) == [0, 0, 0]


def test_credits_among_the_lines_take_their_tax_with_them():
    taxed = add_tax(lines=[line(15000), line(-5000)])
    assert rounded(taxed.lines) == [3000, -1000]
    assert rounded(taxed.totals) == [2000]


def test_half_a_minor_unit_of_negative_tax_is_rounded_away_from_zero():
    assert add_tax(lines=[line("-2.5")]).tax.rounded == -1


def test_a_tax_within_the_price_leaves_the_price_as_it_is():
    taxed = extract_tax(lines=[line(11900, "0.19"), line(1000, "0.19")])
    assert [part.gross.rounded for part in taxed.lines] == [11900, 1000]
    assert rounded(taxed.lines) == [1900, 160]  # 2059.66 together
    assert [part.net.rounded for part in taxed.lines] == [10000, 840]


def test_net_and_gross_lines_of_a_rate_are_rounded_together():
    net, gross = line(7, "0.20"), replace(line(4, "0.20"), inclusive=True)
    taxed = compute_tax(lines=[net, gross])
    assert rounded(taxed.totals) == [2]  # 1.4 and 0.67: 2.07
    assert [part.gross.rounded for part in taxed.lines] == [8, 4]
    assert [part.net.rounded for part in taxed.lines] == [7, 3]


def test_without_lines_there_is_no_tax():
    taxed = add_tax(lines=[])
    assert taxed.totals == ()
    assert taxed.gross == Amount.of(0)


@given(lines)
def test_each_rates_tax_is_that_of_its_precise_total(taxable):
    taxed = add_tax(lines=taxable)
    for total in taxed.totals:
        own = [one for one in taxable if one.rate == total.rate]
        precise = sum(Fraction(one.amount.precise) for one in own)
        assert total.tax.rounded == round_half_up(precise * Fraction(total.rate.rate))
        assert total.net == Amount.total(one.amount for one in own)
    assert taxed.net == Amount.total(one.amount for one in taxable)


@given(lines)
def test_a_lines_tax_is_less_than_a_minor_unit_off(taxable):
    for one, taxed in zip(taxable, add_tax(lines=taxable).lines, strict=True):
        exact = Fraction(one.amount.precise) * Fraction(one.rate.rate)
        assert abs(taxed.tax.rounded - exact) < 1


@given(lines, st.sampled_from([add_tax, extract_tax]))
def test_totals_and_lines_have_the_same_sums(taxable, tax):
    taxed = tax(lines=taxable)
    assert Amount.total(part.tax for part in taxed.totals) == taxed.tax
    assert Amount.total(part.net for part in taxed.totals) == taxed.net
    assert Amount.total(part.gross for part in taxed.lines) == taxed.gross


@given(lines)
def test_tax_within_prices_keeps_every_price(taxable):
    taxed = extract_tax(lines=taxable)
    assert [part.gross for part in taxed.lines] == [one.amount for one in taxable]
    for total in taxed.totals:
        gross, rate = Fraction(total.gross.precise), Fraction(total.rate.rate)
        assert total.tax.rounded == round_half_up(gross - gross / (1 + rate))


@given(st.integers(-(10**9), 10**9), rates)
def test_a_tax_that_was_added_is_found_in_the_gross_to_a_minor_unit(net, rate):
    added = add_tax(lines=[line(net, rate)])
    extracted = extract_tax(lines=[line(added.gross.rounded, rate)])
    assert abs(extracted.net.rounded - net) <= 1


@pytest.mark.parametrize("rate", ["-0.01", "1.01", "20", "NaN", "Infinity"])
def test_a_rate_is_from_zero_to_one(rate):
    with pytest.raises(ValueError, match="from 0 to 1"):
        TaxRate(rate=Decimal(rate))


@pytest.mark.parametrize("rate", [0.2, 1, "0.20"])
def test_a_rate_is_a_decimal(rate):
    with pytest.raises(ValueError, match="Decimal"):
        TaxRate(rate=rate)


def test_a_tax_that_is_due_has_no_reason():
    with pytest.raises(ValueError, match="reason"):
        TaxRate(rate=Decimal("0.20"), reason="exempt")
