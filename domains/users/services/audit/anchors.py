"""Anchors: each day a signed list of where the trails stand, kept where the database isn't.

Whoever rewrites a trail, with all its hashes, would have to rewrite these too, and can't sign
them. Each names the digest of the one before, so that none goes missing unseen.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from django.core.files import File
from django.core.files.storage import Storage, storages

from domains.users.models import AuditAnchor, AuditChain
from domains.users.services.audit import keys
from domains.users.services.audit.chain import canonical, written_time
from kernel.db import transaction

VERSION = 1
FOLDER = "audit/anchors"
AT_ONCE = 2000
# A trail says when the transaction began that moved it; it was committed some time later.
OVERLAP = timedelta(hours=1)


def storage() -> Storage:
    """Return where anchors and exports are kept."""
    return storages["records"]


def anchor(*, now: datetime) -> AuditAnchor:
    """Write and sign today's list of the trails that moved since the last; once a day."""
    day = now.date()
    known = AuditAnchor.objects.filter(day=day).first()
    if known is not None:
        return known
    last = AuditAnchor.objects.filter(day__lt=day).order_by("-day").first()
    key = f"{FOLDER}/{day}.jsonl"
    with tempfile.TemporaryFile() as file:
        trails, digest = _write(file, last, now=now)
        key_id, signature = keys.sign(signed_text(str(day), digest))
        _store(key, file)
        _store_signature(key, digest=digest, key_id=key_id, signature=signature)
    with transaction("users"):
        made = AuditAnchor(
            day=day,
            storage_key=key,
            digest=digest,
            key_id=key_id,
            signature=signature,
            trails=trails,
            created_at=now,
        )
        AuditAnchor.objects.bulk_create([made], ignore_conflicts=True)
    return AuditAnchor.objects.get(day=day)


def signed_text(day: str, digest: bytes) -> bytes:
    """Return what is signed of an anchor."""
    return keys.PURPOSE + b"\n" + canonical({"day": day, "sha256": digest.hex()})


def heads(last: AuditAnchor | None) -> Iterator[tuple[UUID, int, bytes]]:
    """Yield the trails that moved since the anchor, in the order of their ids."""
    after = UUID(int=0)
    moved = AuditChain.objects.filter(sequence__gt=0)
    if last is not None:
        moved = moved.filter(moved_at__gte=last.created_at - OVERLAP)
    rows = list(_page(moved.filter(organization_id__gte=after)))
    while rows:
        yield from rows
        rows = list(_page(moved.filter(organization_id__gt=rows[-1][0])))


def _page(chains: Any) -> Any:
    columns = ("organization_id", "sequence", "head")
    return chains.order_by("organization_id").values_list(*columns)[:AT_ONCE]


def _write(file: IO[bytes], last: AuditAnchor | None, *, now: datetime) -> tuple[int, bytes]:
    """Write the list; return how many trails are in it, and its digest."""
    previous = bytes(last.digest).hex() if last else None
    opening = {"v": VERSION, "at": written_time(now), "previous": previous}
    digest, trails = hashlib.sha256(), 0
    _add(file, digest, opening)
    for organization_id, sequence, head in heads(last):
        standing = {
            "organization": str(organization_id),
            "sequence": sequence,
            "hash": bytes(head).hex(),
        }
        _add(file, digest, standing)
        trails += 1
    return trails, digest.digest()


def _add(file: IO[bytes], digest: Any, line: dict[str, Any]) -> None:
    text = canonical(line) + b"\n"
    file.write(text)
    digest.update(text)


def _store(key: str, file: IO[bytes]) -> None:
    """Put the file under the key, in place of what a killed attempt left there."""
    file.seek(0)
    storage().delete(key)
    storage().save(key, File(file))


def _store_signature(key: str, *, digest: bytes, key_id: str, signature: bytes) -> None:
    """Put the signature beside the list, so that both can be checked without the database."""
    said = {
        "algorithm": "Ed25519",
        "key_id": key_id,
        "sha256": digest.hex(),
        "signature": signature.hex(),
    }
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps(said, indent=1).encode() + b"\n")
        _store(f"{key}.sig", file)
