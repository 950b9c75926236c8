"""What users refuses."""

from __future__ import annotations

from kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    TooMany,
    Unsupported,
)


class OrganizationNotFound(NotFound):
    code = "users.organization_not_found"
    title = "There is no such organization"


class InvitationNotFound(NotFound):
    code = "users.invitation_not_found"
    title = "There is no such invitation"


class InvitationExpired(Conflict):
    code = "users.invitation_expired"
    title = "The invitation has expired"


class InvitedAnotherAddress(Forbidden):
    code = "users.invited_another_address"
    title = "The invitation was sent to another e-mail address"


class RoleAboveOwn(Forbidden):
    code = "users.role_above_own"
    title = "Nobody can grant a role above their own"


class AddressInvalid(Invalid):
    code = "users.address_invalid"
    title = "This is no e-mail address"


class AddressRepeated(Conflict):
    code = "users.address_repeated"
    title = "The address stands further up already"


class CsvInvalid(Malformed):
    code = "users.csv_invalid"
    title = "The CSV can't be read"


class CharsetUnsupported(Unsupported):
    code = "users.charset_unsupported"
    title = "CSV is taken as UTF-8"


class TooManyRows(Invalid):
    code = "users.too_many_rows"
    title = "The CSV has too many rows"


class AlreadyMember(Conflict):
    code = "users.already_member"
    title = "This person is a member already"


class SeatLimitReached(Conflict):
    code = "users.seat_limit_reached"
    title = "The plan has no free seat left"


class TooManyPreferences(Invalid):
    code = "users.too_many_preferences"
    title = "There are as many preferences of clients' own as there may be"


class MembershipLimitReached(Conflict):
    code = "users.membership_limit_reached"
    title = "The account belongs to as many organizations as it may"


class LastOwner(Conflict):
    code = "users.last_owner"
    title = "An organization needs at least one owner"


class SlugTaken(Conflict):
    code = "users.slug_taken"
    title = "Another organization has this slug"


class PersonalOrganization(Conflict):
    code = "users.personal_organization"
    title = "This can't be done with one's personal organization"


class OrganizationClosed(Conflict):
    code = "users.organization_closed"
    title = "The organization is closed"


class NotClosed(Conflict):
    code = "users.not_closed"
    title = "The organization is not closed"


class MemberNotFound(NotFound):
    code = "users.member_not_found"
    title = "There is no such member"


class MemberAboveOwn(Forbidden):
    code = "users.member_above_own"
    title = "Nobody can remove or demote somebody who may do more than they may"


class OwnershipTransferNotFound(NotFound):
    code = "users.ownership_transfer_not_found"
    title = "There is no such offer of ownership"


class OwnershipTransferExpired(Conflict):
    code = "users.ownership_transfer_expired"
    title = "The offer of ownership has expired"


class RoleNotFound(NotFound):
    code = "users.role_not_found"
    title = "There is no such role"


class RoleNameTaken(Conflict):
    code = "users.role_name_taken"
    title = "The organization has a role of this name"


class RoleInUse(Conflict):
    code = "users.role_in_use"
    title = "Somebody has this role"


class RoleLimitReached(Conflict):
    code = "users.role_limit_reached"
    title = "The organization has as many roles of its own as it may"


class PermissionUnknown(Invalid):
    code = "users.permission_unknown"
    title = "There is no such permission"


class AssignmentNotFound(NotFound):
    code = "users.assignment_not_found"
    title = "There is no such assignment of a role"


class AssignmentLimitReached(Conflict):
    code = "users.assignment_limit_reached"
    title = "No more roles can be assigned here"


class TeamNotFound(NotFound):
    code = "users.team_not_found"
    title = "There is no such team"


class TeamNameTaken(Conflict):
    code = "users.team_name_taken"
    title = "The organization has a team of this name"


class TeamWithinItself(Conflict):
    code = "users.team_within_itself"
    title = "A team can't be within itself"


class TeamTooDeep(Conflict):
    code = "users.team_too_deep"
    title = "Teams can't be nested this deep"


class TeamHasTeams(Conflict):
    code = "users.team_has_teams"
    title = "Other teams are within this one"


class TeamLimitReached(Conflict):
    code = "users.team_limit_reached"
    title = "The organization has as many teams as it may"


class EmailDomainNotAllowed(Forbidden):
    code = "users.email_domain_not_allowed"
    title = "The organization doesn't allow e-mail addresses of this domain"


class MfaRequired(Forbidden):
    """Proving a second factor lifts it: by stepping up, or once one was added."""

    code = "users.mfa_required"
    title = "The organization asks for a second factor"


class SessionTooOld(Forbidden):
    """Stepping up or signing in again lifts it."""

    code = "users.session_too_old"
    title = "The organization asks to prove anew who you are"


class NetworkNotAllowed(Forbidden):
    code = "users.network_not_allowed"
    title = "The organization doesn't allow this network"


class PolicyLocksOut(Conflict):
    code = "users.policy_locks_out"
    title = "This policy would lock out whoever sets it"


class AuditExportNotFound(NotFound):
    code = "users.audit_export_not_found"
    title = "There is no such export"


class PersonExportNotFound(NotFound):
    code = "users.person_export_not_found"
    title = "There is no such export"


class ExportInProgress(Conflict):
    code = "users.export_in_progress"
    title = "An export is being made already"


class ExportLimitReached(TooMany):
    """`retry_after` is in seconds."""

    code = "users.export_limit_reached"
    title = "No more exports can be made today"


class ExportNotReady(Conflict):
    code = "users.export_not_ready"
    title = "The export is not ready"


class ExportLinkInvalid(NotFound):
    code = "users.export_link_invalid"
    title = "This link is not valid, or has expired"


class ErasureReceiptNotFound(NotFound):
    code = "users.erasure_receipt_not_found"
    title = "There is no such receipt"
