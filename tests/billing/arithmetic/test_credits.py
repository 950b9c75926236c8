from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.services.arithmetic import (
    Amount,
    CreditLine,
    TaxableLine,
    Taxed,
    TaxRate,
    add_tax,
    credit,
    credit_gross,
    credit_note,
    extract_tax,
    prorate,
)
from tests.billing.arithmetic.strategies import amounts, fractions_of_a_line

VAT = TaxRate(rate=Decimal("0.20"))


def invoice(*nets, rate=VAT):
    return add_tax(
        lines=[TaxableLine(amount=Amount.of(Decimal(net)), rate=rate) for net in nets]
    ).lines


def note_of(*lines):
    return credit_note(lines=[CreditLine(value=value, left=left) for value, left in lines])


def less(line, given_back):
    return Taxed(rate=line.rate, net=line.net - given_back.net, tax=line.tax - given_back.tax)


def test_a_credit_is_rounded_away_from_zero():
    assert credit(value=Decimal("2.5"), left=Amount.of(5)).rounded == 3


def test_the_second_half_gets_what_the_first_left():
    left = Amount.of(5)
    first = credit(value=Decimal("2.5"), left=left)
    second = credit(value=Decimal("2.5"), left=left - first)
    assert (first.rounded, second.rounded) == (3, 2)


@pytest.mark.parametrize("charge", [4, 5])
def test_three_thirds_sum_to_the_charge(charge):
    left, parts = Amount.of(charge), []
    for _ in range(3):
        parts.append(credit(value=prorate(amount=charge, share=Fraction(1, 3)), left=left))
        left -= parts[-1]
    assert left == Amount.of(0)
    assert sum(part.rounded for part in parts) == charge


def test_halves_given_back_one_by_one_leave_less_to_give():
    left, parts = Amount.of(10), []
    for value in ("2.5", "2.5", "2.5", "1.6", "0.9"):
        parts.append(credit(value=Decimal(value), left=left))
        left -= parts[-1]
    assert [part.rounded for part in parts] == [3, 3, 3, 1, 0]


@pytest.mark.parametrize(
    ("value", "left"),
    [(-1, Amount.of(5)), (1, Amount.of(-5)), (1, Amount(precise=Decimal(1), rounded=-1))],
)
def test_nothing_negative_is_credited(value, left):
    with pytest.raises(ValueError, match="negative"):
        credit(value=value, left=left)


@given(amounts(), st.lists(fractions_of_a_line, max_size=8))
def test_credits_never_exceed_what_was_charged(charge, shares):
    left = charge
    for share in shares:
        given_back = credit(value=prorate(amount=charge.precise, share=share), left=left)
        assert given_back.rounded >= 0
        left -= given_back
        assert left.rounded >= 0
        assert left.precise >= 0
    rest = credit(value=charge.precise, left=left)
    assert rest == left


def test_two_credit_notes_for_one_line_give_back_its_tax_in_full():
    (line,) = invoice(76900)
    first = note_of((72686, line))
    assert [first.net.rounded, first.tax.rounded, first.gross.rounded] == [72686, 14537, 87223]
    second = note_of((4214, less(line, first.lines[0])))
    assert [second.net.rounded, second.tax.rounded, second.gross.rounded] == [4214, 843, 5057]


def test_the_tax_of_a_rate_is_computed_on_the_total_of_its_partial_credits():
    lines = invoice(100, 100)
    note = note_of((12, lines[0]), (12, lines[1]))
    assert [line.tax.rounded for line in note.lines] == [3, 2]
    assert [total.tax.rounded for total in note.totals] == [5]  # 2.4 and 2.4


def test_the_tax_of_a_rate_is_divided_by_largest_remainder():
    lines = invoice(100, 100)
    note = note_of((12, lines[0]), (14, lines[1]))
    assert [line.tax.rounded for line in note.lines] == [2, 3]  # 2.4 and 2.8


def test_lines_with_less_tax_left_than_their_share_leave_it_to_the_others():
    eighth, net = TaxRate(rate=Decimal("0.125")), Amount.of(20)
    little, much = (
        Taxed(rate=eighth, net=net, tax=Amount(precise=Decimal(precise), rounded=rounded))
        for precise, rounded in (("1.5", 1), ("3.5", 4))
    )
    note = note_of((18, little), (18, much))  # 2.25 each
    assert [line.tax.rounded for line in note.lines] == [1, 4]
    assert [line.tax.precise for line in note.lines] == [Decimal("1.5"), Decimal("2.25")]


def test_a_line_that_is_given_back_whole_gives_back_its_own_tax():
    lines = invoice("7.5", "7.5")  # 3 of tax: 2 and 1, both of 1.5
    assert [line.tax.rounded for line in lines] == [2, 1]
    assert note_of((lines[1].net.precise, lines[1])).tax.rounded == 1
    both = note_of(*((line.net.precise, line) for line in lines))
    assert both.lines == lines


def test_no_line_gives_back_more_tax_than_it_has():
    first, second = invoice("7.5", "7.5")
    note = note_of((Decimal("7.4"), second), (Decimal(1), first))
    assert [line.tax.rounded for line in note.lines] == [1, 1]  # 1.48 and 0.2, of 1 and 2


def test_rates_are_credited_apart():
    reduced = invoice(1000, rate=TaxRate(rate=Decimal("0.07")))
    exempt = invoice(1000, rate=TaxRate(reason="exempt"))
    note = note_of((500, *invoice(1000)), (500, *reduced), (500, *exempt))
    assert [total.tax.rounded for total in note.totals] == [100, 35, 0]
    assert [total.rate.reason for total in note.totals] == ["", "", "exempt"]


def test_gross_prices_are_given_back_by_their_net_and_tax():
    (line,) = extract_tax(lines=[TaxableLine(amount=Amount.of(11900), rate=VAT)]).lines
    half = note_of((prorate(amount=line.net.precise, share=Fraction(1, 2)), line))
    assert (half.net.rounded, half.tax.rounded) == (4958, 992)


invoices = st.lists(
    st.tuples(amounts(), st.sampled_from(["0", "0.07", "0.20", "0.2333"])), min_size=1, max_size=5
)


@given(invoices, st.data())
def test_credit_notes_in_any_number_never_exceed_the_invoice_and_can_give_back_all(lines, data):
    taxable = [TaxableLine(amount=net, rate=TaxRate(rate=Decimal(rate))) for net, rate in lines]
    left = list(add_tax(lines=taxable).lines)
    for _ in range(data.draw(st.integers(0, 3))):
        values = [
            prorate(amount=line.amount.precise, share=data.draw(fractions_of_a_line))
            for line in taxable
        ]
        note = note_of(*zip(values, left, strict=True))
        left = [less(line, back) for line, back in zip(left, note.lines, strict=True)]
        assert all(line.net.rounded >= 0 and line.net.precise >= 0 for line in left)
        assert all(line.tax.rounded >= 0 and line.tax.precise >= 0 for line in left)
    rest = note_of(*((line.net.precise, line) for line in left))
    assert rest.lines == tuple(left)


GROSS_LINES = st.lists(
    st.tuples(st.integers(0, 10**6), st.sampled_from(["0", "0.07", "0.19", "0.2", "1"])),
    min_size=1,
    max_size=8,
)


@given(GROSS_LINES, st.data())
def test_what_is_given_back_with_tax_is_exactly_that_and_within_what_is_left(lines, data):
    left = [
        Taxed(
            rate=TaxRate(rate=Decimal(rate)),
            net=Amount.of(net),
            tax=Amount.of(Decimal(net) * Decimal(rate)),
        )
        for net, rate in lines
    ]
    most = sum(each.gross.rounded for each in left)
    gross = data.draw(st.integers(0, most))
    taken = credit_gross(gross=gross, left=left)
    assert taken.gross.rounded == gross
    for part, whole in zip(taken.lines, left, strict=True):
        assert 0 <= part.net.rounded <= whole.net.rounded
        assert 0 <= part.tax.rounded <= whole.tax.rounded
    assert credit_gross(gross=most, left=left).gross.rounded == most
    with pytest.raises(ValueError, match="not within"):
        credit_gross(gross=most + 1, left=left)


def test_the_tax_in_what_is_given_back_is_that_of_the_rate():
    left = Taxed(rate=TaxRate(rate=Decimal("0.2")), net=Amount.of(1000), tax=Amount.of(200))
    (part,) = credit_gross(gross=999, left=[left]).lines
    assert (part.net.rounded, part.tax.rounded) == (832, 167)
