"""Avatars and logos are files of the domain above: once one is deleted, nothing shows it."""

from __future__ import annotations

from uuid import UUID

from domains.users import models
from domains.users.contract.events import OrganizationUpdated, ProfileUpdated
from domains.users.services.changes import apply
from kernel.db import transaction
from kernel.events import publish


def forget_picture(*, file_id: UUID) -> None:
    """Take the deleted file from every profile and organization that showed it."""
    with transaction("users"):
        shown = models.Organization.objects.everywhere().filter(logo_file_id=file_id)
        for organization in shown.select_for_update(no_key=True).order_by("id"):
            changes = apply(organization, {"logo_file_id": None})
            organization.save()
            publish(OrganizationUpdated(organization_id=organization.id, changes=changes))
        profiles = models.Profile.objects.select_for_update(no_key=True)
        for profile in profiles.filter(avatar_file_id=file_id).order_by("account_id"):
            profile.avatar_file_id = None
            profile.save()
            publish(ProfileUpdated(account_id=profile.account_id, fields=("avatar_file_id",)))
