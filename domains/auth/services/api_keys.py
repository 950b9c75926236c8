"""API keys: a machine's way into one organization, within what their maker may do there."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import QuerySet

from domains.auth.contract.errors import (
    ApiKeyNotFound,
    ExpiryInPast,
    PermissionNotGrantable,
    SessionRequired,
)
from domains.auth.contract.events import ApiKeyCreated, ApiKeyRevoked
from domains.auth.contract.permissions import API_KEY_WRITE, SERVICE_ACCOUNT_WRITE
from domains.auth.models import ApiKey
from domains.auth.services import service_accounts
from kernel import api_key_format
from kernel.crypto import hash_secret
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal

Owner = Literal["person", "organization"]


def create_api_key(
    principal: Principal,
    *,
    name: str,
    permissions: list[str],
    expires_at: datetime | None,
    now: datetime,
    owner: Owner = "person",
    service_account_id: UUID | None = None,
) -> tuple[ApiKey, str]:
    """Return a new key for the current organization, and its secret: the one time it is seen.

    It is the caller's own, the organization's, or its service account's. Raise
    `SessionRequired`, `Forbidden`, `PermissionNotGrantable`, `ExpiryInPast` or
    `ServiceAccountNotFound`.
    """
    account_id = require_person(principal)
    principal.require(API_KEY_WRITE)
    outlives = owner == "organization" or service_account_id is not None
    if outlives:
        principal.require(SERVICE_ACCOUNT_WRITE)
    require_held(principal, permissions)
    if expires_at is not None and expires_at <= now:
        raise ExpiryInPast(pointer="/expires_at")
    with transaction("auth"):
        if service_account_id is not None:
            _require_held_by_machine(principal, service_account_id, permissions)
        return store_api_key(
            ApiKey(
                organization_id=principal.organization_id,
                account_id=None if outlives else account_id,
                service_account_id=service_account_id,
                created_by=account_id,
                name=name,
                permissions=sorted(set(permissions)),
                created_at=now,
                expires_at=expires_at,
            )
        )


def store_api_key(key: ApiKey) -> tuple[ApiKey, str]:
    """Give the new key its secret, and return both. Runs in the caller's transaction."""
    secret = api_key_format.new_api_key()
    key.prefix, key.key_hash = api_key_format.prefix_of(secret), hash_secret(secret)
    key.save(force_insert=True)
    publish(
        ApiKeyCreated(
            api_key_id=key.id,
            organization_id=key.organization_id,
            account_id=key.account_id,
            name=key.name,
            prefix=key.prefix,
        )
    )
    return key, secret


def list_api_keys(principal: Principal) -> QuerySet[ApiKey]:
    """Return the current organization's keys that were not revoked; raise `Forbidden`."""
    principal.require(API_KEY_WRITE)
    return ApiKey.objects.filter(organization_id=principal.organization_id, revoked_at=None)


def lock_api_key(principal: Principal, *, api_key_id: UUID) -> ApiKey:
    """Return the key, locked, of any organization of the caller's; raise `ApiKeyNotFound`.

    Raise `Forbidden` if the caller may not write keys there.
    """
    mine = ApiKey.objects.filter(organization_id__in=principal.organization_ids)
    key = mine.select_for_update().filter(id=api_key_id, revoked_at=None).first()
    if key is None:
        raise ApiKeyNotFound
    principal.require(API_KEY_WRITE, organization_id=key.organization_id)
    if key.account_id is None:
        principal.require(SERVICE_ACCOUNT_WRITE, organization_id=key.organization_id)
    return key


def revoke_api_key(principal: Principal, *, api_key_id: UUID, now: datetime) -> None:
    """Revoke the key for good; raise `SessionRequired`, `Forbidden` or `ApiKeyNotFound`."""
    require_person(principal)
    with transaction("auth"):
        _revoke(lock_api_key(principal, api_key_id=api_key_id), now=now)


def revoke_by_staff(*, api_key_ids: list[UUID], now: datetime) -> int:
    """Revoke the keys for good, whosever they are; return how many were not revoked before."""
    with transaction("auth"):
        live = ApiKey.objects.everywhere().filter(id__in=api_key_ids, revoked_at=None)
        keys = list(live.order_by("id").select_for_update())
        for key in keys:
            _revoke(key, now=now)
    return len(keys)


def _revoke(key: ApiKey, *, now: datetime) -> None:
    key.revoked_at = now
    key.save(update_fields=["revoked_at"])
    publish(
        ApiKeyRevoked(
            api_key_id=key.id,
            organization_id=key.organization_id,
            account_id=key.account_id,
            name=key.name,
        )
    )


def require_person(principal: Principal) -> UUID:
    """Return the account of a person in a session: a leaked key must not make others.

    Raise `SessionRequired`.
    """
    if principal.session_id is None or principal.account_id is None:
        raise SessionRequired
    return principal.account_id


def require_held(principal: Principal, permissions: list[str]) -> None:
    """Raise `PermissionNotGrantable` for the first of them that the caller doesn't hold."""
    held = principal.memberships.get(principal.organization_id, frozenset())
    _require_among(held, permissions)


def _require_held_by_machine(
    principal: Principal, service_account_id: UUID, permissions: list[str]
) -> None:
    machine = service_accounts.lock_service_account(
        principal, service_account_id=service_account_id, organization_id=principal.organization_id
    )
    _require_among(frozenset(machine.permissions), permissions)


def _require_among(held: frozenset[str], permissions: list[str]) -> None:
    for index, permission in enumerate(permissions):
        if permission not in held:
            raise PermissionNotGrantable(pointer=f"/permissions/{index}")
