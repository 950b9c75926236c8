"""Inviting people by their e-mail address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from domains.users import models
from domains.users.contract.data import Invitation
from domains.users.contract.errors import (
    InvitationExpired,
    InvitationNotFound,
    OrganizationClosed,
)
from domains.users.contract.events import InvitationRevoked
from domains.users.contract.permissions import MEMBER_INVITE
from domains.users.services.inviting import Desk, Wanted, open_desk
from domains.users.services.organizations import get_membership, lock_organization
from domains.users.services.people import get_emails, plain
from domains.users.services.seats import get_seats
from kernel.crypto import hash_secret, new_secret
from kernel.db import transaction
from kernel.errors import DomainError
from kernel.events import publish
from kernel.principal import Principal


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What became of one who was to be invited: an invitation, or a refusal."""

    invitation: models.Invitation | None = None
    renewed: bool = False
    refusal: DomainError | None = None


def invite(
    *, principal: Principal, organization_id: UUID, email: str, role: str, now: datetime
) -> models.Invitation:
    """Invite the address, or renew its open invitation: the mail with the secret follows.

    `role` is the key of the role to have. Raise `OrganizationNotFound`, `Forbidden`,
    `OrganizationClosed`, `EmailDomainNotAllowed`, `RoleNotFound`, `RoleAboveOwn`, `AlreadyMember`
    or `SeatLimitReached`.
    """
    wanted = Wanted(email=email, role=role)
    with _desk(principal, organization_id, [wanted], now) as desk:
        return desk.invite(wanted)


def invite_all(
    *, principal: Principal, organization_id: UUID, wanted: Sequence[Wanted], now: datetime
) -> list[Answered]:
    """Invite the addresses in their order, as long as there are seats; return what became of each.

    Raise `OrganizationNotFound`, `Forbidden` or `OrganizationClosed`; what `invite` raises besides
    is the answer to the one alone.
    """
    with _desk(principal, organization_id, wanted, now) as desk:
        return [_answer(desk, each) for each in wanted]


def resend_invitation(
    *, principal: Principal, organization_id: UUID, invitation_id: UUID, now: datetime
) -> models.Invitation:
    """Renew the open invitation, expired or not: a mail with a new secret follows.

    Raise `InvitationNotFound`, also for an accepted one, and what `invite` raises.
    """
    invitations = list_invitations(principal=principal, organization_id=organization_id)
    found = invitations.filter(id=invitation_id).first()
    if found is None:
        raise InvitationNotFound
    wanted = Wanted(email=found.email, role=found.role_key)
    with _desk(principal, organization_id, [wanted], now) as desk:
        present = desk.invitation_of(found.email)
        if present is None or present.id != invitation_id:
            raise InvitationNotFound
        return desk.invite(Wanted(email=present.email, role=present.role_key))


@contextmanager
def _desk(
    principal: Principal, organization_id: UUID, wanted: Sequence[Wanted], now: datetime
) -> Iterator[Desk]:
    """Ask the other domains, then lock the organization; write what was decided at the end."""
    inviter = get_membership(
        principal=principal, organization_id=organization_id, permission=MEMBER_INVITE
    )
    members = _addresses_of_members(organization_id)
    seats = get_seats(organization_id)
    with transaction("users"):
        organization = lock_organization(organization_id)
        if organization.closed_at is not None:
            raise OrganizationClosed
        desk = open_desk(
            principal=principal,
            organization=organization,
            wanted=wanted,
            members=members,
            seats=seats,
            invited_by=inviter.account_id,
            now=now,
        )
        yield desk
        desk.save()


def _answer(desk: Desk, wanted: Wanted) -> Answered:
    try:
        invitation = desk.invite(wanted)
    except DomainError as refusal:
        return Answered(refusal=refusal)
    return Answered(invitation=invitation, renewed=desk.renews(invitation))


def _addresses_of_members(organization_id: UUID) -> frozenset[str]:
    members = models.Membership.objects.filter(organization_id=organization_id)
    emails = get_emails(members.values_list("account_id", flat=True))
    return frozenset(plain(email) for email in emails.values())


def list_invitations(*, principal: Principal, organization_id: UUID) -> QuerySet[models.Invitation]:
    """Return the organization's invitations that weren't accepted, the expired ones too.

    Raise `OrganizationNotFound` or `Forbidden`.
    """
    get_membership(principal=principal, organization_id=organization_id, permission=MEMBER_INVITE)
    return models.Invitation.objects.filter(organization_id=organization_id, accepted_at=None)


def revoke_invitation(*, principal: Principal, organization_id: UUID, invitation_id: UUID) -> None:
    """Take the open invitation back: it frees its seat, and its secret stops working.

    Raise `OrganizationNotFound`, `Forbidden` or `InvitationNotFound`.
    """
    invitations = list_invitations(principal=principal, organization_id=organization_id)
    with transaction("users"):
        lock_organization(organization_id)
        deleted, _ = invitations.filter(id=invitation_id).delete()
        if not deleted:
            raise InvitationNotFound
        publish(InvitationRevoked(organization_id=organization_id, invitation_id=invitation_id))


def get_invitation(*, invitation_id: UUID) -> Invitation:
    """Return the open invitation; raise `InvitationNotFound`."""
    row = _opened(invitation_id).first()
    if row is None:
        raise InvitationNotFound
    return _to_invitation(row)


def issue_invitation_token(*, invitation_id: UUID, now: datetime) -> str:
    """Return a fresh secret that accepts the invitation; only its hash is kept.

    Raise `InvitationNotFound` or `InvitationExpired`.
    """
    secret = new_secret()
    opened = _opened(invitation_id)
    with transaction("users"):
        row = opened.select_for_update().first()
        if row is None:
            raise InvitationNotFound
        if row.has_expired(now=now):
            raise InvitationExpired
        row.token_hash = hash_secret(secret)
        row.save(update_fields=["token_hash"])
    return secret


def _opened(invitation_id: UUID) -> QuerySet[models.Invitation]:
    return models.Invitation.objects.everywhere().filter(id=invitation_id, accepted_at=None)


def _to_invitation(row: models.Invitation) -> Invitation:
    return Invitation(
        id=row.id,
        organization_id=row.organization_id,
        email=row.email,
        role=row.role_key,
        invited_by=row.invited_by,
        expires_at=row.expires_at,
    )
