"""One effect and one answer per `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07).

An attempt claims the key in a short transaction, with a lease in case it dies. Its answer is
stored in the transaction of its effect, under the claim: so either both stand or neither, and of
two attempts of which one thought the other dead only one can commit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections

from kernel import crypto
from kernel.errors import Conflict, Invalid
from kernel.ids import uuid7
from kernel.models import IdempotencyRecord

KEPT = timedelta(hours=24)
# Longer than any request may run: gunicorn ends a worker that is silent for 30 seconds.
LEASE = timedelta(seconds=60)
BATCH = 1000

_CLAIM = """
    INSERT INTO idempotency_record
        (id, scope, key, fingerprint, claim, leased_until, answer, expires_at)
    VALUES (%(id)s, %(scope)s, %(key)s, %(fingerprint)s, %(id)s, %(lease)s, '', %(expiry)s)
    ON CONFLICT (scope, key) DO UPDATE SET
        fingerprint = excluded.fingerprint, claim = excluded.claim,
        leased_until = excluded.leased_until, answer = '', expires_at = excluded.expires_at
    WHERE idempotency_record.expires_at <= %(now)s
        OR (idempotency_record.answer = '' AND idempotency_record.leased_until <= %(now)s)
    RETURNING 1
"""
_RECORD = "UPDATE idempotency_record SET answer = %s WHERE claim = %s AND answer = ''"
_RELEASE = "DELETE FROM idempotency_record WHERE claim = %s AND answer = ''"
_PURGE = """
    DELETE FROM {table} WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM {table} WHERE expires_at <= %s LIMIT %s FOR UPDATE SKIP LOCKED))
"""


class KeyReused(Invalid):
    code = "gateway.idempotency_key_reused"
    title = "The Idempotency-Key was used for another request"


class KeyInUse(Conflict):
    code = "gateway.idempotency_key_in_use"
    title = "The first request with this Idempotency-Key is still running"
    retry_after = 1


class ClaimLost(Conflict):
    code = "gateway.idempotency_claim_lost"
    title = "A later attempt with this Idempotency-Key has taken over"
    retry_after = 1


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A stored answer."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to run one request and to store its answer."""

    alias: str
    id: UUID


def claim(*, alias: str, scope: str, key: str, request: bytes, now: datetime) -> Claim | Answer:
    """Return the right to run the request, or the answer that it had before.

    `request` is all that makes it the same request. Raises `KeyReused` if it is another one, and
    `KeyInUse` while the first attempt is running.
    """
    mine = uuid7()
    values: dict[str, Any] = {
        "id": mine,
        "scope": scope,
        "key": key,
        "fingerprint": crypto.sign("idempotency", request),
        "lease": now + LEASE,
        "expiry": now + KEPT,
        "now": now,
    }
    with connections[alias].cursor() as cursor:
        cursor.execute(_CLAIM, values)
        if cursor.fetchone():
            return Claim(alias=alias, id=mine)
    return _answered(alias, scope, key, request)


def _answered(alias: str, scope: str, key: str, request: bytes) -> Answer:
    record = IdempotencyRecord.objects.using(alias).filter(scope=scope, key=key).first()
    if record is None:  # released a moment ago
        raise KeyInUse
    if not crypto.verify("idempotency", request, record.fingerprint):
        raise KeyReused("Send a new key with a new request.")
    if not record.answer:
        raise KeyInUse
    return Answer(**json.loads(crypto.decrypt(record.answer)))


def record(claim: Claim, answer: Answer) -> None:
    """Store the answer, in the open transaction if there is one.

    Raises `ClaimLost` if a later attempt has taken over, and then the effect must not stand.
    """
    content = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
    with connections[claim.alias].cursor() as cursor:
        cursor.execute(_RECORD, [crypto.encrypt(json.dumps(content)), claim.id])
        if not cursor.rowcount:
            raise ClaimLost


def release(claim: Claim) -> None:
    """Give the claim up, unless its answer stands: the request may be tried again."""
    with connections[claim.alias].cursor() as cursor:
        cursor.execute(_RELEASE, [claim.id])


def purge_expired(alias: str, now: datetime) -> None:
    """Delete what has expired from the alias, in batches."""
    for table in ("idempotency_record", "rate_counter"):
        with connections[alias].cursor() as cursor:
            cursor.execute(_PURGE.format(table=table), [now, BATCH])
            while cursor.rowcount == BATCH:
                cursor.execute(_PURGE.format(table=table), [now, BATCH])
