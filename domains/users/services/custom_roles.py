"""The roles that organizations make for themselves; changed under the organization's lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from domains.users import models
from domains.users.contract.errors import (
    PermissionUnknown,
    RoleInUse,
    RoleLimitReached,
    RoleNameTaken,
    RoleNotFound,
)
from domains.users.contract.events import RoleCreated, RoleDeleted, RoleUpdated
from domains.users.contract.permissions import ROLE_READ, ROLE_WRITE
from domains.users.services.changes import apply
from domains.users.services.granting import require_holds, require_may_grant
from domains.users.services.organizations import lock_organization
from domains.users.services.roles import BUILT_IN, GivenRole
from domains.users.services.team_access import require_known
from kernel.db import transaction
from kernel.events import publish
from kernel.permissions import Permission, registry
from kernel.preconditions import Precondition, entity_tag
from kernel.principal import Principal

ROLES_PER_ORGANIZATION = 50


def list_roles(*, principal: Principal, organization_id: UUID) -> QuerySet[models.CustomRole]:
    """Return the organization's own roles; raise `OrganizationNotFound` or `Forbidden`."""
    _require(principal, organization_id, ROLE_READ)
    return models.CustomRole.objects.filter(organization_id=organization_id)


def get_role(*, principal: Principal, organization_id: UUID, role_id: UUID) -> models.CustomRole:
    """Return the role; raise `OrganizationNotFound`, `Forbidden` or `RoleNotFound`."""
    _require(principal, organization_id, ROLE_READ)
    return _find(organization_id, role_id)


def tag_of(role: models.CustomRole) -> str:
    """Return the entity tag of the role."""
    return entity_tag(role.id, role.updated_at)


def create_role(
    *,
    principal: Principal,
    organization_id: UUID,
    name: str,
    permissions: Sequence[str],
    description: str = "",
) -> models.CustomRole:
    """Make a role of permissions that the caller holds.

    Raise `OrganizationNotFound`, `Forbidden`, `PermissionUnknown`, `RoleAboveOwn`,
    `RoleNameTaken` or `RoleLimitReached`.
    """
    _require(principal, organization_id, ROLE_WRITE)
    _require_declared(permissions)
    with transaction("users"):
        organization = lock_organization(organization_id)
        require_holds(principal, organization, permissions)
        role = models.CustomRole(
            organization=organization,
            name=name,
            description=description,
            permissions=sorted(set(permissions)),
        )
        _require_room(organization)
        _require_free(role)
        role.save(force_insert=True)
        publish(
            RoleCreated(
                organization_id=organization_id,
                role_id=role.id,
                name=name,
                permissions=tuple(role.permissions),
            )
        )
        return role


def update_role(
    *,
    principal: Principal,
    organization_id: UUID,
    role_id: UUID,
    wanted: Mapping[str, Any],
    expected: Precondition,
) -> models.CustomRole:
    """Change the role for all who have it; only who holds all of it before and after may.

    Raise `OrganizationNotFound`, `Forbidden`, `PermissionUnknown`, `RoleNotFound`,
    `PreconditionFailed`, `RoleAboveOwn` or `RoleNameTaken`.
    """
    _require(principal, organization_id, ROLE_WRITE)
    _require_declared(wanted.get("permissions", ()))
    with transaction("users"):
        organization = lock_organization(organization_id)
        role = _find(organization_id, role_id)
        expected.check(tag_of(role))
        require_may_grant(principal, organization, GivenRole(custom_role=role))
        require_holds(principal, organization, wanted.get("permissions", ()))
        changes = apply(role, _normal(wanted))
        if changes:
            _require_free(role)
            role.save()
            publish(RoleUpdated(organization_id=organization_id, role_id=role_id, changes=changes))
        return role


def delete_role(*, principal: Principal, organization_id: UUID, role_id: UUID) -> None:
    """Delete a role that nobody has and nobody is invited to.

    Raise `OrganizationNotFound`, `Forbidden`, `RoleNotFound`, `RoleAboveOwn` or `RoleInUse`.
    """
    _require(principal, organization_id, ROLE_WRITE)
    with transaction("users"):
        organization = lock_organization(organization_id)
        role = _find(organization_id, role_id)
        require_may_grant(principal, organization, GivenRole(custom_role=role))
        _require_unused(organization, role)
        # Accepted ones are of no use any more; the trail keeps what they were.
        organization.invitations.filter(custom_role=role).delete()
        role.delete()
        publish(RoleDeleted(organization_id=organization_id, role_id=role_id, name=role.name))


def _require(principal: Principal, organization_id: UUID, permission: Permission) -> None:
    require_known(principal, organization_id)
    principal.require(permission, organization_id=organization_id)


def _find(organization_id: UUID, role_id: UUID) -> models.CustomRole:
    roles = models.CustomRole.objects.filter(organization_id=organization_id)
    role = roles.filter(id=role_id).first()
    if role is None:
        raise RoleNotFound
    return role


def _normal(wanted: Mapping[str, Any]) -> dict[str, Any]:
    if "permissions" not in wanted:
        return dict(wanted)
    return {**wanted, "permissions": sorted(set(wanted["permissions"]))}


def _require_declared(permissions: Sequence[str]) -> None:
    for index, permission in enumerate(permissions):
        if permission not in registry:
            raise PermissionUnknown(pointer=f"/permissions/{index}")


def _require_room(organization: models.Organization) -> None:
    if organization.custom_roles.count() >= ROLES_PER_ORGANIZATION:
        raise RoleLimitReached(f"An organization has {ROLES_PER_ORGANIZATION} at most.")


def _require_free(role: models.CustomRole) -> None:
    """Raise `RoleNameTaken` if another role of the organization, built in or not, is called so."""
    others = models.CustomRole.objects.filter(organization_id=role.organization_id)
    same = others.alias(folded=Lower("name")).filter(folded=Lower(Value(role.name)))
    if role.name.lower() in BUILT_IN or same.exclude(id=role.id).exists():
        raise RoleNameTaken


def _require_unused(organization: models.Organization, role: models.CustomRole) -> None:
    uses: dict[str, Any] = {
        "members": organization.memberships.filter(custom_role=role).count(),
        "assignments": organization.role_assignments.filter(custom_role=role).count(),
        "invitations": organization.invitations.filter(custom_role=role, accepted_at=None).count(),
    }
    if any(uses.values()):
        raise RoleInUse("Give another role instead, then delete this one.", **uses)
