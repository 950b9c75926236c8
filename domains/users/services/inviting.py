"""Writing invitations while the organization is locked: a thousand cost the queries of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connections
from django.db.models import Q
from django.db.models.functions import Lower

from domains.users import models
from domains.users.contract.errors import (
    AddressRepeated,
    AlreadyMember,
    RoleAboveOwn,
    RoleNotFound,
)
from domains.users.contract.events import MemberInvited
from domains.users.services.email_domains import require_allowed_domain
from domains.users.services.granting import grantable
from domains.users.services.people import composed, plain
from domains.users.services.roles import GivenRole, find_roles
from domains.users.services.seats import Seats
from kernel.events import publish
from kernel.principal import Principal

LIFETIME = timedelta(days=7)
_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Whom to invite, and the key of the role to have."""

    email: str
    role: str


@dataclass(kw_only=True)
class Desk:
    """All that decides about invitations, and those that were decided on.

    Addresses are told apart as the table does it: `folded` is by address, `opened` by folded one.
    """

    organization: models.Organization
    invited_by: UUID
    now: datetime
    members: frozenset[str]
    folded: Mapping[str, str]
    opened: Mapping[str, models.Invitation]
    roles: Mapping[str, GivenRole]
    granted: frozenset[str]
    seats: Seats
    seen: set[str] = field(default_factory=set)
    written: list[models.Invitation] = field(default_factory=list)
    # Those whose address is spelled otherwise now, or that offer another role.
    otherwise: set[UUID] = field(default_factory=set)

    def invite(self, wanted: Wanted) -> models.Invitation:
        """Return the invitation of the address, new or renewed; it stands once all are `saved`.

        Raise `AddressRepeated`, `EmailDomainNotAllowed`, `RoleNotFound`, `RoleAboveOwn`,
        `AlreadyMember` or `SeatLimitReached`.
        """
        email = composed(wanted.email)
        address = self.folded[email]
        if address in self.seen:
            raise AddressRepeated
        self.seen.add(address)
        require_allowed_domain(self.organization, email)
        role = self._role(wanted.role)
        if plain(email) in self.members:
            raise AlreadyMember
        known = self.opened.get(address)
        self.seats.take(again=known is not None and not known.has_expired(now=self.now))
        invitation = known or models.Invitation(organization=self.organization)
        self._renew(invitation, email=email, role=role)
        return invitation

    def invitation_of(self, email: str) -> models.Invitation | None:
        """Return the open invitation of the address."""
        return self.opened.get(self.folded[composed(email)])

    def renews(self, invitation: models.Invitation) -> bool:
        """Return whether the invitation was open before."""
        return self.opened.get(self.folded[invitation.email]) is invitation

    def save(self) -> None:
        """Write what was decided, and publish it."""
        new = [row for row in self.written if not self.renews(row)]
        renewed = [row for row in self.written if self.renews(row)]
        models.Invitation.objects.bulk_create(new)
        models.Invitation.objects.filter(id__in=[row.id for row in renewed]).update(
            invited_by=self.invited_by, expires_at=self.now + LIFETIME, token_hash=""
        )
        others = [row for row in renewed if row.id in self.otherwise]
        models.Invitation.objects.bulk_update(others, _OWN, batch_size=_AT_ONCE)
        publish(*(self._told(row) for row in self.written))

    def _role(self, key: str) -> GivenRole:
        if key not in self.roles:
            raise RoleNotFound(pointer="/role")
        if key not in self.granted:
            raise RoleAboveOwn(pointer="/role")
        return self.roles[key]

    def _renew(self, invitation: models.Invitation, *, email: str, role: GivenRole) -> None:
        if (invitation.email, invitation.role_key) != (email, role.key):
            self.otherwise.add(invitation.id)
        role.put_on(invitation)
        invitation.email = email
        invitation.invited_by = self.invited_by
        invitation.expires_at = self.now + LIFETIME
        invitation.token_hash = ""
        self.written.append(invitation)

    def _told(self, invitation: models.Invitation) -> MemberInvited:
        return MemberInvited(
            organization_id=self.organization.id,
            invitation_id=invitation.id,
            account_id=self.invited_by,
            expires_at=invitation.expires_at,
        )


_OWN = ["email", "role", "custom_role"]


def open_desk(
    *,
    principal: Principal,
    organization: models.Organization,
    wanted: Sequence[Wanted],
    members: frozenset[str],
    seats: int,
    invited_by: UUID,
    now: datetime,
) -> Desk:
    """Return what decides about these invitations into the locked organization."""
    folded = _fold(composed(each.email) for each in wanted)
    opened = _opened(organization, folded.values())
    keys = {each.role for each in wanted} | {row.role_key for row in opened.values()}
    roles = find_roles(organization, keys)
    return Desk(
        organization=organization,
        invited_by=invited_by,
        now=now,
        members=members,
        folded=folded,
        opened=opened,
        roles=roles,
        granted=grantable(principal, organization, roles.values()),
        seats=Seats.of(organization, seats=seats, now=now),
    )


def _opened(
    organization: models.Organization, addresses: Iterable[str]
) -> dict[str, models.Invitation]:
    """Return the open invitations, locked so that no sweep takes one that is being renewed."""
    rows = organization.invitations.filter(accepted_at=None).annotate(address=Lower("email"))
    known = rows.filter(Q(address__in=list(addresses))).select_for_update(of=("self",))
    return {row.address: row for row in known}


def _fold(emails: Iterable[str]) -> dict[str, str]:
    """Return what PostgreSQL makes of the addresses, whose unique index decides."""
    with connections["users"].cursor() as cursor:
        cursor.execute("SELECT a, lower(a) FROM unnest(%s::text[]) AS a", [list(emails)])
        return dict(cursor.fetchall())
