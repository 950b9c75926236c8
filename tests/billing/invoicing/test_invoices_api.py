"""Invoices, credit notes, balance and profile over HTTP."""

from __future__ import annotations

from uuid import UUID

import pytest

from domains.billing.models import Customer
from kernel.models import Outbox
from tests.billing.invoicing.making import NOW, credited, invoice_of, pay
from tests.billing.test_api import _keys_of_this_test, problem, team  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def billed(team) -> UUID:  # noqa: F811
    Customer.objects.create(organization_id=team.id, plan="free", created_at=NOW, name="Ada Ltd")
    return team.id


def test_invoices_are_listed_newest_first_and_by_state(team, billed):  # noqa: F811
    old = pay(invoice_of(billed, 1000))
    new = invoice_of(billed, 2000)
    page = team.get("billing/invoices").json()
    assert [each["id"] for each in page["data"]] == [str(new.id), str(old.id)]
    assert page["data"][0]["due"] == {"amount": 2380, "currency": "EUR"}
    paid = team.get("billing/invoices?state=paid").json()["data"]
    assert [each["number"] for each in paid] == [old.number]
    first = team.get("billing/invoices?limit=1").json()
    rest = team.get(f"billing/invoices?limit=1&cursor={first['next_cursor']}").json()
    assert [each["id"] for each in rest["data"]] == [str(old.id)]


def test_an_invoice_is_shown_whole_and_on_paper(team, billed):  # noqa: F811
    invoice = invoice_of(billed, 1000, 500)
    shown = team.get(f"billing/invoices/{invoice.id}")
    assert [line["net"] for line in shown.json()["lines"]] == [1000, 500]
    assert shown.json()["buyer"]["name"] == "Ada Ltd"
    again = team.get(f"billing/invoices/{invoice.id}", If_None_Match=shown.headers["ETag"])
    assert again.status_code == 304
    paper = team.get(f"billing/invoices/{invoice.id}/pdf")
    assert paper.headers["Content-Type"] == "application/pdf"
    assert paper.headers["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'
    assert paper.headers["Cache-Control"] == "no-store"
    assert paper.content.startswith(b"%PDF-")


def test_a_credit_note_is_shown_and_the_balance_with_it(team, billed):  # noqa: F811
    invoice = pay(invoice_of(billed, 1000))
    note = credited(invoice, 100)
    path = f"billing/credit-notes?invoice_id={invoice.id}"
    assert [each["id"] for each in team.get(path).json()["data"]] == [str(note.id)]
    shown = team.get(f"billing/credit-notes/{note.id}").json()
    assert (shown["total"]["amount"], shown["lines"][0]["net"]) == (119, 100)
    paper = team.get(f"billing/credit-notes/{note.id}/pdf")
    assert paper.content.startswith(b"%PDF-")
    assert team.get("billing/balance").json() == {"data": [{"amount": 119, "currency": "EUR"}]}


def test_who_may_not_see_invoices_is_told_so(team, billed):  # noqa: F811
    invoice = invoice_of(billed, 1000)
    for path in ("invoices", f"invoices/{invoice.id}", f"invoices/{invoice.id}/pdf", "balance"):
        problem(team.get(f"billing/{path}", role="member"), 403, "kernel.forbidden")


def test_a_profile_begins_empty_and_is_changed_in_part(team):  # noqa: F811
    owner = team.clients["owner"]
    empty = team.get("billing/profile")
    assert (empty.json()["name"], empty.json()["time_zone"]) == ("", "UTC")
    body = {"country": "DE", "vat_id": "de 136 695 976", "address": {"city": "Hamburg"}}
    changed = owner.patch("billing/profile", body)
    assert changed.json()["vat_id"] == "DE136695976"
    assert changed.json()["address"]["city"] == "Hamburg"
    assert owner.patch("billing/profile", {"name": "Ada"}).json()["country"] == "DE"
    said = Outbox.objects.using("billing").filter(name="billing.profile_changed.v1")
    assert [row.payload["fields"] for row in said.order_by("id")] == [
        ["address", "country", "vat_id"],
        ["name"],
    ]


def test_a_profile_is_not_overwritten_by_whoever_has_not_read_it(team):  # noqa: F811
    owner = team.clients["owner"]
    tag = team.get("billing/profile").headers["ETag"]
    assert owner.patch("billing/profile", {"name": "Ada"}, If_Match=tag).status_code == 200
    late = owner.patch("billing/profile", {"name": "Bob"}, If_Match=tag)
    problem(late, 412, "kernel.precondition_failed")


@pytest.mark.parametrize(
    "body",
    [
        {"country": "XX"},
        {"country": "de"},
        {"locale": "klingon"},
        {"time_zone": "Mars/Olympus"},
        {"email": "nobody"},
        {"country": "DE", "vat_id": "DE136695978"},
        {"address": {"planet": "Mars"}},
        {"tax_exempt_reason": "I say so"},
    ],
    ids=str,
)
def test_a_profile_that_can_not_be_is_refused(team, body):  # noqa: F811
    assert team.clients["owner"].patch("billing/profile", body).status_code == 422


def test_a_member_may_not_change_the_profile(team):  # noqa: F811
    refused = team.clients["member"].patch("billing/profile", {"name": "Mine"})
    problem(refused, 403, "kernel.forbidden")
