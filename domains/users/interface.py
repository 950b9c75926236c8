"""The public interface of users: people, the organizations they belong to, and what they may do."""

from __future__ import annotations

from uuid import UUID

from domains.users.contract import LISTENS_TO
from domains.users.contract.data import (
    Access,
    AuditBreak,
    AuditKey,
    AuditVerdict,
    Invitation,
    Member,
    MembershipAccess,
    Organization,
    OrganizationPolicy,
    Profile,
    RoleName,
    TeamAccess,
    WhoMayInvite,
)
from domains.users.contract.errors import (
    AlreadyMember,
    EmailDomainNotAllowed,
    InvitationExpired,
    InvitationNotFound,
    InvitedAnotherAddress,
    LastOwner,
    MembershipLimitReached,
    MfaRequired,
    NetworkNotAllowed,
    OrganizationNotFound,
    RoleAboveOwn,
    SeatLimitReached,
    SessionTooOld,
)
from domains.users.contract.events import (
    AuditLogExported,
    AuditLogRead,
    Change,
    InvitationRevoked,
    MemberErased,
    MemberInvited,
    MemberJoined,
    MemberRemoved,
    MemberRoleChanged,
    OrganizationClosed,
    OrganizationCreated,
    OrganizationErased,
    OrganizationPolicyChanged,
    OrganizationReopened,
    OrganizationUpdated,
    OwnerAppointed,
    OwnershipOffered,
    OwnershipOfferEnded,
    OwnershipTransferred,
    PersonErased,
    PersonExportReady,
    PersonExportRequested,
    ProfileUpdated,
    RoleAssigned,
    RoleCreated,
    RoleDeleted,
    RoleUnassigned,
    RoleUpdated,
    TeamCreated,
    TeamDeleted,
    TeamMemberAdded,
    TeamMemberRemoved,
    TeamUpdated,
)
from domains.users.contract.permissions import (
    AUDIT_EXPORT,
    AUDIT_READ,
    MEMBER_INVITE,
    MEMBER_READ,
    MEMBER_REMOVE,
    ORGANIZATION_CLOSE,
    ORGANIZATION_POLICY,
    ORGANIZATION_READ,
    ORGANIZATION_WRITE,
    OWNERSHIP_TRANSFER,
    ROLE_ASSIGN,
    ROLE_READ,
    ROLE_WRITE,
    TEAM_READ,
    TEAM_WRITE,
)
from kernel.boundary import exposed
from kernel.clock import now
from kernel.privacy.records import PersonalPage

__all__ = [
    "AUDIT_EXPORT",
    "AUDIT_READ",
    "LISTENS_TO",
    "MEMBER_INVITE",
    "MEMBER_READ",
    "MEMBER_REMOVE",
    "ORGANIZATION_CLOSE",
    "ORGANIZATION_POLICY",
    "ORGANIZATION_READ",
    "ORGANIZATION_WRITE",
    "OWNERSHIP_TRANSFER",
    "ROLE_ASSIGN",
    "ROLE_READ",
    "ROLE_WRITE",
    "TEAM_READ",
    "TEAM_WRITE",
    "Access",
    "AlreadyMember",
    "AuditBreak",
    "AuditKey",
    "AuditLogExported",
    "AuditLogRead",
    "AuditVerdict",
    "Change",
    "EmailDomainNotAllowed",
    "Invitation",
    "InvitationExpired",
    "InvitationNotFound",
    "InvitationRevoked",
    "InvitedAnotherAddress",
    "LastOwner",
    "Member",
    "MemberErased",
    "MemberInvited",
    "MemberJoined",
    "MemberRemoved",
    "MemberRoleChanged",
    "MembershipAccess",
    "MembershipLimitReached",
    "MfaRequired",
    "NetworkNotAllowed",
    "Organization",
    "OrganizationClosed",
    "OrganizationCreated",
    "OrganizationErased",
    "OrganizationNotFound",
    "OrganizationPolicy",
    "OrganizationPolicyChanged",
    "OrganizationReopened",
    "OrganizationUpdated",
    "OwnerAppointed",
    "OwnershipOfferEnded",
    "OwnershipOffered",
    "OwnershipTransferred",
    "PersonErased",
    "PersonExportReady",
    "PersonExportRequested",
    "Profile",
    "ProfileUpdated",
    "RoleAboveOwn",
    "RoleAssigned",
    "RoleCreated",
    "RoleDeleted",
    "RoleName",
    "RoleUnassigned",
    "RoleUpdated",
    "SeatLimitReached",
    "SessionTooOld",
    "TeamAccess",
    "TeamCreated",
    "TeamDeleted",
    "TeamMemberAdded",
    "TeamMemberRemoved",
    "TeamUpdated",
    "WhoMayInvite",
    "ensure_member",
    "ensure_organization",
    "export_person",
    "get_access",
    "get_audit_keys",
    "get_invitation",
    "get_members",
    "get_organization_policy",
    "get_organizations",
    "get_profiles",
    "get_role_names",
    "get_team_ids",
    "issue_invitation_token",
    "list_member_ids",
    "verify_audit",
]


@exposed(idempotent=True)
def get_access(*, account_id: UUID, organization_id: UUID | None) -> Access:
    """Return everything the account may do, and which organization its request is about.

    None means the personal organization, which is made now if it doesn't exist yet. Raise
    `OrganizationNotFound` where the account isn't a member of the one asked for.
    """
    from domains.users.services import access

    return access.get_access(account_id=account_id, organization_id=organization_id)


@exposed(idempotent=True)
def get_members(*, organization_id: UUID, roles: list[str] | None) -> list[Member]:
    """Return the organization's members, those with one of the roles or (None) all."""
    from domains.users.services import members

    return members.get_members(organization_id=organization_id, roles=roles)


@exposed(idempotent=True)
def list_member_ids(
    *,
    organization_id: UUID,
    roles: list[str] | None,
    team_ids: list[UUID] | None,
    account_ids: list[UUID] | None,
    after: UUID | None,
    limit: int,
) -> list[UUID]:
    """Return the accounts of at most `limit` members in their ids' order, those after `after`.

    Of those with one of the roles (None: any), and of those who are in one of the teams or in one
    within it, or are among the accounts (both None: all).
    """
    from domains.users.services import members

    return members.list_member_ids(
        organization_id=organization_id,
        roles=roles,
        team_ids=team_ids,
        account_ids=account_ids,
        after=after,
        limit=limit,
    )


@exposed(idempotent=True)
def get_team_ids(*, organization_id: UUID, team_ids: list[UUID]) -> list[UUID]:
    """Return those of the teams that the organization has, in no particular order."""
    from domains.users.services import team_members

    return team_members.get_team_ids(organization_id=organization_id, team_ids=team_ids)


@exposed(idempotent=True)
def get_profiles(*, account_ids: list[UUID]) -> list[Profile]:
    """Return a profile for each account, in the order asked; one never seen has the defaults."""
    from domains.users.services import profiles

    return profiles.get_profiles(account_ids=account_ids)


@exposed(idempotent=True)
def get_organizations(*, organization_ids: list[UUID]) -> list[Organization]:
    """Return the organizations that exist of those asked for, in no particular order."""
    from domains.users.services import organizations

    return organizations.get_organizations(organization_ids=organization_ids)


@exposed(idempotent=True)
def get_organization_policy(*, organization_id: UUID) -> OrganizationPolicy:
    """Return what the organization asks of everybody who acts in it, and whether it is closed.

    Raise `OrganizationNotFound` for one that isn't there.
    """
    from domains.users.services import policy

    return policy.get_organization_policy(organization_id=organization_id)


@exposed(idempotent=True)
def get_invitation(*, invitation_id: UUID) -> Invitation:
    """Return the open invitation.

    Raise `InvitationNotFound` if it was accepted, revoked or never made.
    """
    from domains.users.services import invitations

    return invitations.get_invitation(invitation_id=invitation_id)


@exposed(idempotent=False)
def issue_invitation_token(*, invitation_id: UUID) -> str:
    """Return a fresh secret that accepts the invitation; earlier ones stop working.

    Raise `InvitationNotFound` if it was accepted, revoked or never made, and
    `InvitationExpired` if it is too old.
    """
    from domains.users.services import invitations

    return invitations.issue_invitation_token(invitation_id=invitation_id, now=now())


@exposed(idempotent=True)
def ensure_organization(*, account_id: UUID, name: str) -> Organization:
    """Return the organization of that name founded by the account, made now if need be."""
    from domains.users.services import founding

    return founding.ensure_organization(account_id=account_id, name=name)


@exposed(idempotent=True)
def ensure_member(*, organization_id: UUID, account_id: UUID, role: str) -> Member:
    """Return the account's membership, made now with that role and without asking for a seat.

    Raise `OrganizationNotFound` for an unknown organization.
    """
    from domains.users.services import members

    return members.ensure_member(organization_id=organization_id, account_id=account_id, role=role)


@exposed(idempotent=True)
def get_role_names(*, organization_id: UUID, roles: list[str]) -> list[RoleName]:
    """Return what people call those of the roles (by their keys) that the organization has."""
    from domains.users.services import role_names

    return role_names.get_role_names(organization_id=organization_id, roles=roles)


@exposed(idempotent=True)
def export_person(*, account_id: UUID, cursor: str | None) -> PersonalPage:
    """Return what users keeps of the person, from the cursor (None: the beginning) on."""
    from domains.users.services import privacy

    return privacy.export_person(account_id=account_id, cursor=cursor)


@exposed(idempotent=True)
def verify_audit(*, organization_id: UUID | None) -> AuditVerdict:
    """Check one organization's audit trail, or (None) all of them, and the signed anchors.

    It reads all of it: the larger the audit, the longer it takes.
    """
    from domains.users.services.audit import verdict

    return verdict.verify_audit(organization_id=organization_id)


@exposed(idempotent=True)
def get_audit_keys() -> list[AuditKey]:
    """Return the public keys that anchors are checked with, the one that signs first."""
    from domains.users.services.audit import verdict

    return verdict.get_audit_keys()
