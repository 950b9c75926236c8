"""Proving the anchors: that they are those that were signed, and the trails what they say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any, NamedTuple
from uuid import UUID

from django.db import connections

from domains.users.models import AuditAnchor
from domains.users.services.audit import anchors, keys
from domains.users.services.audit.verification import AT_ONCE, Broken, Tally

CHUNK = 64 * 1024
# What stands at each place that an anchor names: an entry, or what is left of those cleared away.
STANDING = """
    SELECT said.trail, said.sequence, chain.sequence, chain.floor, chain.floor_head, entry.hash
    FROM unnest(%(trails)s::uuid[], %(sequences)s::bigint[]) AS said (trail, sequence)
    LEFT JOIN audit_chain AS chain ON chain.organization_id = said.trail
    LEFT JOIN audit_entry AS entry
        ON entry.organization_id = said.trail AND entry.sequence = said.sequence
"""


class _Standing(NamedTuple):
    """What `STANDING` finds."""

    trail: UUID
    sequence: int
    newest: int | None
    floor: int
    floor_head: bytes
    found: bytes | None


def check_anchors(*, organization_id: UUID | None, tally: Tally) -> Iterator[Broken]:
    """Yield what is wrong with the anchors, the oldest first: with each, the first thing alone."""
    previous: str | None = None
    for anchor in AuditAnchor.objects.order_by("day").iterator(chunk_size=100):
        tally.anchors += 1
        broken = _check(anchor, previous, organization_id)
        if broken:
            yield broken
        previous = bytes(anchor.digest).hex()


def _check(anchor: AuditAnchor, previous: str | None, only: UUID | None) -> Broken | None:
    where, digest = f"anchor of {anchor.day}", bytes(anchor.digest)
    signed = anchors.signed_text(str(anchor.day), digest)
    if not keys.verify(signed, key_id=anchor.key_id, signature=bytes(anchor.signature)):
        return Broken(where=where, sequence=None, what="no configured key signed it")
    try:
        file = anchors.storage().open(anchor.storage_key)
    except OSError:
        return Broken(where=where, sequence=None, what="the storage has lost it")
    with file:
        if _digest(file) != digest:
            return Broken(where=where, sequence=None, what="it was altered in the storage")
        file.seek(0)
        opening = json.loads(file.readline())
        if opening["previous"] != previous:
            return Broken(where=where, sequence=None, what="the anchor before it is missing")
        return _check_lines(file, where, only)


def _digest(file: IO[bytes]) -> bytes:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.digest()


def _check_lines(file: IO[bytes], where: str, only: UUID | None) -> Broken | None:
    """Hold what the anchor says against what stands, some lines at a time."""
    # Iterating over a file of Django begins it anew.
    lines = (json.loads(line) for line in iter(file.readline, b""))
    wanted = (said for said in lines if only is None or said["organization"] == str(only))
    while batch := list(islice(wanted, AT_ONCE)):
        said = {(UUID(line["organization"]), line["sequence"]): line["hash"] for line in batch}
        with connections["users"].cursor() as cursor:
            values: dict[str, Any] = {
                "trails": [trail for trail, _ in said],
                "sequences": [sequence for _, sequence in said],
            }
            cursor.execute(STANDING, values)
            for now in map(_Standing._make, cursor.fetchall()):
                what = _difference(said[now.trail, now.sequence], now)
                if what:
                    return Broken(where=f"{where}: {now.trail}", sequence=now.sequence, what=what)
    return None


def _difference(said: str, now: _Standing) -> str | None:
    """Return what is otherwise than the anchor says of one trail."""
    if now.newest is None:
        return "the trail is gone"
    if now.sequence > now.newest:
        return "the trail was cut short"
    if now.sequence < now.floor:
        return None  # cleared away when its retention ended
    found = now.floor_head if now.sequence == now.floor else now.found
    if found is None or bytes(found).hex() != said:
        return "another entry stands there"
    return None
