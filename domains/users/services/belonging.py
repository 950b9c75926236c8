"""What an account belongs to and is offered: read with as few queries as there is to show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Lower

from domains.users import models
from domains.users.services.people import composed
from kernel.permissions import Role
from kernel.principal import Principal
from kernel.queries import CompiledQuery, Given

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Place:
    """A membership as its owner sees it; `barred` is the code of what keeps this request out."""

    membership: models.Membership
    permissions: tuple[str, ...]
    barred: str | None
    teams: list[models.Team] = field(default_factory=list)

    @property
    def role_name(self) -> str:
        """What people call the role."""
        custom = self.membership.custom_role
        return custom.name if custom else self.membership.role

    @property
    def version(self) -> tuple[object, ...]:
        """All of it that can become another."""
        organization = self.membership.organization
        teams = [(team.id, team.updated_at) for team in self.teams]
        role = (self.membership.role_key, self.role_name)
        return organization.id, organization.updated_at, role, self.permissions, self.barred, teams


@dataclass(frozen=True, kw_only=True)
class Belonging:
    """Places, and what would become one: open invitations, and offers of an ownership."""

    profile: models.Profile | None
    places: list[Place]
    invitations: list[models.Invitation]
    offers: list[models.OwnershipTransfer]

    @property
    def version(self) -> tuple[object, ...]:
        """All of it that can become another."""
        invited = [(row.id, row.role_key, row.expires_at) for row in self.invitations]
        return [each.version for each in self.places], invited, [row.id for row in self.offers]


def _invitations(email: Any, now: Any) -> QuerySet[models.Invitation]:
    rows = models.Invitation.objects.everywhere().alias(address=Lower("email"))
    opened = rows.filter(accepted_at=None, expires_at__gt=now, organization__closed_at=None)
    return opened.filter(address=Lower(email))


def _offers(account_id: Any, now: Any) -> QuerySet[models.OwnershipTransfer]:
    """Return the offers that the account can accept: whoever lost the ownership gives none."""
    owner = models.Membership.objects.everywhere().filter(
        organization=OuterRef("organization"),
        account=OuterRef("from_account_id"),
        role=Role.OWNER.value,
    )
    rows = models.OwnershipTransfer.objects.everywhere().filter(Exists(owner))
    return rows.filter(to_account_id=account_id, expires_at__gt=now)


def _memberships_and_more() -> QuerySet[models.Membership]:
    """Return the memberships, and whether there is anything of each kind to ask for besides."""
    in_teams = models.TeamMembership.objects.everywhere().filter(membership=OuterRef("id"))
    invited = _invitations(Given("email", TextField()), Given("now"))
    offered = _offers(Given("account_id"), Given("now"))
    return (
        models.Membership.objects.everywhere()
        .filter(account_id=Given("account_id"))
        .select_related("organization", "account", "custom_role")
        .annotate(has_teams=Exists(in_teams), invited=Exists(invited), offered=Exists(offered))
        .order_by("id")
    )


_ROWS = CompiledQuery(_memberships_and_more)


def load(principal: Principal, *, account_id: UUID, email: str, now: datetime) -> Belonging:
    """Return what the request may know of; `email` is verified, or empty.

    One query, and one more for each of teams, invitations and offers that there are.
    """
    address = composed(email)
    rows: list[Any] = _ROWS(account_id=account_id, email=address, now=now)
    first = rows[0] if rows else None
    person = principal.kind == "account"
    invited = person and (first is None or first.invited)
    offered = person and (first is None or first.offered)
    return Belonging(
        profile=first and first.account,
        places=_places(rows, principal),
        invitations=list(_shown(_invitations(Value(address), now))) if invited else [],
        offers=list(_shown(_offers(account_id, now))) if offered else [],
    )


def _shown(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("organization").order_by("id")


def _places(rows: list[Any], principal: Principal) -> list[Place]:
    teams = _teams([row.id for row in rows if row.has_teams])
    known = principal.memberships.keys() | principal.barred.keys()
    return [_place(row, principal, teams[row.id]) for row in rows if row.organization_id in known]


def _place(row: models.Membership, principal: Principal, teams: list[models.Team]) -> Place:
    barrier = principal.barred.get(row.organization_id)
    held = principal.memberships.get(row.organization_id, _NOTHING)
    return Place(
        membership=row,
        permissions=_in_order(held),
        barred=barrier.code if barrier else None,
        teams=teams if barrier is None else [],
    )


def _teams(membership_ids: list[UUID]) -> dict[UUID, list[models.Team]]:
    found = defaultdict(list)
    if membership_ids:
        rows = models.TeamMembership.objects.filter(Q(membership_id__in=membership_ids))
        for row in rows.select_related("team").order_by("team__path"):
            found[row.membership_id].append(row.team)
    return found


@lru_cache(maxsize=1024)
def _in_order(permissions: frozenset[str]) -> tuple[str, ...]:
    """Return them sorted: most people share few sets."""
    return tuple(sorted(permissions))
