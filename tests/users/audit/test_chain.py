"""The chain of a trail: one after another, however many write, and hashed in one known way."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.users.models import AuditChain
from domains.users.services.audit import chain
from domains.users.services.audit.verdict import verify_audit
from kernel.ids import uuid7
from tests.users.audit.said import draft_of, trail, write
from tests.users.together import at_once


def test_the_hash_is_over_this_very_text():
    """Whoever checks a trail in ten years writes it so; changing it breaks all that are kept."""
    entry = draft_of(
        UUID(int=7),
        id=UUID(int=1),
        occurred_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        actor_id=UUID(int=2),
        facts={"b": 1, "a": "ä"},
    )
    text = (
        '{"action":"users.member_joined","actor":"00000000-0000-0000-0000-000000000002",'
        '"actor_kind":"account","at":"2026-11-22T09:30:00.000000Z","facts":{"a":"ä","b":1},'
        '"id":"00000000-0000-0000-0000-000000000001","on_behalf_of":null,'
        '"organization":"00000000-0000-0000-0000-000000000007",'
        f'"personal":"{"01" * 32}","previous":"{"02" * 32}","sequence":3,'
        '"target":"00000000-0000-0000-0000-000000000007","target_kind":"organization",'
        '"trace":"","v":1}'
    )
    found = chain.hash_entry(entry, sequence=3, previous=b"\2" * 32, personal_digest=b"\1" * 32)
    assert found == hashlib.sha256(text.encode()).digest()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    texts=st.tuples(TEXTS, TEXTS, TEXTS, TEXTS),
    facts=st.dictionaries(TEXTS, TEXTS | st.integers() | st.lists(TEXTS)),
    on_behalf_of=st.none() | st.uuids(),
    moment=st.datetimes(timezones=st.just(UTC)),
)
def test_whatever_an_entry_says_its_hash_is_over_the_canonical_document(
    texts, facts, on_behalf_of, moment
):
    names = ("action", "target_kind", "target_id", "trace_id")
    more = {"facts": facts, "on_behalf_of": on_behalf_of, "occurred_at": moment}
    entry = draft_of(uuid7(), **dict(zip(names, texts, strict=True)), **more)
    written = chain.write_entry(
        chain.spell(entry), sequence=7, previous=b"\1" * 32, personal_digest=b"\2" * 32
    )
    document = json.loads(written)
    assert chain.canonical(document) == written
    assert [document[key] for key in ("action", "target_kind", "target", "trace")] == [*texts]
    assert document["facts"] == facts


@pytest.mark.django_db(databases="__all__")
def test_what_is_read_back_is_what_was_hashed_whatever_stands_in_it():
    organization, odd = uuid7(), '\t\\N\r\n"\\x41\\\\ä\u2028{},'
    write(organization, 1, target_id=odd, facts={odd: [odd]}, personal={"name": odd})
    [entry] = trail(organization)
    assert (entry.target_id, entry.facts, entry.personal) == (odd, {odd: [odd]}, {"name": odd})
    assert verify_audit(organization_id=organization).broken == ()


@pytest.mark.django_db(databases="__all__")
def test_each_entry_carries_on_from_the_one_before():
    organization = uuid7()
    write(organization, 3)
    write(organization, 2)
    previous = chain.genesis(organization)
    for number, entry in enumerate(trail(organization), start=1):
        assert entry.sequence == number
        expected = chain.hash_entry(
            entry,
            sequence=number,
            previous=previous,
            personal_digest=bytes(entry.personal_digest),
        )
        assert bytes(entry.hash) == expected
        salted = (
            bytes(entry.personal_salt)
            + json.dumps(entry.personal, sort_keys=True, separators=(",", ":")).encode()
        )
        assert bytes(entry.personal_digest) == hashlib.sha256(salted).digest()
        previous = expected
    newest = AuditChain.objects.get(organization_id=organization)
    assert (newest.sequence, bytes(newest.head)) == (5, previous)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_ten_at_once_make_one_chain():
    organizations = sorted(uuid7() for _ in range(3))

    def both_ways(number):
        def append():
            mine = organizations if number % 2 else organizations[::-1]
            for _ in range(5):
                for organization in mine:
                    write(organization, 1)

        return append

    assert at_once(*(both_ways(number) for number in range(10))) == [None] * 10
    for organization in organizations:
        entries = trail(organization)
        assert [entry.sequence for entry in entries] == list(range(1, 51))
        previous = chain.genesis(organization)
        for entry in entries:
            previous = chain.hash_entry(
                entry,
                sequence=entry.sequence,
                previous=previous,
                personal_digest=bytes(entry.personal_digest),
            )
            assert bytes(entry.hash) == previous
