"""Giving an API key a successor, while the former one counts on for as long as a change takes."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domains.auth.contract.errors import ApiKeyAlreadyRotated, ApiKeyNotFound
from domains.auth.contract.events import ApiKeyRotated
from domains.auth.models import ApiKey
from domains.auth.services import api_keys
from kernel.db import transaction
from kernel.errors import Forbidden
from kernel.events import publish
from kernel.principal import Principal


def rotate_api_key(
    principal: Principal, *, api_key_id: UUID, overlap: timedelta, now: datetime
) -> tuple[ApiKey, str]:
    """Return a successor with the key's scope and lifetime, and its secret.

    The former key counts until the overlap ends. Raise `SessionRequired`, `Forbidden`,
    `ApiKeyNotFound`, or `ApiKeyAlreadyRotated` while a successor lives.
    """
    account_id = api_keys.require_person(principal)
    with transaction("auth"):
        key = api_keys.lock_api_key(principal, api_key_id=api_key_id)
        _require_rotatable(principal, key, now=now)
        successor, secret = api_keys.store_api_key(_like(key, created_by=account_id, now=now))
        ends_at = min(now + overlap, key.expires_at or now + overlap)
        key.successor, key.expires_at = successor, ends_at
        key.save(update_fields=["successor", "expires_at"])
        publish(
            ApiKeyRotated(
                api_key_id=key.id,
                organization_id=key.organization_id,
                account_id=key.account_id,
                successor_id=successor.id,
                name=key.name,
                overlap_ends_at=ends_at,
            )
        )
    return successor, secret


def _require_rotatable(principal: Principal, key: ApiKey, *, now: datetime) -> None:
    """Refuse to hand somebody a key that may more than they may, or that acts as somebody else."""
    if key.account_id not in (None, principal.account_id):
        raise Forbidden("Only its owner can rotate a person's key.")
    held = principal.memberships.get(key.organization_id, frozenset())
    if key.account_id is None and not held.issuperset(key.permissions):
        raise Forbidden("The key may do more than you may.")
    if key.expires_at is not None and key.expires_at <= now:
        raise ApiKeyNotFound("It has expired.")
    if key.successor is not None and key.successor.revoked_at is None:
        raise ApiKeyAlreadyRotated


def _like(key: ApiKey, *, created_by: UUID, now: datetime) -> ApiKey:
    return ApiKey(
        organization_id=key.organization_id,
        account_id=key.account_id,
        service_account_id=key.service_account_id,
        created_by=created_by,
        name=key.name,
        permissions=key.permissions,
        created_at=now,
        expires_at=key.expires_at and now + (key.expires_at - key.created_at),
    )
