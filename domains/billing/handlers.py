"""What billing does when other domains tell of something."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domains.billing.services.ending import end_subscription
from domains.billing.services.privacy import erase_person
from kernel.clock import now
from kernel.events import Envelope, on


@dataclass(frozen=True, kw_only=True)
class AccountGone:
    """What billing reads of an erased account."""

    account_id: UUID


@on("auth.account_erased.v1", reads=AccountGone)
def forget_payer(envelope: Envelope[AccountGone]) -> None:
    """Forget with what whoever is gone paid; the books are kept."""
    erase_person(account_id=envelope.payload.account_id)


@dataclass(frozen=True, kw_only=True)
class OrganizationGone:
    """What billing reads of an erased organization."""

    organization_id: UUID


@on("users.organization_erased.v1", reads=OrganizationGone)
def end_with_organization(envelope: Envelope[OrganizationGone]) -> None:
    """End the subscription of an organization that is gone."""
    end_subscription(organization_id=envelope.payload.organization_id, now=now())
