from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from domains.billing.models import Customer
from kernel import bulk
from kernel.db import transaction
from kernel.ids import uuid7

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def customer(**values):
    return Customer(organization_id=uuid7(), created_at=NOW, plan="pro", **values)


def test_rows_are_read_as_they_were_written():
    address = {"line1": 'Tab\tand "quotes"\\', "lines": [1, None, "ü"]}
    rows = [customer(name="Ada\nLovelace", address=address, ended_at=NOW), customer(name="\\N")]
    bulk.insert(rows)
    fields = [field.attname for field in Customer._meta.concrete_fields]
    for row in rows:
        kept = Customer.objects.within(row.organization_id).get()
        assert [getattr(kept, name) for name in fields] == [getattr(row, name) for name in fields]


def test_nothing_is_inserted_where_there_is_nothing():
    bulk.insert([])


def test_what_the_database_refuses_is_refused_whole():
    good, bad = customer(), customer()
    bad.plan = ""
    with pytest.raises(IntegrityError), transaction("billing"):
        bulk.insert([good, bad])
    assert not Customer.objects.within(good.organization_id).exists()
