from __future__ import annotations

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
from tests.isolation.rows import PEOPLE_ONLY, Row, everybody, held, signed_in

ASKED = {"permission": "files.file:read"}
COLLEAGUE = {"account_id": "$colleague_id"}

ONESELF: dict[str, Row] = {
    "getMe": signed_in(keys=200, machines=PEOPLE_ONLY),
    "updateMe": signed_in().sends(body={"display_name": "New"}),
    # The file is asked for by whoever shows it: only its own organization sees it.
    "updateMe: with a picture": signed_in().sends(
        body={"avatar_file_id": "$image_id"}, foreign={"avatar_file_id": 200}
    ),
    "listOrganizations": signed_in(keys=200, machines=PEOPLE_ONLY),
    "createOrganization": signed_in(201).sends(body={"name": "New"}),
}
# Who is a member sees more than the organization's machines: those belong to nobody.
ORGANIZATIONS: dict[str, Row] = {
    "getOrganization": held(ORGANIZATION_READ, machines=PEOPLE_ONLY),
    "updateOrganization": held(ORGANIZATION_WRITE, machines=PEOPLE_ONLY).sends(
        body={"name": "New", "logo_file_id": "$image_id"},
        foreign={"logo_file_id": 200},
    ),
    "getOrganizationPolicy": held(ORGANIZATION_POLICY, machines=PEOPLE_ONLY),
    "setOrganizationPolicy": held(ORGANIZATION_POLICY, keys=PEOPLE_ONLY).sends(
        body={"who_may_invite": "owners"}
    ),
    "closeOrganization": held(ORGANIZATION_CLOSE, keys=PEOPLE_ONLY),
    "reopenOrganization": held(ORGANIZATION_CLOSE, 409, keys=PEOPLE_ONLY),
}
# Offered to the admin.
OWNERSHIP: dict[str, Row] = {
    "offerOwnership": held(OWNERSHIP_TRANSFER, 201, keys=PEOPLE_ONLY).sends(
        body={"account_id": "$colleague_id"}
    ),
    # It is read as the organization is, by whom it concerns: a key needs both permissions.
    "getOwnershipTransfer": held(OWNERSHIP_TRANSFER, keys=403).but(admin=200),
    "endOwnershipTransfer": held(OWNERSHIP_TRANSFER, 204, keys=PEOPLE_ONLY).but(admin=204),
    "acceptOwnership": held(ORGANIZATION_READ, 404, keys=PEOPLE_ONLY).but(admin=200),
}
MEMBERS: dict[str, Row] = {
    "listMembers": held(MEMBER_READ, machines=PEOPLE_ONLY),
    "getMember": held(MEMBER_READ).sends(path=COLLEAGUE),
    # No key changes who may do more than it does itself.
    "updateMember": held(ROLE_ASSIGN)
    .sends(path=COLLEAGUE, body={"role": "$spare_role_id"})
    .but(key=403, machine=403),
    "removeMember": held(MEMBER_REMOVE, 204).sends(path=COLLEAGUE).but(key=403, machine=403),
    "removeMember: oneself": held(MEMBER_REMOVE, 204)
    .sends(path={"account_id": "$account_id"}, foreign={"account_id": (403, 404)})
    .but(owner=409, member=204, viewer=204, key=409, machine=403),
}
ROLES: dict[str, Row] = {
    "listPermissions": signed_in(keys=200),
    "explainPermission": signed_in(keys=200, machines=PEOPLE_ONLY).sends(query=ASKED),
    "explainPermission: of somebody else, in a team": held(ROLE_READ).sends(
        query={**ASKED, "account": "$colleague_id", "team": "$team_id"}
    ),
    "listRoles": held(ROLE_READ),
    "getRole": held(ROLE_READ),
    "createRole": held(ROLE_WRITE, 201).sends(body={"name": "New", "permissions": []}),
    "updateRole": held(ROLE_WRITE).sends(path={"role_id": "$spare_role_id"}, body={"name": "New"}),
    "deleteRole": held(ROLE_WRITE, 204).sends(path={"role_id": "$spare_role_id"}),
    "listRoleAssignments": held(ROLE_READ),
    "listRoleAssignments: of a member, a team or a role": held(ROLE_READ).sends(
        query={"account": "$colleague_id", "team": "$team_id", "role": "$role_id"},
        foreign={"account": 200, "team": 200, "role": 200},
    ),
    "assignRole": held(ROLE_ASSIGN, 201).sends(
        body={"account_id": "$colleague_id", "role": "$spare_role_id", "scope_id": "$team_id"}
    ),
    "assignRole: to a team": held(ROLE_ASSIGN, 201).sends(
        body={"team_id": "$team_id", "role": "$spare_role_id"}
    ),
    "unassignRole": held(ROLE_ASSIGN, 204).but(key=403, machine=403),
}
AUDIT: dict[str, Row] = {
    "listAuditLog": held(AUDIT_READ, home=200),
    "listAuditLog: of somebody, on something": held(AUDIT_READ, home=200).sends(
        query={"actor": "$colleague_id", "target": "$team_id"},
        foreign={"actor": 200, "target": 200},
    ),
    "exportAuditLog": held(AUDIT_EXPORT, 202, home=202).sends(
        body={"format": "csv", "filters": {"actor": "$colleague_id"}}, foreign={"actor": 202}
    ),
    "listAuditExports": held(AUDIT_EXPORT, home=200),
    "getAuditExport": held(AUDIT_EXPORT).sends(path={"export_id": "$audit_export_id"}),
    # The signature in the link is what counts.
    "downloadAuditExport": everybody(404).sends(path={"export_id": "$audit_export_id"}),
}
INVITATIONS: dict[str, Row] = {
    "listInvitations": held(MEMBER_INVITE, machines=PEOPLE_ONLY),
    "createInvitation": held(MEMBER_INVITE, 201, machines=PEOPLE_ONLY)
    .sends(
        # No key grants more than it has itself.
        body={"email": "new@elsewhere.example", "role": "viewer"}
    )
    .but(key=403),
    "createInvitation: as what the organization made": held(
        MEMBER_INVITE, 201, machines=PEOPLE_ONLY
    ).sends(body={"email": "new@elsewhere.example", "role": "$spare_role_id"}),
    # Each row is answered by itself, so that a key is refused in it alone.
    "createInvitationsInBulk": held(MEMBER_INVITE, machines=PEOPLE_ONLY).sends(
        body="email,role\nnew@elsewhere.example,viewer\n", content_type="text/csv"
    ),
    "resendInvitation": held(MEMBER_INVITE, machines=PEOPLE_ONLY).but(key=403),
    "revokeInvitation": held(MEMBER_INVITE, 204, machines=PEOPLE_ONLY),
    # The token is of a mail to somebody else.
    "acceptInvitation": signed_in(403).sends(body={"token": "$invitation_token"}),
    "acceptOwnInvitation": signed_in(404),
}
TEAMS: dict[str, Row] = {
    "listTeams": held(TEAM_READ),
    "listTeams: within one": held(TEAM_READ).sends(
        query={"parent_id": "$team_id"}, foreign={"parent_id": 200}
    ),
    "createTeam": held(TEAM_WRITE, 201).sends(body={"name": "New", "parent_id": "$team_id"}),
    "getTeam": held(TEAM_READ),
    "updateTeam": held(TEAM_WRITE).sends(
        path={"team_id": "$other_team_id"}, body={"name": "New", "parent_id": "$team_id"}
    ),
    "deleteTeam": held(TEAM_WRITE, 204).sends(path={"team_id": "$other_team_id"}),
    "listTeamMembers": held(TEAM_READ),
    "addTeamMember": held(TEAM_WRITE, 204).sends(path={"team_id": "$other_team_id", **COLLEAGUE}),
    "removeTeamMember": held(TEAM_WRITE, 204).sends(path=COLLEAGUE),
}
PRIVACY: dict[str, Row] = {
    "requestPersonExport": signed_in(202),
    "getPersonExport": signed_in(),
    "eraseMe": signed_in(202).sends(body={"immediately": False}),
    # Links and tokens are the proof: without the right one nobody gets anything.
    "downloadPersonExport": everybody(404).sends(path={"export_id": "$person_export_id"}),
    "showErasureReceipt": everybody(404).sends(body={"token": "that nobody has"}),
}
ROWS: dict[str, Row] = {
    **ONESELF,
    **ORGANIZATIONS,
    **OWNERSHIP,
    **MEMBERS,
    **INVITATIONS,
    **ROLES,
    **TEAMS,
    **AUDIT,
    **PRIVACY,
}
