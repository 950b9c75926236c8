"""Founding organizations: by a person, by a command, and the personal one by itself."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from domains.users import models
from domains.users.contract.data import Organization
from domains.users.contract.events import OrganizationCreated
from domains.users.services import slugs
from domains.users.services.memberships import require_room
from domains.users.services.organizations import to_organization
from domains.users.services.people import person_of
from domains.users.services.profiles import lock_profile
from kernel.db import transaction
from kernel.events import publish
from kernel.permissions import Role
from kernel.principal import Principal

PERSONAL_NAME = "Personal"


def found_organization(*, principal: Principal, name: str) -> models.Membership:
    """Found an organization that the caller owns; return the membership.

    Raise `MembershipLimitReached` if the caller belongs to too many already.
    """
    account_id = person_of(principal)
    with transaction("users"):
        lock_profile(account_id)
        require_room(account_id)
        return _found(account_id, name=name, personal=False)


def ensure_organization(*, account_id: UUID, name: str) -> Organization:
    """Return the organization of that name founded by the account, made now if need be."""
    with transaction("users"):
        lock_profile(account_id)
        known = _founded_by(account_id).filter(name=name, personal=False).first()
        return to_organization(known or _found(account_id, name=name, personal=False).organization)


def ensure_personal_organization(*, account_id: UUID) -> None:
    """Make the account's personal organization unless it exists; two at once make one.

    It is committed at once even while a request is answered: it stands whatever comes of that.
    """
    with transaction("users", final=False):
        lock_profile(account_id)
        mine = _founded_by(account_id).filter(personal=True)
        if not mine.exists():
            _found(account_id, name=PERSONAL_NAME, personal=True)


def _founded_by(account_id: UUID) -> QuerySet[models.Organization]:
    return models.Organization.objects.everywhere().filter(created_by=account_id)


def _found(account_id: UUID, *, name: str, personal: bool) -> models.Membership:
    organization = models.Organization(name=name, personal=personal, created_by=account_id)
    if personal:  # nobody else ever needs to name it
        organization.save(force_insert=True)
    else:
        slugs.insert(organization)
    membership = models.Membership.objects.create(
        organization=organization, account_id=account_id, role=Role.OWNER
    )
    publish(
        OrganizationCreated(
            organization_id=organization.id, account_id=account_id, personal=personal
        )
    )
    return membership
