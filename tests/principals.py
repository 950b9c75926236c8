"""Callers for tests of services, below the gateway."""

from __future__ import annotations

from uuid import UUID

from kernel.ids import uuid7
from kernel.permissions import Role, permissions_of
from kernel.principal import Principal


def member_of(organization_id: UUID, role: Role = Role.OWNER) -> Principal:
    """A person in a session who has the role in this one organization."""
    return Principal(
        kind="account",
        account_id=uuid7(),
        session_id=uuid7(),
        organization_id=organization_id,
        memberships={organization_id: permissions_of(role)},
    )


def machine_of(account_id: UUID) -> Principal:
    """A person's API key, which has no session."""
    organization_id = uuid7()
    return Principal(
        kind="api_key",
        account_id=account_id,
        api_key_id=uuid7(),
        organization_id=organization_id,
        memberships={organization_id: frozenset()},
    )
