"""Where money moves, a request without a key is refused."""

from __future__ import annotations

from rest_framework.request import Request

from kernel.errors import Malformed


class IdempotencyKeyRequired(Malformed):
    code = "kernel.idempotency_key_required"
    title = "Idempotency-Key is required"


def require_idempotency_key(request: Request) -> str:
    """Return the request's `Idempotency-Key`; raise `IdempotencyKeyRequired` if there is none."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise IdempotencyKeyRequired("Send a key of your own, and the same one when you repeat.")
    return key
