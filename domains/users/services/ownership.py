"""Handing the ownership to another member, who accepts it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from domains.users import models
from domains.users.contract.errors import (
    MemberNotFound,
    OrganizationClosed,
    OwnershipTransferExpired,
    OwnershipTransferNotFound,
    PersonalOrganization,
    RoleAboveOwn,
)
from domains.users.contract.events import (
    OwnershipOffered,
    OwnershipOfferEnded,
    OwnershipTransferred,
)
from domains.users.contract.permissions import OWNERSHIP_TRANSFER
from domains.users.services.organizations import get_membership, lock_organization
from domains.users.services.people import person_of
from domains.users.services.roles import GivenRole
from kernel.db import transaction
from kernel.errors import Invalid
from kernel.events import publish
from kernel.permissions import Role
from kernel.principal import Principal

LIFETIME = timedelta(days=7)


def offer_ownership(
    *, principal: Principal, organization_id: UUID, account_id: UUID, now: datetime
) -> models.OwnershipTransfer:
    """Offer the caller's ownership to another member; an open offer gives way.

    Raise `OrganizationNotFound`, `Forbidden`, `RoleAboveOwn` for who is no owner by the
    membership itself, `MemberNotFound`, `Invalid` for oneself, `PersonalOrganization`, or
    `OrganizationClosed`.
    """
    giver = person_of(principal)
    get_membership(
        principal=principal, organization_id=organization_id, permission=OWNERSHIP_TRANSFER
    )
    if account_id == giver:
        raise Invalid("Offer it to somebody else.", pointer="/account_id")
    with transaction("users"):
        organization = lock_organization(organization_id)
        _refuse_offering(organization, giver=giver, taker=account_id)
        end_offer(organization, reason="replaced")
        offer = models.OwnershipTransfer.objects.create(
            organization=organization,
            from_account_id=giver,
            to_account_id=account_id,
            created_at=now,
            expires_at=now + LIFETIME,
        )
        publish(OwnershipOffered(**_facts(offer)))
        return offer


def _refuse_offering(organization: models.Organization, *, giver: UUID, taker: UUID) -> None:
    if organization.personal:
        raise PersonalOrganization
    if organization.closed_at is not None:
        raise OrganizationClosed
    if not _is_owner(organization, giver):
        raise RoleAboveOwn
    if not organization.memberships.filter(account_id=taker).exists():
        raise MemberNotFound(pointer="/account_id")


def get_offer(*, principal: Principal, organization_id: UUID) -> models.OwnershipTransfer:
    """Return the open offer, to owners and to whom it was made, perhaps an expired one.

    Raise `OrganizationNotFound`, `Forbidden`, or `OwnershipTransferNotFound`.
    """
    membership = get_membership(principal=principal, organization_id=organization_id)
    offer = _offer_of(membership.organization)
    if offer is None or offer.to_account_id != person_of(principal):
        principal.require(OWNERSHIP_TRANSFER, organization_id=organization_id)
    if offer is None:
        raise OwnershipTransferNotFound
    return offer


def accept_ownership(
    *, principal: Principal, organization_id: UUID, now: datetime
) -> models.Membership:
    """Make the caller an owner, and whoever offered it an admin; return the membership.

    Raise `OrganizationNotFound`, `OwnershipTransferExpired`, or `OwnershipTransferNotFound`: also
    once whoever offered it is no owner any more, who can't give what they haven't.
    """
    taker = person_of(principal)
    membership = get_membership(principal=principal, organization_id=organization_id)
    with transaction("users"):
        organization = membership.organization = lock_organization(organization_id)
        offer = _offer_of(organization)
        if offer is None or offer.to_account_id != taker:
            raise OwnershipTransferNotFound
        if not _is_owner(organization, offer.from_account_id):
            raise OwnershipTransferNotFound
        if offer.has_expired(now=now):
            raise OwnershipTransferExpired
        _give(organization, offer.from_account_id, Role.ADMIN)
        given = _give(organization, taker, Role.OWNER)
        offer.delete()
        publish(OwnershipTransferred(**_facts(offer)))
        return given


def end_own_offer(*, principal: Principal, organization_id: UUID) -> None:
    """Decline the offer as the one it was made to, or withdraw it as an owner.

    Raise `OrganizationNotFound`, `Forbidden`, or `OwnershipTransferNotFound`.
    """
    caller = person_of(principal)
    get_offer(principal=principal, organization_id=organization_id)
    with transaction("users"):
        organization = lock_organization(organization_id)
        offer = _offer_of(organization)
        if offer is None:
            raise OwnershipTransferNotFound
        if offer.to_account_id != caller:
            principal.require(OWNERSHIP_TRANSFER, organization_id=organization_id)
        declined = offer.to_account_id == caller
        end_offer(organization, reason="declined" if declined else "withdrawn")


def end_offer(organization: models.Organization, *, reason: str) -> None:
    """End the open offer of the locked organization, if there is one."""
    offer = _offer_of(organization)
    if offer is not None:
        facts = _facts(offer)
        offer.delete()
        publish(OwnershipOfferEnded(**facts, reason=reason))


def end_offer_with(organization: models.Organization, account_id: UUID, *, reason: str) -> None:
    """End the open offer of the locked organization if the account made it, or was made it.

    Call it where somebody leaves, or an owner becomes something else.
    """
    offer = _offer_of(organization)
    if offer is not None and account_id in (offer.from_account_id, offer.to_account_id):
        end_offer(organization, reason=reason)


def end_expired_offers(*, now: datetime) -> None:
    """End the offers that nobody accepted in time."""
    expired = models.OwnershipTransfer.objects.everywhere().filter(expires_at__lte=now)
    for organization_id in expired.values_list("organization_id", flat=True):
        with transaction("users"):
            rows = models.Organization.objects.within(organization_id)
            due = rows.filter(ownership_transfer__expires_at__lte=now)
            organization = due.select_for_update(no_key=True).first()
            if organization is not None:
                end_offer(organization, reason="expired")


def _offer_of(organization: models.Organization) -> models.OwnershipTransfer | None:
    # Not by the relation, which remembers what it found before the lock.
    return models.OwnershipTransfer.objects.within(organization.id).first()


def _is_owner(organization: models.Organization, account_id: UUID) -> bool:
    return organization.memberships.filter(Q(account_id=account_id), role=Role.OWNER).exists()


def _give(organization: models.Organization, account_id: UUID, role: Role) -> models.Membership:
    membership = organization.memberships.filter(account_id=account_id).first()
    if membership is None:
        raise OwnershipTransferNotFound
    GivenRole(role=role).put_on(membership)
    membership.save(update_fields=["role", "custom_role"])
    membership.organization = organization
    return membership


def _facts(offer: models.OwnershipTransfer) -> dict[str, UUID]:
    return {
        "organization_id": offer.organization_id,
        "transfer_id": offer.id,
        "from_account_id": offer.from_account_id,
        "to_account_id": offer.to_account_id,
    }
