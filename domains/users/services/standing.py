"""Reading what decides: every membership of an account and every role that reaches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connections

from domains.users.contract.data import OrganizationPolicy
from domains.users.services.decision import Grant, Standing
from kernel.permissions import Role, permissions_of, registry

# A function of the database's own (migration 0009), which plans it once for each connection and
# not with each request: a row for each membership and role that reaches it.
_READ = "SELECT * FROM standing_of(%s, %s)"

Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """An account's place in one organization; `own` marks the personal one made for it."""

    membership_id: UUID
    standing: Standing
    own: bool
    policy: OrganizationPolicy | None


def load_places(*, account_id: UUID) -> list[Place]:
    """Return the account's place in every organization it belongs to, in the order of joining."""
    return _places(account_id, None)


def load_place(*, account_id: UUID, organization_id: UUID) -> Place | None:
    """Return the account's place in the organization, None if it doesn't belong there."""
    return next(iter(_places(account_id, organization_id)), None)


def named_permissions(names: Sequence[str]) -> frozenset[str]:
    """Return those of the permissions that a domain still declares."""
    return frozenset(names).intersection(registry)


def _places(account_id: UUID, organization_id: UUID | None) -> list[Place]:
    with connections["users"].cursor() as cursor:
        cursor.execute(_READ, [account_id, organization_id])
        rows = cursor.fetchall()
    return [_place(list(same)) for _, same in groupby(rows, key=lambda row: row[0])]


def _place(rows: list[Row]) -> Place:
    (id_, organization_id, role, custom_id, name, names, own, closed, who, *policy) = rows[0][:13]
    key, role_name, permissions = _role(role, custom_id, name, names)
    return Place(
        membership_id=id_,
        own=own,
        policy=_policy(policy),
        standing=Standing(
            organization_id=organization_id,
            role=key,
            role_name=role_name,
            permissions=permissions,
            grants=tuple(_grant(row[13:]) for row in rows if row[13] is not None),
            closed=closed,
            who_may_invite=who,
        ),
    )


def _grant(row: Row) -> Grant:
    assignment_id, role, custom_id, name, names, team_id, scope_id = row
    key, role_name, permissions = _role(role, custom_id, name, names)
    return Grant(
        assignment_id=assignment_id,
        role=key,
        role_name=role_name,
        permissions=permissions,
        via_team_id=team_id,
        scope_id=scope_id,
    )


def _role(
    role: str, custom_id: UUID | None, name: str, names: Sequence[str]
) -> tuple[str, str, frozenset[str]]:
    if role:
        return role, role, permissions_of(Role(role))
    return str(custom_id), name, named_permissions(names)


def _policy(columns: list[Any]) -> OrganizationPolicy | None:
    mfa_required, session_lifetime, networks, domains = columns
    if not (mfa_required or session_lifetime or networks or domains):
        return None
    return OrganizationPolicy(
        mfa_required=mfa_required,
        session_lifetime=session_lifetime,
        allowed_networks=tuple(networks),
        allowed_email_domains=tuple(domains),
    )
