"""Leaving every organization for good, and who goes on with it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from domains.users import models
from domains.users.contract.events import MemberErased, OrganizationErased, OwnerAppointed
from domains.users.services.ownership import end_offer_with
from domains.users.services.roles import GivenRole, strength
from kernel.events import publish
from kernel.permissions import Role


def lock_organizations_of(account_id: UUID) -> list[models.Organization]:
    """Return the organizations that the account belongs to or that are its personal one, locked."""
    theirs = Q(memberships__account_id=account_id) | Q(created_by=account_id, personal=True)
    ids = models.Organization.objects.filter(theirs).values("id")
    locked = models.Organization.objects.select_for_update(no_key=True)
    return list(locked.filter(id__in=ids).order_by("id"))


def own_organizations(account_id: UUID) -> QuerySet[models.Organization]:
    """Return the organizations that end with the person: without them nobody belongs there."""
    members = models.Membership.objects.filter(organization_id=OuterRef("id"))
    alone = Exists(members.filter(account_id=account_id)) & ~Exists(
        members.exclude(account_id=account_id)
    )
    return models.Organization.objects.filter(Q(created_by=account_id, personal=True) | alone)


def leave_organizations(account_id: UUID) -> None:
    """Have the person leave every organization, in the caller's transaction.

    Their personal organization goes, and every other one that nobody else belongs to. Where they
    were the last owner, whoever has the strongest role, and has been there longest, becomes it.
    """
    for organization in lock_organizations_of(account_id):
        _leave(organization, account_id)


def _leave(organization: models.Organization, account_id: UUID) -> None:
    others = organization.memberships.exclude(account_id=account_id)
    own = organization.personal and organization.created_by == account_id
    if own or not others.exists():
        publish(OrganizationErased(organization_id=organization.id))
        organization.delete()
        return
    end_offer_with(organization, account_id, reason="left")
    organization.memberships.filter(account_id=account_id).delete()
    publish(MemberErased(organization_id=organization.id, account_id=account_id))
    if not others.filter(role=Role.OWNER).exists():
        _appoint(max(others.select_related("custom_role").order_by("id"), key=strength))


def _appoint(successor: models.Membership) -> None:
    GivenRole(role=Role.OWNER).put_on(successor)
    successor.save(update_fields=["role", "custom_role"])
    publish(
        OwnerAppointed(organization_id=successor.organization_id, account_id=successor.account_id)
    )
