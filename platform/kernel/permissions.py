"""Permissions as the domains declare them, and the built-in roles that hold them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class Role(StrEnum):
    """The built-in roles in an organization, the strongest first."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


EVERYBODY = tuple(Role)

registry: dict[str, Permission] = {}


@dataclass(frozen=True)
class Permission:
    """What a role may allow; `name` is `<domain>.<thing>:<verb>`. Declaring it registers it."""

    name: str
    description: str
    roles: tuple[Role, ...]

    def __post_init__(self) -> None:
        if registry.setdefault(self.name, self) != self:
            raise TypeError(f"The permission {self.name} is declared twice")
        permissions_of.cache_clear()


@cache
def permissions_of(role: Role) -> frozenset[str]:
    """Return the names of all permissions that the built-in role holds."""
    return frozenset(p.name for p in registry.values() if role in p.roles)
