"""Organizations, as those who belong to them see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from domains.users import models
from domains.users.contract.data import Organization
from domains.users.contract.errors import OrganizationNotFound, PersonalOrganization
from domains.users.contract.events import OrganizationUpdated
from domains.users.contract.permissions import ORGANIZATION_READ, ORGANIZATION_WRITE
from domains.users.services import slugs
from domains.users.services.changes import apply
from domains.users.services.people import account_of
from kernel.db import transaction
from kernel.events import publish
from kernel.permissions import Permission
from kernel.preconditions import Precondition, entity_tag
from kernel.principal import Principal


def get_organizations(*, organization_ids: list[UUID]) -> list[Organization]:
    """Return the organizations that exist of those asked for."""
    rows = models.Organization.objects.within(*organization_ids)
    return [to_organization(row) for row in rows]


def list_memberships(*, principal: Principal) -> QuerySet[models.Membership]:
    """Return the caller's memberships, each with its organization.

    Those whose policy keeps this request out are among them: people know where they belong.
    """
    known = principal.organization_ids | principal.barred.keys()
    rows = models.Membership.objects.within(*known).filter(account_id=account_of(principal))
    return rows.select_related("organization")


def get_membership(
    *, principal: Principal, organization_id: UUID, permission: Permission = ORGANIZATION_READ
) -> models.Membership:
    """Return the caller's membership in the organization, with the organization.

    Raise `OrganizationNotFound` alike for a foreign and an unknown one, `Forbidden` without
    the permission, and what bars the caller by the organization's policy.
    """
    mine = list_memberships(principal=principal)
    membership = mine.filter(organization_id=organization_id).first()
    if membership is None:
        raise OrganizationNotFound
    principal.require(permission, organization_id=organization_id)
    return membership


def tag_of(membership: models.Membership) -> str:
    """Return the entity tag of the organization, as this member sees it."""
    organization = membership.organization
    return entity_tag(organization.id, organization.updated_at, membership.role_key)


def update_organization(
    *,
    principal: Principal,
    organization_id: UUID,
    wanted: Mapping[str, Any],
    expected: Precondition,
) -> models.Membership:
    """Give the organization another name, slug or logo; return the caller's membership.

    Raise `OrganizationNotFound`, `Forbidden`, `PreconditionFailed`, `SlugTaken`, or
    `PersonalOrganization` for a slug that a personal one has no use for.
    """
    membership = get_membership(
        principal=principal, organization_id=organization_id, permission=ORGANIZATION_WRITE
    )
    with transaction("users"):
        organization = membership.organization = lock_organization(organization_id)
        expected.check(tag_of(membership))
        if organization.personal and "slug" in wanted:
            raise PersonalOrganization
        changes = apply(organization, wanted)
        if changes:
            slugs.save(organization)
            publish(OrganizationUpdated(organization_id=organization_id, changes=changes))
    return membership


def lock_organization(organization_id: UUID) -> models.Organization:
    """Return the organization, locked until the transaction ends.

    Whatever adds members or invitations, or takes a role away, holds this lock. Raise
    `OrganizationNotFound` for an unknown one.
    """
    locked = models.Organization.objects.within(organization_id).select_for_update(no_key=True)
    organization = locked.first()
    if organization is None:
        raise OrganizationNotFound
    return organization


def to_organization(row: models.Organization) -> Organization:
    """Return what other domains see of the organization."""
    return Organization(id=row.id, name=row.name, personal=row.personal)
