"""What staff correct for people, by the rules that people are held to, and told like theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.users import models
from domains.users.contract.events import (
    MemberRoleChanged,
    OrganizationPolicyChanged,
    OrganizationUpdated,
    ProfileUpdated,
)
from domains.users.services import slugs
from domains.users.services.changes import apply
from domains.users.services.members import require_owner_besides
from domains.users.services.organizations import lock_organization
from domains.users.services.policy import BARRING
from domains.users.services.profiles import lock_profile
from domains.users.services.roles import resolve_role
from kernel.db import transaction
from kernel.events import publish
from kernel.permissions import Role


def correct_profile(*, account_id: UUID, wanted: Mapping[str, Any]) -> None:
    """Give the person's profile these values."""
    with transaction("users"):
        profile = lock_profile(account_id)
        changes = apply(profile, wanted)
        if changes:
            profile.save()
            names = tuple(change.field for change in changes)
            publish(ProfileUpdated(account_id=account_id, fields=names))


def correct_organization(*, organization_id: UUID, wanted: Mapping[str, Any]) -> None:
    """Give the organization these values; raise `OrganizationNotFound` or `SlugTaken`."""
    with transaction("users"):
        organization = lock_organization(organization_id)
        changes = apply(organization, wanted)
        if changes:
            slugs.save(organization)
            publish(OrganizationUpdated(organization_id=organization_id, changes=changes))


def lift_policy(*, organization_id: UUID) -> bool:
    """Let everybody in again who belongs to the organization; return whether any rule barred.

    What owners set afterwards counts as ever. Raise `OrganizationNotFound`.
    """
    with transaction("users"):
        organization = lock_organization(organization_id)
        new = models.Organization()
        changes = apply(organization, {name: getattr(new, name) for name in BARRING})
        if changes:
            organization.save()
            publish(OrganizationPolicyChanged(organization_id=organization_id, changes=changes))
        return bool(changes)


def correct_role(*, membership: models.Membership, role: str) -> None:
    """Give the member the role of this key.

    Raise `RoleNotFound` for one that the organization hasn't, or `LastOwner`.
    """
    with transaction("users"):
        organization = lock_organization(membership.organization_id)
        member = organization.memberships.get(id=membership.id)
        given, former = resolve_role(organization, role), member.role_key
        if given.key == former:
            return
        if former == Role.OWNER:
            require_owner_besides(member)
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


def role_choices(organization_id: UUID) -> list[tuple[str, str]]:
    """Return the roles that members of the organization can have, by key and name."""
    own = models.CustomRole.objects.filter(organization_id=organization_id).order_by("name")
    return [(role.value, role.value) for role in Role] + [(str(row.id), row.name) for row in own]
