"""What was published never changes, whoever writes: PostgreSQL refuses."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connections, transaction

from domains.billing.services.catalogue import source
from domains.billing.services.catalogue.publication import publish
from tests.billing.conftest import NOW

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _published():
    publish(text=source.shipped(), now=NOW)


def execute(statement):
    with transaction.atomic("billing"), connections["billing"].cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount


@pytest.mark.parametrize(
    "statement",
    [
        """UPDATE price SET terms = jsonb_set(terms, '{EUR,amount}', '"1"')""",
        "UPDATE price SET currency = 'USD'",
        "UPDATE price SET title = 'Other'",
        "UPDATE price SET tax_category = 'books'",
        "UPDATE price SET tax_inclusive = true",
        "UPDATE price SET interval_unit = 'week'",
        "UPDATE price SET interval_count = 2",
        "UPDATE price SET billing = 'arrears' WHERE billing = 'advance'",
        "UPDATE price SET quantity = 'seats' WHERE quantity = 'fixed'",
        "UPDATE price SET resolution = 'day'",
        "UPDATE price SET version = version + 1",
        "UPDATE price SET name = name || '2', archived_at = now()",
        "UPDATE price SET product_id = (SELECT id FROM product WHERE name = 'free')",
        "UPDATE price SET published_at = now()",
        "DELETE FROM price",
        "UPDATE meter SET aggregation = 'max'",
        "UPDATE meter SET name = 'other'",
        "DELETE FROM meter",
        "UPDATE catalogue_release SET text = ''",
        "DELETE FROM catalogue_release",
    ],
)
def test_a_published_thing_is_what_it_was(statement):
    with pytest.raises(IntegrityError, match="what was published never changes"):
        execute(statement)


def test_a_version_is_archived_once_and_never_sold_again():
    one = "WHERE name = 'pro-monthly'"
    assert execute(f"UPDATE price SET archived_at = now() {one}") == 1
    for again in ("NULL", "now() + interval '1 day'"):
        with pytest.raises(IntegrityError, match="not sold again"):
            execute(f"UPDATE price SET archived_at = {again} {one}")


def test_a_meter_may_be_called_otherwise():
    assert execute("UPDATE meter SET title = 'Requests', unit = 'requests'") == 1


def test_there_is_one_current_version_of_a_price():
    columns = (
        "product_id, name, interval_unit, interval_count, billing, quantity, resolution, "
        "tax_inclusive, terms, published_at, title, tax_category, currency"
    )
    with pytest.raises(IntegrityError, match="price_one_current"):
        execute(
            f"INSERT INTO price (id, version, {columns}) "
            f"SELECT gen_random_uuid(), 2, {columns} FROM price WHERE name = 'pro-monthly'"
        )
