"""The chain: what an entry's hash is over, and how entries are added to their trails.

How it is written is a promise to whoever checks a trail in ten years: see docs/adr/0085.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from json.encoder import encode_basestring as quoted
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections

INSTALLATION = UUID(int=0)
NOBODY = UUID(int=0)
NO_PERSONAL = bytes(32)
VERSION = 1

OPEN = """
    INSERT INTO audit_chain (organization_id, sequence, head, floor, floor_head)
    SELECT id, 0, head, 0, head
    FROM unnest(%(ids)s::uuid[], %(heads)s::bytea[]) AS made (id, head)
    ON CONFLICT DO NOTHING
"""
LOCK = """
    SELECT organization_id, sequence, head FROM audit_chain
    WHERE organization_id = ANY(%(ids)s::uuid[]) ORDER BY organization_id FOR NO KEY UPDATE
"""
# Half of what INSERT takes of JSON, and it needs no other right. The first columns are `Spelled`.
COPY = """
    COPY audit_entry (id, organization_id, occurred_at, action, actor_kind, actor_id, on_behalf_of,
        target_kind, target_id, facts, trace_id, sequence, personal, personal_salt,
        personal_digest, hash)
    FROM STDIN
"""
ADVANCE = """
    UPDATE audit_chain AS chain SET sequence = new.sequence, head = new.head
    FROM unnest(%(ids)s::uuid[], %(sequences)s::bigint[], %(heads)s::bytea[])
        AS new (id, sequence, head)
    WHERE chain.organization_id = new.id
"""


class Draft(NamedTuple):
    """An entry that has no place in its trail yet."""

    id: UUID
    organization_id: UUID
    occurred_at: datetime
    action: str
    actor_kind: str
    actor_id: UUID
    on_behalf_of: UUID | None
    target_kind: str
    target_id: str
    facts: dict[str, Any]
    trace_id: str = ""
    personal: Mapping[str, Any] | None = None


def canonical(document: Mapping[str, Any]) -> bytes:
    """Return the one way in which the document is written: JSON with sorted keys, in UTF-8."""
    return _encoded(_text(document))


# The encoder is built once; `json.dumps` builds one for each call.
_text = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def genesis(organization_id: UUID) -> bytes:
    """Return what stands before the first entry of a trail: another for each."""
    return hashlib.sha256(b"tenon.audit.v1:" + organization_id.bytes).digest()


def digest_personal(personal: Mapping[str, Any], salt: bytes) -> bytes:
    """Return what remains of the personal parts in the chain; nobody can guess them from it."""
    return hashlib.sha256(salt + canonical(personal)).digest()


class Spelled(NamedTuple):
    """The parts of an entry in the form in which they are hashed and stored."""

    id: str
    organization: str
    at: str
    action: str
    actor_kind: str
    actor: str
    on_behalf_of: str | None
    target_kind: str
    target: str
    facts: str
    trace: str


def spell(entry: Any) -> Spelled:
    """Return the parts of an entry (a draft or a row)."""
    return Spelled(
        str(entry.id),
        str(entry.organization_id),
        written_time(entry.occurred_at),
        entry.action,
        str(entry.actor_kind),
        str(entry.actor_id),
        str(entry.on_behalf_of) if entry.on_behalf_of else None,
        entry.target_kind,
        entry.target_id,
        _text(entry.facts),
        entry.trace_id,
    )


def hash_entry(entry: Any, *, sequence: int, previous: bytes, personal_digest: bytes) -> bytes:
    """Return the hash of an entry (a draft or a row) at its place in the trail."""
    return _hash(spell(entry), sequence, previous, personal_digest)


def _hash(spelled: Spelled, sequence: int, previous: bytes, personal_digest: bytes) -> bytes:
    written = write_entry(
        spelled, sequence=sequence, previous=previous, personal_digest=personal_digest
    )
    return hashlib.sha256(written).digest()


def write_entry(
    spelled: Spelled, *, sequence: int, previous: bytes, personal_digest: bytes
) -> bytes:
    """Return the canonical document that is hashed, faster than by sorting its keys each time."""
    on_behalf_of = f'"{spelled.on_behalf_of}"' if spelled.on_behalf_of else "null"
    return _encoded(
        f'{{"action":{quoted(spelled.action)},"actor":"{spelled.actor}",'
        f'"actor_kind":{quoted(spelled.actor_kind)},"at":"{spelled.at}","facts":{spelled.facts},'
        f'"id":"{spelled.id}","on_behalf_of":{on_behalf_of},'
        f'"organization":"{spelled.organization}","personal":"{personal_digest.hex()}",'
        f'"previous":"{previous.hex()}","sequence":{sequence},"target":{quoted(spelled.target)},'
        f'"target_kind":{quoted(spelled.target_kind)},"trace":{quoted(spelled.trace)},'
        f'"v":{VERSION}}}'
    )


def written_time(moment: datetime) -> str:
    """Return the time as it stands in a hash: in UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def append(drafts: Iterable[Draft]) -> None:
    """Add the entries to their trails, in their order. Runs in the caller's transaction.

    The trails are locked in the order of their ids, so that two batches never wait for each other.
    """
    ordered = sorted(drafts, key=attrgetter("organization_id"))
    if not ordered:
        return
    ids = sorted({draft.organization_id for draft in ordered})
    heads = _lock(ids)
    with connections["users"].cursor() as cursor:
        with cursor.copy(COPY) as copy:
            for draft in ordered:
                copy.write_row(_place(draft, heads))
        ends = [heads[id_] for id_ in ids]
        values: dict[str, Any] = {
            "ids": ids,
            "sequences": [sequence for sequence, _ in ends],
            "heads": [head for _, head in ends],
        }
        cursor.execute(ADVANCE, values)


def _lock(ids: list[UUID]) -> dict[UUID, tuple[int, bytes]]:
    """Return how far each trail is, and its newest hash; both are the caller's until it commits."""
    with connections["users"].cursor() as cursor:
        # First those that are new: whoever waits for one holds no lock that its maker waits for.
        made: dict[str, Any] = {"ids": ids, "heads": [genesis(id_) for id_ in ids]}
        cursor.execute(OPEN, made)
        cursor.execute(LOCK, {"ids": ids})
        return {id_: (sequence, bytes(head)) for id_, sequence, head in cursor.fetchall()}


def _place(draft: Draft, heads: dict[UUID, tuple[int, bytes]]) -> tuple[Any, ...]:
    """Return the draft's row at the end of its trail, which it moves."""
    last, previous = heads[draft.organization_id]
    personal, salt, digest = _seal(draft.personal)
    spelled = spell(draft)
    head = _hash(spelled, last + 1, previous, digest)
    heads[draft.organization_id] = (last + 1, head)
    return (*spelled, last + 1, personal, salt, digest, head)


def _seal(personal: Mapping[str, Any] | None) -> tuple[str | None, bytes | None, bytes]:
    """Return the personal parts in JSON, their salt, and what stands for them in the chain."""
    if not personal:
        return None, None, NO_PERSONAL
    salt = secrets.token_bytes(16)
    return _text(personal), salt, digest_personal(personal, salt)
