from django.urls import path

from domains.users.api import (
    assignments,
    audit,
    audit_exports,
    bulk_invitations,
    closing,
    invitations,
    me,
    members,
    organizations,
    ownership,
    permissions,
    policy,
    privacy,
    roles,
    teams,
)

urlpatterns = [
    path("users/audit-log", audit.AuditLog.as_view()),
    path("users/audit-log/exports", audit_exports.Exports.as_view()),
    path("users/audit-log/exports/<uuid:export_id>", audit_exports.Export.as_view()),
    path("users/audit-log/exports/<uuid:export_id>/content", audit_exports.Content.as_view()),
    path("users/me", me.Me.as_view()),
    path("users/me/export", privacy.MyExport.as_view()),
    path("users/me/exports/<uuid:export_id>/content", privacy.ExportContent.as_view()),
    path("users/me/erase", privacy.EraseMe.as_view()),
    path("users/erasure-receipts", privacy.ErasureReceipts.as_view()),
    path("users/organizations", organizations.Organizations.as_view()),
    path("users/organizations/<uuid:organization_id>", organizations.Organization.as_view()),
    path("users/organizations/<uuid:organization_id>/policy", policy.Policy.as_view()),
    path("users/organizations/<uuid:organization_id>/close", closing.Closing.as_view()),
    path("users/organizations/<uuid:organization_id>/reopen", closing.Reopening.as_view()),
    path(
        "users/organizations/<uuid:organization_id>/ownership-transfer",
        ownership.OwnershipTransfer.as_view(),
    ),
    path(
        "users/organizations/<uuid:organization_id>/ownership-transfer/accept",
        ownership.OwnershipAcceptance.as_view(),
    ),
    path(
        "users/organizations/<uuid:organization_id>/invitations", invitations.Invitations.as_view()
    ),
    path(
        "users/organizations/<uuid:organization_id>/invitations/bulk",
        bulk_invitations.BulkInvitations.as_view(),
    ),
    path(
        "users/organizations/<uuid:organization_id>/invitations/<uuid:invitation_id>",
        invitations.Invitation.as_view(),
    ),
    path(
        "users/organizations/<uuid:organization_id>/invitations/<uuid:invitation_id>/resend",
        invitations.Resending.as_view(),
    ),
    path("users/organizations/<uuid:organization_id>/teams", teams.Teams.as_view()),
    path("users/organizations/<uuid:organization_id>/teams/<uuid:team_id>", teams.Team.as_view()),
    path(
        "users/organizations/<uuid:organization_id>/teams/<uuid:team_id>/members",
        teams.TeamMembers.as_view(),
    ),
    path(
        "users/organizations/<uuid:organization_id>/teams/<uuid:team_id>/members/<uuid:account_id>",
        teams.TeamMember.as_view(),
    ),
    path("users/invitations/accept", invitations.Acceptance.as_view()),
    path("users/permissions", permissions.Permissions.as_view()),
    path("users/permissions/explain", permissions.Explanation.as_view()),
    path("users/organizations/<uuid:organization_id>/members", members.Members.as_view()),
    path(
        "users/organizations/<uuid:organization_id>/members/<uuid:account_id>",
        members.Member.as_view(),
    ),
    path("users/organizations/<uuid:organization_id>/roles", roles.Roles.as_view()),
    path("users/organizations/<uuid:organization_id>/roles/<uuid:role_id>", roles.Role.as_view()),
    path(
        "users/organizations/<uuid:organization_id>/role-assignments",
        assignments.Assignments.as_view(),
    ),
    path(
        "users/organizations/<uuid:organization_id>/role-assignments/<uuid:assignment_id>",
        assignments.Assignment.as_view(),
    ),
    path("users/invitations/<uuid:invitation_id>/accept", invitations.OwnAcceptance.as_view()),
]
