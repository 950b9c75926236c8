"""What files does when other domains tell of something."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domains.files.services import erasure, privacy
from kernel.clock import now
from kernel.events import Envelope, on


@dataclass(frozen=True, kw_only=True)
class AccountGone:
    """What files reads of an erased account."""

    account_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrganizationGone:
    """What files reads of an erased organization."""

    organization_id: UUID


@on("auth.account_erased.v1", reads=AccountGone)
def forget_uploader(envelope: Envelope[AccountGone]) -> None:
    """Forget that the files which the account brought elsewhere were its own."""
    privacy.erase_person(account_id=envelope.payload.account_id)


@on("users.organization_erased.v1", reads=OrganizationGone)
def delete_files_of_organization(envelope: Envelope[OrganizationGone]) -> None:
    """Delete every file of an organization that is gone."""
    erasure.erase_organization(organization_id=envelope.payload.organization_id, now=now())
