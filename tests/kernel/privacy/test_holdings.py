"""One table says what is exported and what becomes of it, and the same lines do both."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.files.models import File
from kernel.privacy import Fate, Holding, Person, erase, export_page

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_file(account_id, name="a.txt") -> File:
    return File.objects.create(
        organization_id=uuid4(),
        account_id=account_id,
        name=name,
        size=1,
        content_type="text/plain",
        sha256="",
        storage_key=str(uuid4()),
        created_at=NOW,
        upload_expires_at=NOW,
    )


def holding(**changes) -> Holding:
    said = {
        "name": "files",
        "description": "Your files",
        "model": File,
        "of": lambda person: File.objects.filter(account_id=person.account_id),
        "shows": ("id", "name", "created_at"),
        "fate": Fate.ERASED,
    }
    return Holding(**{**said, **changes})


def everything(holdings, person, rows):
    """Return the names and records of all pages, and how many pages there were."""
    cursor, found, pages = None, [], 0
    while True:
        page = export_page(holdings, person, cursor=cursor, rows=rows)
        pages += 1
        for section in page.sections:
            found += [(section.name, json.loads(each)) for each in section.records]
        cursor = page.next_cursor
        if cursor is None:
            return found, pages


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 7, 100])
def test_every_row_travels_once_whatever_the_size_of_a_page(rows):
    me = Person(account_id=uuid4())
    for number in range(5):
        a_file(me.account_id, f"{number}.txt")
    a_file(uuid4(), "another's.txt")
    table = (holding(name="none", of=lambda _: File.objects.none()), holding(), holding(name="b"))
    found, pages = everything(table, me, rows)
    names = [f"{number}.txt" for number in range(5)]
    assert [(n, r["name"]) for n, r in found] == [(s, f) for s in ("files", "b") for f in names]
    assert pages >= 10 // rows


def test_a_section_without_rows_is_shown_too():
    page = export_page((holding(),), Person(account_id=uuid4()), cursor=None)
    assert [(s.name, s.records) for s in page.sections] == [("files", ())]
    assert page.next_cursor is None


def test_values_are_written_as_the_api_writes_them():
    me = Person(account_id=uuid4())
    row = a_file(me.account_id)
    [section] = export_page((holding(),), me, cursor=None).sections
    assert json.loads(section.records[0]) == {
        "id": str(row.id),
        "name": "a.txt",
        "created_at": "2026-03-01T12:00:00Z",
    }


def test_what_was_there_is_counted_before_anything_is_touched():
    me = Person(account_id=uuid4())
    a_file(me.account_id)
    answers = erase((holding(), holding(name="again")), me)
    assert [(a.what, a.how, a.count) for a in answers] == [
        ("files", Fate.ERASED, 1),
        ("again", Fate.ERASED, 1),
    ]
    assert not File.objects.everywhere().exists()
    assert [a.count for a in erase((holding(),), me)] == [0]


def test_columns_are_cleared_and_others_rows_are_left_alone():
    me, other = Person(account_id=uuid4()), uuid4()
    mine, theirs = a_file(me.account_id), a_file(other)
    erase((holding(fate=Fate.ANONYMIZED, clears={"account_id": None, "name": ""}),), me)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.account_id, mine.name) == (None, "")
    assert (theirs.account_id, theirs.name) == (other, "a.txt")


def test_kept_rows_are_counted_and_untouched():
    me = Person(account_id=uuid4())
    row = a_file(me.account_id)
    [answer] = erase((holding(fate=Fate.KEPT, why="The law says so."),), me)
    assert (answer.count, answer.why) == (1, "The law says so.")
    row.refresh_from_db()
    assert row.account_id == me.account_id


@given(st.emails())
def test_an_address_is_the_persons_however_it_is_cased(address):
    person = Person(account_id=uuid4(), addresses=(address,))
    assert person.has(address.upper()) == (address.upper().lower() == address.lower())
    assert not person.has(f"x{address}")
