"""People for tests: accounts of auth, and what the gateway would make of their requests."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domains.auth import interface as auth
from domains.users import interface as users
from kernel.ids import uuid7
from kernel.principal import Principal

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Person:
    account_id: UUID
    email: str

    def principal(self, organization_id: UUID | None = None) -> Principal:
        """Return who asks, as the gateway finds it for a new request."""
        access = users.get_access(account_id=self.account_id, organization_id=organization_id)
        return Principal(
            kind="account",
            account_id=self.account_id,
            session_id=uuid7(),
            organization_id=access.organization_id,
            memberships={m.organization_id: frozenset(m.permissions) for m in access.memberships},
            teams={
                t.team_id: frozenset(t.permissions) for m in access.memberships for t in m.teams
            },
        )

    def key(self, organization_id: UUID, *permissions: str) -> Principal:
        """Return what asks with an API key of this person."""
        return Principal(
            kind="api_key",
            account_id=self.account_id,
            api_key_id=uuid7(),
            organization_id=organization_id,
            memberships={organization_id: frozenset(permissions)},
        )


def person(name: str = "ada") -> Person:
    """Return somebody with a verified address."""
    account = auth.ensure_account(email=f"{name}@example.com", password=PASSWORD)
    return Person(account_id=account.id, email=account.email)


def organization_of(owner: Person, name: str = "Engines") -> UUID:
    """Return an organization that the person owns."""
    return users.ensure_organization(account_id=owner.account_id, name=name).id


def member_of(organization_id: UUID, name: str, role: str = "member") -> Person:
    """Return somebody who belongs to the organization."""
    someone = person(name)
    users.ensure_member(organization_id=organization_id, account_id=someone.account_id, role=role)
    return someone
