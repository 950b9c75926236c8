"""A day's anchor says where the trails stood, so that not even their owner can rewrite them."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domains.users import interface as users
from domains.users.models import AuditAnchor, AuditChain
from domains.users.services.audit import anchors, chain
from kernel.clock import now
from kernel.ids import uuid7
from tests.users.audit.said import draft_of, trail, write
from tests.users.audit.tampering import as_keeper, tamper

pytestmark = pytest.mark.django_db(databases="__all__")


def broken():
    return [(found.where, found.what) for found in users.verify_audit(organization_id=None).broken]


def lines(records, made):
    text = (records / made.storage_key).read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_an_anchor_says_where_every_trail_stands(records):
    one, two = sorted([uuid7(), uuid7()])
    write(one, 3)
    write(two, 1)
    made = anchors.anchor(now=now())
    opening, *standing = lines(records, made)
    assert opening["previous"] is None
    assert standing == [
        {"organization": str(o), "sequence": n, "hash": bytes(trail(o)[-1].hash).hex()}
        for o, n in ((one, 3), (two, 1))
    ]
    assert (made.trails, broken()) == (2, [])


def test_anybody_can_check_an_anchor_with_the_public_key(records):
    write(uuid7(), 1)
    made = anchors.anchor(now=now())
    said = json.loads((records / f"{made.storage_key}.sig").read_text())
    digest = hashlib.sha256((records / made.storage_key).read_bytes()).hexdigest()
    [key] = users.get_audit_keys()
    assert (said["key_id"], said["sha256"]) == (key.id, digest)
    text = b"tenon.audit.anchor.v1\n" + f'{{"day":"{made.day}","sha256":"{digest}"}}'.encode()
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public))
    public.verify(bytes.fromhex(said["signature"]), text)


def test_a_day_has_one_anchor(records):
    write(uuid7(), 1)
    first = anchors.anchor(now=now())
    write(uuid7(), 1)
    assert anchors.anchor(now=now()).id == first.id
    assert AuditAnchor.objects.count() == 1


def test_the_next_day_lists_only_what_moved_and_follows_the_day_before(records):
    write(still := uuid7(), 1)
    write(moving := uuid7(), 1)
    first = anchors.anchor(now=now() - timedelta(days=1))
    # As if it were written a day ago, with room for what commits late.
    tamper("UPDATE audit_chain SET moved_at = now() - interval '2 days'")
    write(moving, 1)
    opening, *standing = lines(records, anchors.anchor(now=now()))
    assert opening["previous"] == bytes(first.digest).hex()
    assert [line["organization"] for line in standing] == [str(moving)]
    assert str(still) not in str(standing)
    assert broken() == []


def test_an_anchor_is_written_some_trails_at_a_time(records, monkeypatch):
    monkeypatch.setattr(anchors, "AT_ONCE", 2)
    organizations = [uuid7() for _ in range(5)]
    for organization in organizations:
        write(organization, 1)
    _, *standing = lines(records, anchors.anchor(now=now()))
    assert [line["organization"] for line in standing] == sorted(map(str, organizations))


def test_a_trail_that_was_rewritten_with_all_its_hashes_is_found(records):
    """The intruder owns the tables and knows how to hash, but can't sign."""
    write(organization := uuid7(), 3)
    anchors.anchor(now=now())
    genesis = chain.genesis(organization)
    with as_keeper():
        from django.db import connections

        with connections["users"].cursor() as cursor:
            cursor.execute("DELETE FROM audit_entry")
            cursor.execute("UPDATE audit_chain SET sequence = 0, head = %s", [genesis])
        chain.append(draft_of(organization, facts={"role": "viewer"}) for _ in range(3))
    [(where, what)] = broken()
    assert where.endswith(str(organization))
    assert what == "another entry stands there"


def test_a_trail_that_was_cut_with_its_head_is_found(records):
    write(organization := uuid7(), 3)
    anchors.anchor(now=now())
    kept = bytes(trail(organization)[0].hash)
    with as_keeper():
        from django.db import connections

        with connections["users"].cursor() as cursor:
            cursor.execute("DELETE FROM audit_entry WHERE sequence > 1")
            cursor.execute("UPDATE audit_chain SET sequence = 1, head = %s", [kept])
    assert [what for _, what in broken()] == ["the trail was cut short"]


def test_a_trail_that_is_gone_altogether_is_found(records):
    write(uuid7(), 3)
    anchors.anchor(now=now())
    tamper("DELETE FROM audit_entry")
    tamper("DELETE FROM audit_chain")
    assert [what for _, what in broken()] == ["the trail is gone"]


def test_an_anchor_that_was_altered_lost_or_signed_by_another_is_found(records, settings):
    write(uuid7(), 1)
    made = anchors.anchor(now=now())
    file = records / made.storage_key
    was = file.read_bytes()
    file.write_bytes(was.replace(b'"sequence":1', b'"sequence":2'))
    assert broken()[0][1] == "it was altered in the storage"
    file.unlink()
    assert broken()[0][1] == "the storage has lost it"
    file.write_bytes(was)
    assert broken() == []
    settings.AUDIT_SIGNING_KEYS = ("another",)
    assert broken()[0][1] == "no configured key signed it"


def test_what_a_former_key_signed_is_still_checked(records, settings):
    write(uuid7(), 1)
    settings.AUDIT_SIGNING_KEYS = ("old",)
    old = anchors.anchor(now=now() - timedelta(days=1))
    settings.AUDIT_SIGNING_KEYS = ("new", "old")
    new = anchors.anchor(now=now())
    assert new.key_id != old.key_id
    assert broken() == []


def test_an_anchor_that_was_taken_out_is_missed_by_the_next(records):
    write(uuid7(), 1)
    for days in (2, 1, 0):
        anchors.anchor(now=now() - timedelta(days=days))
    middle = (now() - timedelta(days=1)).date()
    tamper("DELETE FROM audit_anchor WHERE day = %s", middle)
    assert [what for _, what in broken()] == ["the anchor before it is missing"]


def test_installations_without_any_trail_have_an_anchor_too(records):
    assert anchors.anchor(now=now()).trails == 0
    assert broken() == []
    assert not AuditChain.objects.exists()
