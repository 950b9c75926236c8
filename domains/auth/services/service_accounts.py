"""Service accounts: machines that belong to an organization and outlive whoever made them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from domains.auth.contract.errors import (
    PermissionNotGrantable,
    ServiceAccountNotFound,
    SessionRequired,
)
from domains.auth.contract.events import ServiceAccountCreated, ServiceAccountDisabled
from domains.auth.contract.permissions import SERVICE_ACCOUNT_WRITE
from domains.auth.models import ServiceAccount
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal


def create_service_account(
    principal: Principal, *, name: str, permissions: list[str], now: datetime
) -> ServiceAccount:
    """Return a new service account of the current organization.

    Raise `SessionRequired`, `Forbidden`, or `PermissionNotGrantable` for what the caller lacks.
    """
    account_id = _require_person(principal)
    principal.require(SERVICE_ACCOUNT_WRITE)
    held = principal.memberships.get(principal.organization_id, frozenset())
    for index, permission in enumerate(permissions):
        if permission not in held:
            raise PermissionNotGrantable(pointer=f"/permissions/{index}")
    with transaction("auth"):
        machine = ServiceAccount.objects.create(
            organization_id=principal.organization_id,
            name=name,
            permissions=sorted(set(permissions)),
            created_by=account_id,
            created_at=now,
        )
        publish(
            ServiceAccountCreated(
                service_account_id=machine.id, organization_id=machine.organization_id, name=name
            )
        )
    return machine


def list_service_accounts(principal: Principal) -> QuerySet[ServiceAccount]:
    """Return those of the current organization that are not disabled; raise `Forbidden`."""
    principal.require(SERVICE_ACCOUNT_WRITE)
    return ServiceAccount.objects.filter(
        organization_id=principal.organization_id, disabled_at=None
    )


def get_service_account(principal: Principal, *, service_account_id: UUID) -> ServiceAccount:
    """Return the one of the caller's organizations; raise `ServiceAccountNotFound`."""
    found = _of_caller(principal).filter(id=service_account_id).first()
    return _may_write(principal, found)


def lock_service_account(
    principal: Principal, *, service_account_id: UUID, organization_id: UUID
) -> ServiceAccount:
    """Return the organization's, locked, so that it isn't disabled meanwhile.

    Raise `ServiceAccountNotFound`. Runs in the caller's transaction.
    """
    rows = _of_caller(principal).filter(organization_id=organization_id)
    return _may_write(principal, rows.select_for_update().filter(id=service_account_id).first())


def disable_service_account(
    principal: Principal, *, service_account_id: UUID, now: datetime
) -> None:
    """Disable it, and revoke its keys, for good.

    Raise `SessionRequired`, `Forbidden` or `ServiceAccountNotFound`.
    """
    _require_person(principal)
    with transaction("auth"):
        rows = _of_caller(principal).select_for_update()
        machine = _may_write(principal, rows.filter(id=service_account_id).first())
        disable(machine, now=now)


def disable(machine: ServiceAccount, *, now: datetime) -> None:
    """Disable the service account, which is locked. Runs in the caller's transaction."""
    machine.disabled_at = now
    machine.save(update_fields=["disabled_at"])
    machine.api_keys.filter(revoked_at=None).update(revoked_at=now)
    publish(
        ServiceAccountDisabled(
            service_account_id=machine.id,
            organization_id=machine.organization_id,
            name=machine.name,
        )
    )


def _of_caller(principal: Principal) -> QuerySet[ServiceAccount]:
    return ServiceAccount.objects.filter(
        organization_id__in=principal.organization_ids, disabled_at=None
    )


def _may_write(principal: Principal, found: ServiceAccount | None) -> ServiceAccount:
    if found is None:
        raise ServiceAccountNotFound
    principal.require(SERVICE_ACCOUNT_WRITE, organization_id=found.organization_id)
    return found


def _require_person(principal: Principal) -> UUID:
    if principal.session_id is None or principal.account_id is None:
        raise SessionRequired
    return principal.account_id
