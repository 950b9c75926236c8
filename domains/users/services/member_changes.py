"""Giving a member another role, removing one, and leaving."""

from __future__ import annotations

from uuid import UUID

from domains.users import models
from domains.users.contract.errors import PersonalOrganization
from domains.users.contract.events import MemberRemoved, MemberRoleChanged
from domains.users.contract.permissions import MEMBER_REMOVE, ROLE_ASSIGN
from domains.users.services.granting import require_may_change_member, require_may_grant
from domains.users.services.members import (
    Listed,
    find_member,
    require_owner_besides,
    tag_of,
    with_emails,
)
from domains.users.services.organizations import lock_organization
from domains.users.services.ownership import end_offer_with
from domains.users.services.profiles import lock_profile
from domains.users.services.roles import resolve_role
from domains.users.services.team_access import require_known
from kernel.db import transaction
from kernel.events import publish
from kernel.permissions import Role
from kernel.preconditions import Precondition
from kernel.principal import Principal


def change_role(
    *,
    principal: Principal,
    organization_id: UUID,
    account_id: UUID,
    role: str | None,
    expected: Precondition,
) -> Listed:
    """Give the member another role, or (None) none; return the member.

    Raise `OrganizationNotFound`, `Forbidden`, `MemberNotFound`, `PreconditionFailed`,
    `RoleNotFound`, `RoleAboveOwn`, `MemberAboveOwn`, `LastOwner` or `PersonalOrganization`.
    """
    require_known(principal, organization_id)
    principal.require(ROLE_ASSIGN, organization_id=organization_id)
    [seen] = with_emails([find_member(organization_id, account_id)])
    with transaction("users"):
        organization = lock_organization(organization_id)
        member = find_member(organization_id, account_id)
        listed = Listed(membership=member, email=seen.email)
        expected.check(tag_of(listed))
        if role not in (None, member.role_key):
            _give(principal, organization, member, role=role)
        return listed


def remove_member(*, principal: Principal, organization_id: UUID, account_id: UUID) -> None:
    """Remove the member, or leave: what they were given there goes with them.

    Raise `OrganizationNotFound`, `Forbidden`, `MemberNotFound`, `MemberAboveOwn`, `LastOwner` or
    `PersonalOrganization`.
    """
    require_known(principal, organization_id)
    left = principal.kind == "account" and account_id == principal.account_id
    if not left:
        principal.require(MEMBER_REMOVE, organization_id=organization_id)
    with transaction("users"):
        organization = lock_organization(organization_id)
        lock_profile(account_id)
        member = find_member(organization_id, account_id)
        if not left:
            require_may_change_member(principal, organization, member)
        _require_dispensable(organization, member)
        end_offer_with(organization, account_id, reason="left" if left else "removed")
        member.delete()
        publish(MemberRemoved(organization_id=organization_id, account_id=account_id, left=left))


def _give(
    principal: Principal, organization: models.Organization, member: models.Membership, *, role: str
) -> None:
    former, given = member.role_key, resolve_role(organization, role)
    require_may_change_member(principal, organization, member)
    require_may_grant(principal, organization, given)
    _require_dispensable(organization, member)
    if member.role == Role.OWNER:
        end_offer_with(organization, member.account_id, reason="demoted")
    given.put_on(member)
    member.save(update_fields=["role", "custom_role"])
    publish(
        MemberRoleChanged(
            organization_id=organization.id,
            account_id=member.account_id,
            former_role=former,
            role=given.key,
        )
    )


def _require_dispensable(organization: models.Organization, member: models.Membership) -> None:
    """Raise unless the organization can do without this owner: others are always dispensable."""
    if organization.personal and organization.created_by == member.account_id:
        raise PersonalOrganization
    if member.role == Role.OWNER:
        require_owner_besides(member)
