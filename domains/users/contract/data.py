"""What users answers to other domains and to the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domains.users.contract.errors import (
    EmailDomainNotAllowed,
    MfaRequired,
    NetworkNotAllowed,
    SessionTooOld,
)
from kernel.addresses import domain_of, is_within
from kernel.errors import Forbidden


class WhoMayInvite(StrEnum):
    """Which of the built-in roles may invite people, by an organization's policy."""

    OWNERS = "owners"
    ADMINS = "admins"
    MEMBERS = "members"


@dataclass(frozen=True, kw_only=True)
class OrganizationPolicy:
    """What an organization asks of everybody who acts in it; obeyed by the gateway.

    `session_lifetime` is in seconds since the person was last proven (None: as long as the
    session lives). `allowed_networks` are in CIDR notation, `allowed_email_domains` in lower
    case; empty ones allow all. A `closed` organization lets nobody do more than see it: what
    members may do says so already, what machines were given does not.
    """

    mfa_required: bool = False
    session_lifetime: int | None = None
    allowed_networks: tuple[str, ...] = ()
    allowed_email_domains: tuple[str, ...] = ()
    closed: bool = False

    def barrier(
        self,
        *,
        address: str,
        email: str,
        mfa: bool,
        proven_at: datetime | None,
        now: datetime,
    ) -> Forbidden | None:
        """Return what keeps a person's request out, None if nothing does.

        `email` is verified, or empty. What stepping up can't lift comes first.
        """
        barrier = self.barrier_to_key(address=address, email=email)
        if barrier is not None:
            return barrier
        if self.mfa_required and not mfa:
            return MfaRequired()
        if self.session_lifetime is not None and not (
            proven_at and now < proven_at + timedelta(seconds=self.session_lifetime)
        ):
            return SessionTooOld()
        return None

    def barrier_to_key(self, *, address: str, email: str | None) -> Forbidden | None:
        """Return what keeps an API key's request out: a machine can't prove more than it shows.

        `email` is its owner's; None if it is no person's.
        """
        if self.allowed_networks and not is_within(address, self.allowed_networks):
            return NetworkNotAllowed()
        asks_email = bool(self.allowed_email_domains) and email is not None
        if asks_email and domain_of(email or "") not in self.allowed_email_domains:
            return EmailDomainNotAllowed()
        return None


@dataclass(frozen=True, kw_only=True)
class TeamAccess:
    """The names of permissions that are held in one team, and in the teams within it, alone."""

    team_id: UUID
    permissions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MembershipAccess:
    """What one membership allows; `role` is a built-in one's name or a custom one's id.

    `permissions` are held in the whole organization. `policy` is None where nothing is asked.
    """

    organization_id: UUID
    role: str
    permissions: tuple[str, ...]
    teams: tuple[TeamAccess, ...] = ()
    policy: OrganizationPolicy | None = None


@dataclass(frozen=True, kw_only=True)
class Access:
    """Everything an account may do, and the organization that its request is about."""

    account_id: UUID
    organization_id: UUID
    memberships: tuple[MembershipAccess, ...]


@dataclass(frozen=True, kw_only=True)
class RoleName:
    """What people call the role that `key` names."""

    key: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Member:
    """An account's place in an organization; `role` is a built-in one's name or a custom's id."""

    account_id: UUID
    role: str


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How a person wants to be addressed: `locale` is BCP 47, `time_zone` an IANA name."""

    account_id: UUID
    display_name: str
    locale: str
    time_zone: str


@dataclass(frozen=True, kw_only=True)
class Organization:
    """An organization; `personal` is the one that every account has to itself."""

    id: UUID
    name: str
    personal: bool


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """An open invitation of an address into an organization."""

    id: UUID
    organization_id: UUID
    email: str
    role: str
    invited_by: UUID
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class AuditBreak:
    """A place at which the audit is not what it was: in a trail or an anchor, at an entry."""

    where: str
    sequence: int | None
    what: str


@dataclass(frozen=True, kw_only=True)
class AuditVerdict:
    """What a check of the audit found; it is whole if nothing is broken."""

    trails: int
    entries: int
    anchors: int
    broken: tuple[AuditBreak, ...]


@dataclass(frozen=True, kw_only=True)
class AuditKey:
    """A key that anchors are signed with; `public` is Ed25519's 32 bytes in hex."""

    id: str
    public: str
