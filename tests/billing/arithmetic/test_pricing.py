from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.services.arithmetic import (
    Amount,
    Flat,
    Graduated,
    GraduatedPercentage,
    Package,
    Part,
    Percentage,
    PerUnit,
    RateTier,
    TermsInvalid,
    Tier,
    Volume,
    from_terms,
    to_terms,
)
from tests.billing.arithmetic.strategies import numbers, rates

TIERS = (Tier(up_to=5, unit_amount=1000, flat_amount=10000), Tier(up_to=None, unit_amount=500))


@st.composite
def ladders(draw, kind, price):
    """Tiers that ascend."""
    bounds = sorted(draw(st.sets(st.decimals("0.01", 10**4, places=2), max_size=4)))
    return tuple(
        kind(up_to=bound, flat_amount=draw(numbers), **draw(price)) for bound in [*bounds, None]
    )


unit_tiers = ladders(Tier, st.fixed_dictionaries({"unit_amount": numbers}))
rate_tiers = ladders(RateTier, st.fixed_dictionaries({"rate": rates}))
sizes = st.decimals("0.001", 1000, places=3)
models = st.one_of(
    st.builds(Flat, amount=numbers),
    st.builds(PerUnit, unit_amount=numbers, free_units=numbers),
    st.builds(Graduated, tiers=unit_tiers),
    st.builds(Volume, tiers=unit_tiers),
    st.builds(Package, size=sizes, amount=numbers, free_units=numbers),
    st.builds(Percentage, rate=rates, flat_amount=numbers, free_amount=numbers),
    st.builds(GraduatedPercentage, tiers=rate_tiers),
)


def precise(model, quantity):
    return Fraction(model.charge(quantity=quantity).precise)


def test_a_flat_price_is_due_whatever_is_used():
    assert [Flat(amount=1999).charge(quantity=q).amount for q in (0, 1, 500)] == [
        Amount.of(1999)
    ] * 3


def test_a_charge_has_a_row_for_each_tier_that_is_reached():
    assert Graduated(tiers=TIERS).charge(quantity=7).parts == (
        Part(quantity=Decimal(5), unit_amount=Decimal(1000), flat_amount=Decimal(10000)),
        Part(quantity=Decimal(2), unit_amount=Decimal(500), flat_amount=Decimal(0)),
    )
    assert len(Graduated(tiers=TIERS).charge(quantity=5).parts) == 1
    assert len(Volume(tiers=TIERS).charge(quantity=7).parts) == 1


def test_what_is_free_has_a_row_that_costs_nothing():
    free, paid = PerUnit(unit_amount=1500, free_units=3).charge(quantity=5).parts
    assert (free.quantity, free.precise) == (3, 0)
    assert (paid.quantity, paid.precise) == (2, 3000)


def test_nothing_used_has_no_rows():
    for model in (Graduated(tiers=TIERS), Volume(tiers=TIERS), PerUnit(unit_amount=5)):
        assert model.charge(quantity=0).parts == ()


def test_tiers_are_rounded_together():
    model = Graduated(tiers=(Tier(up_to=1, unit_amount="0.3"), Tier(up_to=None, unit_amount="0.2")))
    assert model.charge(quantity=2).precise == Decimal("0.5")
    assert model.charge(quantity=2).amount.rounded == 1


def test_a_millionth_of_a_minor_unit_adds_up():
    model = PerUnit(unit_amount="0.000000000001")
    assert model.charge(quantity=10**12).amount == Amount.of(1)
    assert model.charge(quantity="0.000000000001").precise == Decimal("1E-24")


@given(models, numbers)
def test_the_rows_sum_to_the_charge(model, quantity):
    charge = model.charge(quantity=quantity)
    assert sum(Fraction(part.precise) for part in charge.parts) == Fraction(charge.precise)
    assert charge.amount == Amount.of(charge.precise)


@given(unit_tiers, numbers)
def test_graduated_units_are_each_in_one_tier(tiers, quantity):
    parts = Graduated(tiers=tiers).charge(quantity=quantity).parts
    assert sum(part.quantity for part in parts) == quantity
    assert all(part.quantity > 0 for part in parts)


@given(unit_tiers, numbers)
def test_a_graduated_price_is_the_sum_of_what_lies_in_each_tier(tiers, quantity):
    lower, expected = Fraction(0), Fraction(0)
    for tier in tiers:
        upper = Fraction(quantity) if tier.up_to is None else Fraction(tier.up_to)
        inside = min(Fraction(quantity), upper) - lower
        if inside > 0:
            expected += inside * Fraction(tier.unit_amount) + Fraction(tier.flat_amount)
        lower = upper
    assert precise(Graduated(tiers=tiers), quantity) == expected


@given(rate_tiers, numbers)
def test_a_graduated_percentage_is_a_graduated_price_of_each_minor_unit(tiers, quantity):
    units = tuple(
        Tier(up_to=tier.up_to, unit_amount=tier.rate, flat_amount=tier.flat_amount)
        for tier in tiers
    )
    assert precise(GraduatedPercentage(tiers=tiers), quantity) == precise(
        Graduated(tiers=units), quantity
    )


@given(unit_tiers, numbers)
def test_a_volume_price_is_that_of_one_tier_for_all_units(tiers, quantity):
    tier = next(t for t in tiers if t.up_to is None or quantity <= t.up_to)
    whole = Fraction(quantity) * Fraction(tier.unit_amount) + Fraction(tier.flat_amount)
    assert precise(Volume(tiers=tiers), quantity) == (whole if quantity else 0)


@given(sizes, numbers, numbers, numbers)
def test_packages_are_charged_when_begun(size, amount, free, quantity):
    model = Package(size=size, amount=amount, free_units=free)
    begun = ceil(max(Fraction(quantity) - Fraction(free), Fraction(0)) / Fraction(size))
    assert precise(model, quantity) == begun * Fraction(amount)


@given(rates, numbers, numbers, numbers)
def test_a_percentage_is_of_what_is_not_free(rate, flat, free, quantity):
    model = Percentage(rate=rate, flat_amount=flat, free_amount=free)
    paid = Fraction(quantity) - Fraction(free)
    expected = paid * Fraction(rate) + Fraction(flat) if paid > 0 else 0
    assert precise(model, quantity) == expected


@given(models, numbers, numbers)
def test_more_costs_no_less_but_by_volume(model, quantity, more):
    if not isinstance(model, Volume):
        assert precise(model, quantity) <= precise(model, quantity + more)


@given(models)
def test_a_price_comes_back_from_its_terms(model):
    assert from_terms(to_terms(model)) == model


def test_terms_hold_numbers_as_text_and_every_field():
    assert to_terms(Graduated(tiers=(Tier(up_to=Decimal("1E3")), Tier(up_to=None)))) == {
        "model": "graduated",
        "tiers": [
            {"up_to": "1000", "unit_amount": "0", "flat_amount": "0"},
            {"up_to": None, "unit_amount": "0", "flat_amount": "0"},
        ],
    }


OPEN = {"up_to": None, "unit_amount": "1"}
REFUSED = {
    "no model": ({}, ""),
    "an unknown model": ({"model": "auction"}, ""),
    "an unknown field": ({"model": "flat", "amount": "1", "tip": "1"}, "/tip"),
    "a missing amount": ({"model": "flat"}, "/amount"),
    "a float": ({"model": "flat", "amount": 0.1}, "/amount"),
    "a boolean": ({"model": "flat", "amount": True}, "/amount"),
    "a negative amount": ({"model": "flat", "amount": "-1"}, "/amount"),
    "no number": ({"model": "flat", "amount": "NaN"}, "/amount"),
    "no finite number": ({"model": "flat", "amount": "Infinity"}, "/amount"),
    "too many decimals": ({"model": "flat", "amount": "0.0000000000001"}, "/amount"),
    "too many digits": ({"model": "flat", "amount": "1E+40"}, "/amount"),
    "a rate above one": ({"model": "percentage", "rate": "5"}, "/rate"),
    "packages of nothing": ({"model": "package", "size": "0", "amount": "1"}, "/size"),
    "no tiers": ({"model": "graduated", "tiers": []}, "/tiers"),
    "a last tier with an end": (
        {"model": "volume", "tiers": [{"up_to": "5", "unit_amount": "1"}]},
        "/tiers",
    ),
    "a tier without end before the last": ({"model": "volume", "tiers": [OPEN, OPEN]}, "/tiers"),
    "tiers that do not ascend": (
        {"model": "graduated", "tiers": [{"up_to": "5"}, {"up_to": "5"}, OPEN]},
        "/tiers",
    ),
    "a tier that ends at zero": ({"model": "graduated", "tiers": [{"up_to": "0"}, OPEN]}, "/tiers"),
    "a tier without its bound": (
        {"model": "graduated", "tiers": [{"unit_amount": "1"}]},
        "/tiers/0/up_to",
    ),
    "a rate in tiers of units": (
        {"model": "graduated", "tiers": [{"up_to": None, "rate": "0.1"}]},
        "/tiers/0/rate",
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_terms_are_refused_for(reason):
    terms, pointer = REFUSED[reason]
    with pytest.raises(TermsInvalid) as refused:
        from_terms(terms)
    assert pointer in [place for place, _ in refused.value.problems]


def test_a_refusal_says_what_is_wrong_where():
    with pytest.raises(TermsInvalid, match=r"/tiers: .*the last tier has no end"):
        from_terms({"model": "volume", "tiers": [{"up_to": "5"}]})


@pytest.mark.parametrize("quantity", [-1, Decimal("-0.1"), 0.5, "many", Decimal("NaN"), None])
def test_a_quantity_is_a_number_that_is_not_negative(quantity):
    with pytest.raises(ValueError, match="no quantity"):
        PerUnit(unit_amount=1).charge(quantity=quantity)
