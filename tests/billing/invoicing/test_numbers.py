"""Numbers have no gap and no number comes twice, however many take them at once."""

from __future__ import annotations

import pytest

from domains.billing.models import CreditNote, Invoice, NumberSequence
from domains.billing.services.invoicing import numbers
from kernel.db import transaction
from kernel.ids import uuid7
from tests.billing.conftest import at_once
from tests.billing.invoicing.making import NOW, customer, draft_of, invoice_of, issued, new
from tests.billing.invoicing.processes import in_processes

pytestmark = pytest.mark.django_db(databases=["billing"], transaction=True)


class Changed(Exception):
    """Somebody thinks better of it."""


def test_twenty_processes_at_once_leave_no_gap():
    owners = [str(customer().organization_id) for _ in range(20)]
    taken = in_processes("tests.billing.invoicing.processes:issue_three", owners)
    wanted = {f"INV-2026-{number:06d}" for number in range(1, 61)}
    assert sorted(number for three in taken for number in three) == sorted(wanted)
    assert set(Invoice.objects.everywhere().values_list("number", flat=True)) == wanted


def test_a_rollback_gives_its_number_back():
    who = customer().organization_id
    with pytest.raises(Changed), transaction("billing"):
        _issue_and_regret(who)
    assert invoice_of(who, 1000).number == "INV-2026-000001"


def _issue_and_regret(who):
    assert invoice_of(who, 1000).number == "INV-2026-000001"
    raise Changed


def test_half_of_many_at_once_think_better_of_it_and_leave_no_gap():
    owners = [customer().organization_id for _ in range(10)]

    def work(number):
        with transaction("billing"):
            invoice_of(owners[number], 1000)
            if number % 2:
                raise Changed

    assert sum(isinstance(result, Changed) for result in at_once(10, work)) == 5
    found = Invoice.objects.everywhere().order_by("number").values_list("number", flat=True)
    assert list(found) == [f"INV-2026-{number:06d}" for number in range(1, 6)]


def test_each_customer_may_have_numbers_of_its_own(settings):
    settings.INVOICE_NUMBERS = "organization"
    ada, bob = customer().organization_id, customer().organization_id
    found = issued(*(new(who, draft_of(100)) for who in (ada, bob, ada)))
    mine, theirs, second = (invoice.number for invoice in found)
    assert mine.endswith("-000001")
    assert theirs.endswith("-000001")
    assert second == mine.replace("000001", "000002")
    assert mine != theirs


def test_each_year_and_each_kind_of_document_begins_anew():
    who = uuid7()
    later = NOW.replace(year=2027)
    wanted = [
        (numbers.Document.INVOICE, NOW, "INV-2026-000001"),
        (numbers.Document.CREDIT_NOTE, NOW, "CN-2026-000001"),
        (numbers.Document.INVOICE, later, "INV-2027-000001"),
        (numbers.Document.INVOICE, NOW, "INV-2026-000002"),
    ]
    with transaction("billing"):
        for document, now, number in wanted:
            assert numbers.take(document=document, organization_ids=[who], now=now) == [number]
    assert NumberSequence.objects.count() == 3
    assert CreditNote.objects.everywhere().count() == 0
