"""Who asks, and what they may do where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from kernel.errors import Forbidden
from kernel.permissions import Permission

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Principal:
    """An authenticated caller: a person's account in a session, or an API key.

    A key is a person's (`account_id`), a service account's, or the organization's own.

    `organization_id` is the one that the request is about; `memberships` maps every
    organization that the caller may act in onto the names of the permissions held there, `teams`
    a team onto those held in it, and in the teams within it, besides. `barred` says of the other
    organizations that the caller belongs to what keeps this request out. `impersonator_id` is the
    staff who act as the account, `proven_at` when who asks was last proven to be its owner, `mfa`
    whether by several factors.
    """

    kind: Literal["account", "api_key"]
    account_id: UUID | None
    session_id: UUID | None = None
    impersonator_id: UUID | None = None
    api_key_id: UUID | None = None
    service_account_id: UUID | None = None
    proven_at: datetime | None = None
    mfa: bool = False
    organization_id: UUID
    memberships: Mapping[UUID, frozenset[str]]
    teams: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    barred: Mapping[UUID, Forbidden] = field(default_factory=dict)

    # Django REST framework and Django ask this of whatever stands in request.user.
    is_authenticated = True
    is_active = True

    @property
    def organization_ids(self) -> frozenset[UUID]:
        """Every organization whose resources this caller may know of."""
        return frozenset(self.memberships)

    def may(
        self,
        permission: Permission,
        *,
        organization_id: UUID | None = None,
        within: Iterable[UUID] = (),
    ) -> bool:
        """Return whether the permission is held in the organization (default: the current one).

        `within` are the teams around what it is asked for: held in one of them is enough.
        """
        held = self.memberships.get(organization_id or self.organization_id)
        if held is None:
            return False
        return permission.name in held or any(
            permission.name in self.teams.get(team_id, _NOTHING) for team_id in within
        )

    def require(
        self,
        permission: Permission,
        *,
        organization_id: UUID | None = None,
        within: Iterable[UUID] = (),
    ) -> None:
        """Raise `Forbidden` unless the permission is held there, or what bars the caller there."""
        if self.may(permission, organization_id=organization_id, within=within):
            return
        barrier = self.barred.get(organization_id or self.organization_id)
        raise barrier or Forbidden(f"This needs the permission {permission.name}.")
