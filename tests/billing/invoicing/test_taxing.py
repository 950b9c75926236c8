"""Which tax a customer pays, by country, VAT id and exemption."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domains.billing.contract.invoice_errors import VatIdInvalid
from domains.billing.models import Customer
from domains.billing.services.arithmetic import TaxRate
from domains.billing.services.invoicing import rates, taxing
from domains.billing.services.vat_ids import normalize
from kernel.ids import uuid7

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _seller(settings):
    settings.INVOICE_SELLER_COUNTRY = "DE"


def decided(category: str = "standard", **values) -> TaxRate:
    who = Customer(organization_id=uuid7(), **values)
    found = taxing.decide(customers=[who], categories=[category], now=NOW)
    return found[who.organization_id].of(category).rate


@pytest.mark.parametrize(
    ("values", "rate"),
    [
        ({"country": "DE"}, TaxRate(rate=Decimal("0.19"))),
        ({"country": "DE", "vat_id": "DE136695976"}, TaxRate(rate=Decimal("0.19"))),
        ({}, TaxRate(rate=Decimal("0.19"))),
        ({"country": "FR"}, TaxRate(rate=Decimal("0.20"))),
        ({"country": "FI"}, TaxRate(rate=Decimal("0.255"))),
        ({"country": "FR", "vat_id": "FR40303265045"}, TaxRate(reason="reverse_charge")),
        ({"country": "US"}, TaxRate(reason="outside")),
        ({"country": "CH", "vat_id": "CHE107787577IVA"}, TaxRate(reason="outside")),
        ({"country": "DE", "tax_exempt_reason": "An embassy"}, TaxRate(reason="exempt")),
    ],
    ids=str,
)
def test_a_customer_is_taxed_by_where_and_what_it_is(values, rate):
    assert decided(**values) == rate


def test_a_category_without_a_rate_of_its_own_has_the_standard_one():
    assert decided("reduced", country="DE").rate == Decimal("0.07")
    assert decided("reduced", country="DK").rate == Decimal("0.25")
    assert decided("unheard-of", country="DE").rate == Decimal("0.19")


def test_a_seller_that_is_registered_nowhere_charges_none(settings):
    settings.INVOICE_SELLER_COUNTRY = ""
    assert decided(country="DE") == TaxRate(reason="not_registered")


def test_a_seller_outside_the_eu_taxes_at_home_alone(settings):
    settings.INVOICE_SELLER_COUNTRY = "CH"
    assert decided(country="DE") == TaxRate(reason="outside")
    assert decided(country="CH").rate == Decimal("0.081")


def test_the_rate_is_that_of_the_day():
    assert rates.rate_in("EE", "standard", day=date(2025, 6, 30)) == Decimal("0.22")
    assert rates.rate_in("EE", "standard", day=date(2025, 7, 1)) == Decimal("0.24")
    assert rates.rate_in("XX", "standard", day=date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("given", "country", "kept"),
    [
        ("de 136.695 976", "DE", "DE136695976"),
        ("EL 094259216", "GR", "EL094259216"),
        ("ATU 13585627", "AT", "ATU13585627"),
        ("CHE-107.787.577 IVA", "CH", "CHE107787577IVA"),
        ("12-3456789", "US", "123456789"),
        ("", "", ""),
    ],
)
def test_a_vat_id_is_kept_in_one_form(given, country, kept):
    assert normalize(vat_id=given, country=country) == kept


@pytest.mark.parametrize(
    ("given", "country"),
    [
        ("DE136695978", "DE"),
        ("136695976", "DE"),
        ("DE136695976", "AT"),
        ("DE136695976", ""),
        ("nonsense", "FR"),
        ("CHE107787578IVA", "CH"),
        ("!", "US"),
    ],
)
def test_what_can_be_no_vat_id_is_refused(given, country):
    with pytest.raises(VatIdInvalid):
        normalize(vat_id=given, country=country)


@pytest.mark.parametrize(
    ("country", "category", "last_day", "before", "after"),
    [
        ("EE", "standard", date(2025, 6, 30), "22", "24"),
        ("FI", "standard", date(2024, 8, 31), "24", "25.5"),
        ("RO", "reduced", date(2025, 7, 31), "9", "11"),
        ("RO", "standard", date(2025, 7, 31), "19", "21"),
        ("SK", "standard", date(2024, 12, 31), "20", "23"),
    ],
)
def test_rates_that_changed_hold_from_their_day_on(country, category, last_day, before, after):
    day_after = last_day + timedelta(days=1)
    assert rates.rate_in(country, category, day=last_day) == Decimal(before) / 100
    assert rates.rate_in(country, category, day=day_after) == Decimal(after) / 100
