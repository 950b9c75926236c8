"""Closing an organization, with thirty days to think again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from domains.users import models
from domains.users.contract import errors, events
from domains.users.contract.permissions import ORGANIZATION_CLOSE
from domains.users.services.organizations import get_membership, lock_organization
from domains.users.services.ownership import end_offer
from domains.users.services.people import person_of
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal

TIME_TO_UNDO = timedelta(days=30)


def close_organization(
    *, principal: Principal, organization_id: UUID, now: datetime
) -> models.Membership:
    """Close the organization: its members may see it, and owners can open it again.

    Raise `OrganizationNotFound`, `Forbidden`, `PersonalOrganization`, or `OrganizationClosed` for
    one that is closed already.
    """
    membership = _closable(principal, organization_id)
    with transaction("users"):
        organization = membership.organization = lock_organization(organization_id)
        if organization.personal:
            raise errors.PersonalOrganization
        if organization.closed_at is not None:
            raise errors.OrganizationClosed
        end_offer(organization, reason="closed")
        organization.closed_at, organization.erase_at = now, now + TIME_TO_UNDO
        organization.save()
        publish(
            events.OrganizationClosed(
                organization_id=organization_id, erase_at=organization.erase_at
            )
        )
    return membership


def reopen_organization(*, principal: Principal, organization_id: UUID) -> models.Membership:
    """Open the organization again; raise `OrganizationNotFound`, `Forbidden` or `NotClosed`."""
    membership = _closable(principal, organization_id)
    with transaction("users"):
        organization = membership.organization = lock_organization(organization_id)
        if organization.closed_at is None:
            raise errors.NotClosed
        organization.closed_at = organization.erase_at = None
        organization.save()
        publish(events.OrganizationReopened(organization_id=organization_id))
    return membership


def erase_due(*, now: datetime) -> None:
    """Erase the organizations whose owners let the time to think again pass.

    Every domain erases its own by the event.
    """
    due = models.Organization.objects.everywhere().filter(erase_at__lte=now)
    for organization_id in due.values_list("id", flat=True):
        with transaction("users"):
            locked = models.Organization.objects.within(organization_id).select_for_update()
            organization = locked.filter(erase_at__lte=now).first()
            if organization is not None:
                publish(events.OrganizationErased(organization_id=organization_id))
                organization.delete()


def _closable(principal: Principal, organization_id: UUID) -> models.Membership:
    person_of(principal)
    return get_membership(
        principal=principal, organization_id=organization_id, permission=ORGANIZATION_CLOSE
    )
