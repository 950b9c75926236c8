"""What people call roles, asked by whoever writes to them."""

from __future__ import annotations

from uuid import UUID

from domains.users import models
from domains.users.contract.data import RoleName
from kernel.permissions import Role

_BUILT_IN = frozenset(role.value for role in Role)


def get_role_names(*, organization_id: UUID, roles: list[str]) -> list[RoleName]:
    """Return the names of those of the roles that the organization has, in no particular order."""
    built_in = [RoleName(key=key, name=key) for key in roles if key in _BUILT_IN]
    ids = [found for key in roles if key not in _BUILT_IN and (found := _id(key))]
    if not ids:
        return built_in
    own = models.CustomRole.objects.within(organization_id).filter(id__in=ids)
    return [*built_in, *(RoleName(key=str(role.id), name=role.name) for role in own)]


def _id(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
