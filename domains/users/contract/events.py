"""What happened to people and organizations. Facts and ids; addresses and names of people never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import event
from kernel.privacy.records import Erased


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field that is another now, both values as text; None where there was or is none."""

    field: str
    before: str | None
    after: str | None


@event("users.organization_created.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class OrganizationCreated:
    """An account founded an organization and owns it."""

    organization_id: UUID
    account_id: UUID
    personal: bool


@event("users.member_invited.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class MemberInvited:
    """`account_id` invited somebody, or renewed the invitation: a mail with a new token is due."""

    organization_id: UUID
    invitation_id: UUID
    account_id: UUID
    expires_at: datetime | None = None


@event("users.member_joined.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class MemberJoined:
    """An account became a member, by the invitation if there was one."""

    organization_id: UUID
    account_id: UUID
    role: str
    invitation_id: UUID | None = None


@event("users.owner_appointed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class OwnerAppointed:
    """The last owner's account was erased; this member owns the organization from now on."""

    organization_id: UUID
    account_id: UUID


@event("users.organization_erased.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class OrganizationErased:
    """The organization is gone for good: whoever keeps something of it erases that."""

    organization_id: UUID


@event("users.organization_updated.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class OrganizationUpdated:
    """The name, slug or logo is another."""

    organization_id: UUID
    changes: tuple[Change, ...]


@event("users.organization_policy_changed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class OrganizationPolicyChanged:
    """The organization asks something else of its members from now on."""

    organization_id: UUID
    changes: tuple[Change, ...]


@event("users.organization_closed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class OrganizationClosed:
    """An owner closed the organization; until `erase_at` owners can open it again."""

    organization_id: UUID
    erase_at: datetime


@event("users.organization_reopened.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class OrganizationReopened:
    """An owner opened the organization again."""

    organization_id: UUID


@event("users.ownership_offered.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class OwnershipOffered:
    """An owner offered the ownership to another member."""

    organization_id: UUID
    transfer_id: UUID
    from_account_id: UUID
    to_account_id: UUID


@event("users.ownership_transferred.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class OwnershipTransferred:
    """The offer was accepted: who made it is an admin now."""

    organization_id: UUID
    transfer_id: UUID
    from_account_id: UUID
    to_account_id: UUID


@event("users.ownership_offer_ended.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class OwnershipOfferEnded:
    """The offer was declined, withdrawn, or too old; `reason` says which."""

    organization_id: UUID
    transfer_id: UUID
    from_account_id: UUID
    to_account_id: UUID
    reason: str


@event("users.invitation_revoked.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class InvitationRevoked:
    """An open invitation was taken back."""

    organization_id: UUID
    invitation_id: UUID


@event("users.member_removed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class MemberRemoved:
    """Somebody no longer belongs to the organization; `left` if they went by themselves."""

    organization_id: UUID
    account_id: UUID
    left: bool


@event("users.member_erased.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class MemberErased:
    """A member's account was erased, and they belong to the organization no more."""

    organization_id: UUID
    account_id: UUID


@event("users.member_role_changed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class MemberRoleChanged:
    """A member has another role, a built-in one's name or a custom one's id."""

    organization_id: UUID
    account_id: UUID
    former_role: str
    role: str


@event("users.role_created.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class RoleCreated:
    """The organization made a role of its own."""

    organization_id: UUID
    role_id: UUID
    name: str
    permissions: tuple[str, ...]


@event("users.role_updated.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class RoleUpdated:
    """A role of the organization's own is another."""

    organization_id: UUID
    role_id: UUID
    changes: tuple[Change, ...]


@event("users.role_deleted.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class RoleDeleted:
    """A role of the organization's own is gone."""

    organization_id: UUID
    role_id: UUID
    name: str


@event("users.role_assigned.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class RoleAssigned:
    """A member (`account_id`) or a team got a role, in the whole organization or in `scope_id`."""

    organization_id: UUID
    assignment_id: UUID
    role: str
    account_id: UUID | None
    team_id: UUID | None
    scope_id: UUID | None


@event("users.role_unassigned.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class RoleUnassigned:
    """A member (`account_id`) or a team no longer has a role."""

    organization_id: UUID
    assignment_id: UUID
    role: str
    account_id: UUID | None
    team_id: UUID | None
    scope_id: UUID | None


@event("users.team_created.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class TeamCreated:
    """The organization made a team, perhaps within another."""

    organization_id: UUID
    team_id: UUID
    parent_id: UUID | None
    name: str


@event("users.team_updated.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class TeamUpdated:
    """A team is called otherwise, or stands elsewhere."""

    organization_id: UUID
    team_id: UUID
    changes: tuple[Change, ...]


@event("users.team_deleted.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class TeamDeleted:
    """A team is gone; its members stay members."""

    organization_id: UUID
    team_id: UUID
    name: str


@event("users.team_member_added.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class TeamMemberAdded:
    """A member belongs to a team."""

    organization_id: UUID
    team_id: UUID
    account_id: UUID


@event("users.team_member_removed.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class TeamMemberRemoved:
    """A member no longer belongs to a team."""

    organization_id: UUID
    team_id: UUID
    account_id: UUID


@event("users.profile_updated.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class ProfileUpdated:
    """Somebody changed these fields of their profile."""

    account_id: UUID
    fields: tuple[str, ...]


@event("users.audit_log_read.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class AuditLogRead:
    """Somebody read the audit log; `filters` as they asked."""

    organization_id: UUID
    filters: dict[str, str]


@event("users.audit_log_exported.v1", aggregate="organization_id")
@dataclass(frozen=True, kw_only=True)
class AuditLogExported:
    """Somebody asked for a copy of the audit log, or (`downloaded`) fetched it."""

    organization_id: UUID
    export_id: UUID
    downloaded: bool


@event("users.person_erased.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PersonErased:
    """What users erased of a person, made anonymous, or must keep and why."""

    account_id: UUID
    items: tuple[Erased, ...]


@event("users.person_export_requested.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PersonExportRequested:
    """Somebody asked for all that is kept about them."""

    account_id: UUID
    export_id: UUID


@event("users.person_export_ready.v1", aggregate="account_id")
@dataclass(frozen=True, kw_only=True)
class PersonExportReady:
    """The archive can be fetched until `expires_at`."""

    account_id: UUID
    export_id: UUID
    expires_at: datetime
