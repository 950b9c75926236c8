"""The members of an organization."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from domains.users import models
from domains.users.contract.data import Member
from domains.users.contract.errors import LastOwner, MemberNotFound
from domains.users.contract.permissions import MEMBER_READ
from domains.users.services.memberships import join
from domains.users.services.organizations import get_membership, lock_organization
from domains.users.services.people import get_emails
from domains.users.services.roles import resolve_role
from domains.users.services.team_access import require_known
from domains.users.services.team_members import in_teams
from kernel.db import transaction
from kernel.permissions import Role
from kernel.preconditions import entity_tag
from kernel.principal import Principal


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A membership with the person's e-mail address, which is empty if the account is gone."""

    membership: models.Membership
    email: str


def list_members(*, principal: Principal, organization_id: UUID) -> QuerySet[models.Membership]:
    """Return the organization's memberships, each with the person's profile.

    Raise `OrganizationNotFound` for a foreign or unknown one.
    """
    get_membership(principal=principal, organization_id=organization_id, permission=MEMBER_READ)
    return models.Membership.objects.filter(organization_id=organization_id).select_related(
        "account"
    )


def with_emails(memberships: Iterable[models.Membership]) -> list[Listed]:
    """Return the memberships with their people's e-mail addresses, asked of auth all at once."""
    rows = list(memberships)
    emails = get_emails(row.account_id for row in rows)
    return [Listed(membership=row, email=emails.get(row.account_id, "")) for row in rows]


def get_member(*, principal: Principal, organization_id: UUID, account_id: UUID) -> Listed:
    """Return the member; raise `OrganizationNotFound`, `Forbidden` or `MemberNotFound`."""
    require_known(principal, organization_id)
    principal.require(MEMBER_READ, organization_id=organization_id)
    [listed] = with_emails([find_member(organization_id, account_id)])
    return listed


def find_member(organization_id: UUID, account_id: UUID) -> models.Membership:
    """Return the membership, with the person's profile and the role; raise `MemberNotFound`."""
    rows = models.Membership.objects.select_related("account", "custom_role")
    member = rows.filter(organization_id=organization_id, account_id=account_id).first()
    if member is None:
        raise MemberNotFound
    return member


def tag_of(listed: Listed) -> str:
    """Return the entity tag of the member, as others see them."""
    member = listed.membership
    return entity_tag(member.id, member.role_key, member.account.display_name, listed.email)


def get_members(*, organization_id: UUID, roles: list[str] | None) -> list[Member]:
    """Return the organization's members, those with one of the roles or (None) all."""
    rows = models.Membership.objects.within(organization_id)
    if roles is not None:
        rows = rows.filter(role__in=roles)
    return [_to_member(row) for row in rows.order_by("id")]


def list_member_ids(
    *,
    organization_id: UUID,
    roles: list[str] | None,
    team_ids: list[UUID] | None,
    account_ids: list[UUID] | None,
    after: UUID | None,
    limit: int,
) -> list[UUID]:
    """Return the accounts of a page of members, in their ids' order.

    Of those with one of the roles, and of those in one of the teams (or in one within it) or among
    the accounts; None leaves it open.
    """
    rows = models.Membership.objects.within(organization_id)
    if roles is not None:
        rows = rows.filter(role__in=roles)
    if team_ids is not None or account_ids is not None:
        rows = rows.filter(
            Q(account_id__in=account_ids or ()) | in_teams(organization_id, team_ids or ())
        )
    if after is not None:
        rows = rows.filter(account_id__gt=after)
    return list(rows.order_by("account_id").values_list("account_id", flat=True)[:limit])


def ensure_member(*, organization_id: UUID, account_id: UUID, role: str) -> Member:
    """Return the account's membership as it is, or made now with that role.

    Raise `OrganizationNotFound` for an unknown organization, `RoleNotFound` for such a role.
    """
    with transaction("users"):
        organization = lock_organization(organization_id)
        known = organization.memberships.filter(account_id=account_id).first()
        return _to_member(
            known
            or join(
                organization=organization,
                account_id=account_id,
                role=resolve_role(organization, role),
            )
        )


def require_owner_besides(member: models.Membership) -> None:
    """Raise `LastOwner` if the organization would have no owner without this one.

    Call it in the transaction that takes the role away: it locks the organization, so that of
    two owners who go at once one stays.
    """
    organization = lock_organization(member.organization_id)
    owners = organization.memberships.filter(role=Role.OWNER)
    if not owners.exclude(id=member.id).exists():
        raise LastOwner


def _to_member(row: models.Membership) -> Member:
    return Member(account_id=row.account_id, role=row.role_key)
