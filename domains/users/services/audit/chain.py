"""The chain: what an entry's hash is over, and how entries are added to their trails.

How it is written is a promise to whoever checks a trail in ten years: see docs/adr/0085.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
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
INSERT = """
    INSERT INTO audit_entry (id, organization_id, sequence, occurred_at, action, actor_kind,
        actor_id, on_behalf_of, target_kind, target_id, facts, trace_id, personal,
        personal_salt, personal_digest, hash)
    SELECT id, organization_id, sequence, occurred_at, action, actor_kind, actor_id,
        on_behalf_of, target_kind, target_id, facts, trace_id, personal,
        decode(personal_salt, 'hex'), decode(personal_digest, 'hex'), decode(hash, 'hex')
    FROM json_to_recordset(%(rows)s) AS said (id uuid, organization_id uuid, sequence bigint,
        occurred_at timestamptz, action text, actor_kind text, actor_id uuid, on_behalf_of uuid,
        target_kind text, target_id text, facts jsonb, trace_id text, personal jsonb,
        personal_salt text, personal_digest text, hash text)
"""
ADVANCE = """
    UPDATE audit_chain AS chain SET sequence = new.sequence, head = new.head
    FROM unnest(%(ids)s::uuid[], %(sequences)s::bigint[], %(heads)s::bytea[])
        AS new (id, sequence, head)
    WHERE chain.organization_id = new.id
"""


@dataclass(frozen=True, kw_only=True)
class Draft:
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
    personal: dict[str, Any] = field(default_factory=dict)


def canonical(document: Mapping[str, Any]) -> bytes:
    """Return the one way in which the document is written: JSON with sorted keys, in UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def genesis(organization_id: UUID) -> bytes:
    """Return what stands before the first entry of a trail: another for each."""
    return hashlib.sha256(b"tenon.audit.v1:" + organization_id.bytes).digest()


def digest_personal(personal: Mapping[str, Any], salt: bytes) -> bytes:
    """Return what remains of the personal parts in the chain; nobody can guess them from it."""
    return hashlib.sha256(salt + canonical(personal)).digest()


def hash_entry(entry: Any, *, sequence: int, previous: bytes, personal_digest: bytes) -> bytes:
    """Return the hash of an entry (a draft or a row) at its place in the trail."""
    document = {
        "v": VERSION,
        "id": str(entry.id),
        "organization": str(entry.organization_id),
        "sequence": sequence,
        "at": written_time(entry.occurred_at),
        "action": entry.action,
        "actor_kind": entry.actor_kind,
        "actor": str(entry.actor_id),
        "on_behalf_of": entry.on_behalf_of and str(entry.on_behalf_of),
        "target_kind": entry.target_kind,
        "target": entry.target_id,
        "facts": entry.facts,
        "trace": entry.trace_id,
        "personal": personal_digest.hex(),
        "previous": previous.hex(),
    }
    return hashlib.sha256(canonical(document)).digest()


def written_time(moment: datetime) -> str:
    """Return the time as it stands in a hash: in UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def append(drafts: Iterable[Draft]) -> None:
    """Add the entries to their trails, in their order. Runs in the caller's transaction.

    The trails are locked in the order of their ids, so that two batches never wait for each other.
    """
    ordered = sorted(drafts, key=attrgetter("organization_id"))
    if not ordered:
        return
    ids = sorted({draft.organization_id for draft in ordered})
    heads = _lock(ids)
    rows = [_place(draft, heads) for draft in ordered]
    with connections["users"].cursor() as cursor:
        cursor.execute(INSERT, {"rows": json.dumps(rows)})
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


def _place(draft: Draft, heads: dict[UUID, tuple[int, bytes]]) -> dict[str, Any]:
    """Return the draft's row at the end of its trail, which it moves."""
    last, previous = heads[draft.organization_id]
    salt = secrets.token_bytes(16) if draft.personal else None
    digest = digest_personal(draft.personal, salt) if salt else NO_PERSONAL
    head = hash_entry(draft, sequence=last + 1, previous=previous, personal_digest=digest)
    heads[draft.organization_id] = (last + 1, head)
    return {
        "id": str(draft.id),
        "organization_id": str(draft.organization_id),
        "sequence": last + 1,
        "occurred_at": draft.occurred_at.isoformat(),
        "action": draft.action,
        "actor_kind": draft.actor_kind,
        "actor_id": str(draft.actor_id),
        "on_behalf_of": draft.on_behalf_of and str(draft.on_behalf_of),
        "target_kind": draft.target_kind,
        "target_id": draft.target_id,
        "facts": draft.facts,
        "trace_id": draft.trace_id,
        "personal": draft.personal if salt else None,
        "personal_salt": salt and salt.hex(),
        "personal_digest": digest.hex(),
        "hash": head.hex(),
    }
