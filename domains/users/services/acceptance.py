"""Accepting an invitation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from domains.auth import interface as auth
from domains.users import models
from domains.users.contract.errors import (
    InvitationExpired,
    InvitationNotFound,
    InvitedAnotherAddress,
    OrganizationClosed,
)
from domains.users.services.email_domains import require_allowed_domain
from domains.users.services.memberships import join
from domains.users.services.organizations import lock_organization
from domains.users.services.people import get_account, is_same_address, person_of
from domains.users.services.roles import role_of
from domains.users.services.seats import get_seats, require_seat_to_join
from kernel.crypto import hash_secret
from kernel.db import transaction
from kernel.principal import Principal


def accept_invitation(*, principal: Principal, token: str, now: datetime) -> models.Membership:
    """Make the invited person a member; return the membership, also when asked again.

    Raise `InvitationNotFound`, `InvitedAnotherAddress`, `auth.EmailNotVerified`,
    `InvitationExpired`, `OrganizationClosed`, `EmailDomainNotAllowed`, `SeatLimitReached` or
    `MembershipLimitReached`.
    """
    account = get_account(person_of(principal))
    known = Q(token_hash=hash_secret(token))
    invitation = _find(known)
    if not is_same_address(account.email, invitation.email):
        raise InvitedAnotherAddress
    if not account.email_verified:
        raise auth.EmailNotVerified
    return _accept(known, organization_id=invitation.organization_id, account=account, now=now)


def accept_own_invitation(
    *, principal: Principal, invitation_id: UUID, now: datetime
) -> models.Membership:
    """Make the signed-in person, to whose verified address it went, a member; repeatable.

    Raise what `accept_invitation` raises, but `InvitationNotFound` for one to another address.
    """
    account = get_account(person_of(principal))
    if not account.email_verified:
        raise auth.EmailNotVerified
    known = Q(id=invitation_id)
    invitation = _find(known)
    if not is_same_address(account.email, invitation.email):
        raise InvitationNotFound
    return _accept(known, organization_id=invitation.organization_id, account=account, now=now)


def _find(known: Q) -> models.Invitation:
    invitation = models.Invitation.objects.everywhere().filter(known).first()
    if invitation is None:
        raise InvitationNotFound
    return invitation


def _accept(
    known: Q, *, organization_id: UUID, account: auth.Account, now: datetime
) -> models.Membership:
    seats = get_seats(organization_id)
    with transaction("users"):
        organization = lock_organization(organization_id)
        present = _find(known)
        member = organization.memberships.filter(account_id=account.id).first()
        if present.accepted_at is not None:
            return _accepted_before(member)
        if present.has_expired(now=now):
            raise InvitationExpired
        member = member or _admit(organization, account, invitation=present, seats=seats)
        present.accepted_at = now
        present.save(update_fields=["accepted_at"])
        return member


def _admit(
    organization: models.Organization,
    account: auth.Account,
    *,
    invitation: models.Invitation,
    seats: int,
) -> models.Membership:
    if organization.closed_at is not None:
        raise OrganizationClosed
    require_allowed_domain(organization, account.email)
    require_seat_to_join(organization=organization, seats=seats)
    return join(
        organization=organization,
        account_id=account.id,
        role=role_of(invitation),
        invitation_id=invitation.id,
    )


def _accepted_before(member: models.Membership | None) -> models.Membership:
    if member is None:
        raise InvitationNotFound
    return member
