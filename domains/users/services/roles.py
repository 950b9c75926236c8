"""Roles by their keys: a built-in one's name, or the id of one of the organization's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from domains.users import models
from domains.users.contract.errors import RoleNotFound
from domains.users.services.standing import named_permissions
from kernel.permissions import Permission, Role, permissions_of, registry

BUILT_IN = frozenset(role.value for role in Role)


@dataclass(frozen=True, kw_only=True)
class GivenRole:
    """A role that can be given in one organization: built in (`role`), or a custom one."""

    role: str = ""
    custom_role: models.CustomRole | None = None

    @property
    def key(self) -> str:
        """What names the role in the API and in events."""
        return str(self.custom_role.id) if self.custom_role else self.role

    @property
    def name(self) -> str:
        """What people call the role."""
        return self.custom_role.name if self.custom_role else self.role

    @property
    def permissions(self) -> frozenset[str]:
        """Return the names of the permissions that the role is made of."""
        if self.custom_role:
            return named_permissions(self.custom_role.permissions)
        return permissions_of(Role(self.role))

    def put_on(self, row: models.HoldsRole) -> None:
        """Have the row give this role; the caller saves it."""
        row.role, row.custom_role = self.role, self.custom_role


def list_permissions() -> list[Permission]:
    """Return every permission that a domain declares, by name."""
    return sorted(registry.values(), key=lambda permission: permission.name)


def resolve_role(organization: models.Organization, key: str) -> GivenRole:
    """Return the role of that key, as the organization knows it.

    Call it under the organization's lock where something is given: a role can't be deleted
    meanwhile. Raise `RoleNotFound` alike for an unknown one and another organization's.
    """
    if key in BUILT_IN:
        return GivenRole(role=key)
    try:
        role_id = UUID(key)
    except ValueError as error:
        raise RoleNotFound from error
    custom = models.CustomRole.objects.within(organization.id).filter(id=role_id).first()
    if custom is None:
        raise RoleNotFound
    return GivenRole(custom_role=custom)


def canonical(key: str) -> str:
    """Return the role's key in its one spelling; what can be none as it is."""
    id_ = _id_of(key)
    return str(id_) if id_ else key


def find_roles(organization: models.Organization, keys: Iterable[str]) -> dict[str, GivenRole]:
    """Return by their keys those of the roles that the organization has, all in one query."""
    wanted = set(keys)
    found = {key: GivenRole(role=key) for key in wanted & BUILT_IN}
    ids = [id_ for key in wanted - BUILT_IN if (id_ := _id_of(key))]
    if ids:
        own = models.CustomRole.objects.within(organization.id).filter(id__in=ids)
        found |= {str(role.id): GivenRole(custom_role=role) for role in own}
    return found


def _id_of(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


def strength(row: models.HoldsRole) -> int:
    """Return how many permissions the row's role has: the more, the stronger."""
    return len(role_of(row).permissions)


def role_of(row: models.HoldsRole) -> GivenRole:
    """Return the role that the row gives."""
    return GivenRole(role=row.role, custom_role=row.custom_role)
