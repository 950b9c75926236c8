"""Proving the audit: that no entry was altered, taken out, put in or moved since it was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connections

from domains.users.models import AuditChain, AuditEntry
from domains.users.services.audit import chain

AT_ONCE = 1000

STRANGERS = """
    SELECT e.sequence FROM audit_entry AS e JOIN audit_chain AS c USING (organization_id)
    WHERE organization_id = %(trail)s AND (e.sequence > c.sequence OR e.sequence <= c.floor)
    ORDER BY e.sequence LIMIT 1
"""
WITHOUT_TRAIL = """
    SELECT organization_id, sequence FROM audit_entry AS e
    WHERE (%(trail)s::uuid IS NULL OR organization_id = %(trail)s) AND NOT EXISTS (
        SELECT FROM audit_chain AS c WHERE c.organization_id = e.organization_id
    ) ORDER BY organization_id, sequence LIMIT 1
"""


@dataclass(frozen=True, kw_only=True)
class Broken:
    """The first place at which a trail or an anchor is not what it was; `sequence` if it is one."""

    where: str
    sequence: int | None
    what: str


@dataclass(kw_only=True)
class Tally:
    """How much was checked."""

    trails: int = 0
    entries: int = 0
    anchors: int = 0


def check_trails(*, organization_id: UUID | None, tally: Tally) -> Iterator[Broken]:
    """Yield, for each trail that is not whole, the first place at which it isn't.

    Memory stays flat: entries are read some at a time, and appending goes on meanwhile.
    """
    for trail in _trails(organization_id):
        tally.trails += 1
        broken = _check_entries(trail, tally) or _check_strangers(trail)
        if broken:
            yield broken
    with connections["users"].cursor() as cursor:
        cursor.execute(WITHOUT_TRAIL, {"trail": organization_id})
        for stranger, sequence in cursor.fetchall():
            yield Broken(where=str(stranger), sequence=sequence, what="its trail is gone")


def _trails(organization_id: UUID | None) -> Iterator[UUID]:
    """Yield the ids of the trails, in their order."""
    trails = AuditChain.objects.order_by("organization_id").values_list(
        "organization_id", flat=True
    )
    if organization_id is not None:
        trails = trails.filter(organization_id=organization_id)
    page = list(trails[:AT_ONCE])
    while page:
        yield from page
        page = list(trails.filter(organization_id__gt=page[-1])[:AT_ONCE])


def _check_entries(trail: UUID, tally: Tally) -> Broken | None:
    """Follow the trail from what was cleared away to its head, as they stand now."""
    known = AuditChain.objects.get(organization_id=trail)
    previous, expected = bytes(known.floor_head), known.floor + 1
    for entry in _entries(trail, after=known.floor, to=known.sequence):
        broken = _check_entry(entry, expected=expected, previous=previous)
        if broken:
            return None if _was_pruned(trail, expected) else broken
        previous, expected = bytes(entry.hash), expected + 1
        tally.entries += 1
    if expected <= known.sequence:
        if _was_pruned(trail, expected):
            return None
        return Broken(where=str(trail), sequence=expected, what="it is missing")
    if previous != bytes(known.head):
        return Broken(where=str(trail), sequence=known.sequence, what="the trail ends otherwise")
    return None


def _check_entry(entry: AuditEntry, *, expected: int, previous: bytes) -> Broken | None:
    where = str(entry.organization_id)
    if entry.sequence != expected:
        return Broken(where=where, sequence=expected, what="it is missing")
    digest = bytes(entry.personal_digest)
    hashed = chain.hash_entry(entry, sequence=expected, previous=previous, personal_digest=digest)
    if hashed != bytes(entry.hash):
        return Broken(where=where, sequence=expected, what="it, or what it follows, was altered")
    if entry.personal is not None:
        salt = bytes(entry.personal_salt or b"")
        if chain.digest_personal(entry.personal, salt) != digest:
            return Broken(where=where, sequence=expected, what="its personal parts were altered")
    return None


def _entries(trail: UUID, *, after: int, to: int) -> Iterator[AuditEntry]:
    entries = AuditEntry.objects.within(trail).filter(sequence__lte=to)
    page = list(entries.filter(sequence__gt=after).order_by("sequence")[:AT_ONCE])
    while page:
        yield from page
        page = list(entries.filter(sequence__gt=page[-1].sequence).order_by("sequence")[:AT_ONCE])


def _was_pruned(trail: UUID, sequence: int) -> bool:
    """Return whether the entry's retention ended while it was looked for."""
    return AuditChain.objects.filter(organization_id=trail, floor__gte=sequence).exists()


def _check_strangers(trail: UUID) -> Broken | None:
    """Look for entries before the trail's floor and after its head."""
    with connections["users"].cursor() as cursor:
        cursor.execute(STRANGERS, {"trail": trail})
        found = cursor.fetchone()
    if found is None:
        return None
    return Broken(where=str(trail), sequence=found[0], what="it is not of the trail")
