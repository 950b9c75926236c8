"""Whatever is done to a trail afterwards, checking it names the place."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.users import interface as users
from domains.users.models import AuditEntry
from domains.users.services.audit import verification
from domains.users.services.audit_erasure import forget_person
from kernel.ids import uuid7
from tests.users.audit.said import trail, write
from tests.users.audit.tampering import tamper

pytestmark = pytest.mark.django_db(databases="__all__")

LENGTH = 6
FIELDS = {
    "id": "gen_random_uuid()",
    "occurred_at": "occurred_at + interval '1 microsecond'",
    "action": "action || '_'",
    "actor_kind": "'staff'",
    "actor_id": "gen_random_uuid()",
    "on_behalf_of": "gen_random_uuid()",
    "target_kind": "target_kind || 's'",
    "target_id": "target_id || '0'",
    "facts": """facts || '{"role": "owner"}'""",
    "trace_id": "trace_id || '0'",
    "personal": """personal || '{"address": "198.51.100.1"}'""",
    "personal_salt": "'\\x00'::bytea",
    "personal_digest": "sha256(personal_digest)",
    "hash": "sha256(hash)",
}


@pytest.fixture
def organization():
    made = uuid7()
    write(made, LENGTH)
    return made


def first_broken(organization):
    """Return the entry and what is said of it; None if the trail is whole."""
    verdict = users.verify_audit(organization_id=organization)
    return (verdict.broken[0].sequence, verdict.broken[0].what) if verdict.broken else None


def test_a_trail_that_nobody_touched_is_whole(organization):
    write(uuid7(), 2)
    verdict = users.verify_audit(organization_id=None)
    assert (verdict.trails, verdict.entries, verdict.broken) == (2, LENGTH + 2, ())


def test_a_trail_is_read_some_entries_at_a_time(organization, monkeypatch):
    monkeypatch.setattr(verification, "AT_ONCE", 2)
    write(uuid7(), 3)
    write(uuid7(), 3)
    verdict = users.verify_audit(organization_id=None)
    assert (verdict.trails, verdict.entries, verdict.broken) == (3, LENGTH + 6, ())


def test_a_trail_is_whole_without_a_person_who_was_forgotten(organization):
    write(organization, 1, actor_id=(ada := uuid7()))
    forget_person(account_id=ada)
    assert trail(organization)[-1].personal is None
    assert first_broken(organization) is None


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_an_entry_is_proven(organization, field):
    changed = f"UPDATE audit_entry SET {field} = {FIELDS[field]}"
    assert tamper(f"{changed} WHERE organization_id = %s AND sequence = 4", organization) == 1
    assert first_broken(organization)[0] == 4


def test_every_column_is_among_those_proven():
    proven = FIELDS.keys() | {"organization_id", "sequence"}
    assert proven == {field.column for field in AuditEntry._meta.fields}


@settings(max_examples=40)
@given(st.data())
def test_any_one_change_is_found_and_the_first_place_named(data):
    write(organization := uuid7(), LENGTH)
    place = data.draw(st.integers(1, LENGTH))
    what = data.draw(st.sampled_from(sorted(CHANGES)))
    broken = CHANGES[what](organization, place, data)
    found = first_broken(organization)
    assert found is not None
    assert found[0] == broken


def _alter(organization, place, data):
    field = data.draw(st.sampled_from(sorted(FIELDS)))
    changed = f"UPDATE audit_entry SET {field} = {FIELDS[field]}"
    tamper(f"{changed} WHERE organization_id = %s AND sequence = %s", organization, place)
    return place


def _remove(organization, place, _):
    gone = "DELETE FROM audit_entry WHERE organization_id = %s AND sequence = %s"
    tamper(gone, organization, place)
    return place


def _swap(organization, place, data):
    other = data.draw(st.integers(1, LENGTH).filter(lambda number: number != place))
    move = "UPDATE audit_entry SET sequence = %s WHERE organization_id = %s AND sequence = %s"
    for to, was in ((-1, place), (place, other), (other, -1)):
        tamper(move, to, organization, was)
    return min(place, other)


def _move(organization, place, _):
    """Give the entry to another organization's trail; its own misses it."""
    give = (
        "UPDATE audit_entry SET organization_id = %s WHERE organization_id = %s AND sequence = %s"
    )
    tamper(give, uuid7(), organization, place)
    return place


def _insert(organization, _, __):
    others = {field.column for field in AuditEntry._meta.fields} - {"id", "sequence"}
    copied = ", ".join(sorted(others))
    tamper(
        f"INSERT INTO audit_entry (id, sequence, {copied})"
        f" SELECT gen_random_uuid(), sequence + 1, {copied} FROM audit_entry"
        " WHERE organization_id = %s AND sequence = %s",
        organization,
        LENGTH,
    )
    return LENGTH + 1


CHANGES = {"alter": _alter, "remove": _remove, "swap": _swap, "move": _move, "insert": _insert}


def test_a_trail_that_was_cut_short_is_found_by_its_head(organization):
    tamper("DELETE FROM audit_entry WHERE organization_id = %s AND sequence > 3", organization)
    assert first_broken(organization) == (4, "it is missing")


def test_an_entry_of_no_trail_is_found(organization):
    tamper("DELETE FROM audit_chain WHERE organization_id = %s", organization)
    assert users.verify_audit(organization_id=None).broken[0].what == "its trail is gone"


def test_the_command_names_what_is_broken_and_fails(organization):
    write(healthy := uuid7(), 2)
    out, err = StringIO(), StringIO()
    call_command("audit", "verify", stdout=out)
    assert f"{LENGTH + 2} entries of 2 trails" in out.getvalue()
    tamper(
        "UPDATE audit_entry SET facts = '{}' WHERE organization_id = %s AND sequence IN (3, 5)",
        organization,
    )
    with pytest.raises(CommandError) as failed:
        call_command("audit", "verify", stderr=err)
    assert failed.value.returncode == 1
    assert f"Broken: {organization}, entry 3: it, or what it follows" in err.getvalue()
    assert "entry 5" not in err.getvalue()
    call_command("audit", "verify", "--organization", str(healthy), stdout=out)


def test_the_command_shows_the_keys(settings):
    settings.AUDIT_SIGNING_KEYS = ("new", "old")
    call_command("audit", "keys", stdout=(out := StringIO()))
    lines = out.getvalue().splitlines()
    assert [line.rsplit(maxsplit=1)[1] for line in lines] == ["signs", "checks"]
