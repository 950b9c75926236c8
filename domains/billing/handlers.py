"""What billing does when other domains tell of something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.billing.services.entitlements import seats
from domains.billing.services.privacy import erase_person
from domains.billing.services.subscriptions.ending import end_with_organization as end_plan
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
    end_plan(organization_id=envelope.payload.organization_id, now=now())


@dataclass(frozen=True, kw_only=True)
class Founded:
    """What billing reads of a new organization: whoever founds it is its first member."""

    organization_id: UUID
    account_id: UUID


@on("users.organization_created.v1", reads=Founded)
def settle_seat_of_founder(envelope: Envelope[Founded]) -> None:
    """Have the founder take a seat."""
    _settle(envelope, account_id=envelope.payload.account_id)


@dataclass(frozen=True, kw_only=True)
class Joined:
    """What billing reads of a new member, and of the invitation that brought them."""

    organization_id: UUID
    account_id: UUID
    invitation_id: UUID | None = None


@on("users.member_joined.v1", reads=Joined)
def settle_seat_of_member(envelope: Envelope[Joined]) -> None:
    """Have the member take a seat, that of the invitation if there was one."""
    if envelope.payload.invitation_id:
        _release(envelope, holder_id=envelope.payload.invitation_id)
    _settle(envelope, account_id=envelope.payload.account_id)


@dataclass(frozen=True, kw_only=True)
class Left:
    """What billing reads of somebody who no longer belongs to an organization."""

    organization_id: UUID
    account_id: UUID


@on("users.member_removed.v1", reads=Left)
def release_seat_of_removed(envelope: Envelope[Left]) -> None:
    """Free the seat of whoever left or was removed."""
    _release(envelope, holder_id=envelope.payload.account_id)


@on("users.member_erased.v1", reads=Left)
def release_seat_of_erased(envelope: Envelope[Left]) -> None:
    """Free the seat of whoever is gone for good."""
    _release(envelope, holder_id=envelope.payload.account_id)


@dataclass(frozen=True, kw_only=True)
class Invited:
    """What billing reads of an invitation, new or renewed."""

    organization_id: UUID
    invitation_id: UUID
    expires_at: datetime | None = None


@on("users.member_invited.v1", reads=Invited)
def reserve_seat_of_invited(envelope: Envelope[Invited]) -> None:
    """Have the invitation hold a seat."""
    seats.reserve_seat(
        organization_id=envelope.payload.organization_id,
        invitation_id=envelope.payload.invitation_id,
        expires_at=envelope.payload.expires_at,
        version=envelope.version,
        now=now(),
    )


@dataclass(frozen=True, kw_only=True)
class Uninvited:
    """What billing reads of an invitation that was taken back."""

    organization_id: UUID
    invitation_id: UUID


@on("users.invitation_revoked.v1", reads=Uninvited)
def release_seat_of_uninvited(envelope: Envelope[Uninvited]) -> None:
    """Free the seat that the invitation held."""
    _release(envelope, holder_id=envelope.payload.invitation_id)


def _settle(envelope: Envelope[Any], *, account_id: UUID) -> None:
    seats.settle_seat(
        organization_id=envelope.payload.organization_id,
        account_id=account_id,
        version=envelope.version,
        now=now(),
    )


def _release(envelope: Envelope[Any], *, holder_id: UUID) -> None:
    seats.release_seat(
        organization_id=envelope.payload.organization_id,
        holder_id=holder_id,
        version=envelope.version,
        now=now(),
    )
