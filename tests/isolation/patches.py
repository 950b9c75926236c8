"""What the mutation run takes out of the product: one filter or one check at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patch:
    """Replace `text`, which stands once in `file`; the matrix's rows of `seen_by` must go red."""

    file: str
    text: str
    replacement: str
    why: str
    seen_by: str


AUTH, FILES, USERS = "domains/auth/services", "domains/files/services", "domains/users/services"
BILLING, GATEWAY = "domains/billing/services", "platform/gateway"
WEBHOOKS = "domains/notifications/services/webhooks"

PATCHES = (
    Patch(
        f"{FILES}/catalogue.py",
        """row = File.objects.filter(
        id=file_id, organization_id__in=principal.organization_ids, state__in=SHOWN
    ).first()""",
        "row = File.objects.everywhere().filter(id=file_id, state__in=SHOWN).first()",
        "a file is found in every organization",
        "getFile",
    ),
    Patch(
        f"{FILES}/catalogue.py",
        "    principal.require(permission, organization_id=row.organization_id)\n",
        "",
        "who sees a file may do everything with it",
        "deleteFile",
    ),
    Patch(
        f"{FILES}/catalogue.py",
        "File.objects.filter(organization_id=principal.organization_id, state__in=SHOWN)",
        "File.objects.everywhere().filter(state__in=SHOWN)",
        "all files are listed",
        "listFiles",
    ),
    Patch(
        f"{FILES}/uploads.py",
        "    principal.require(FILE_WRITE)\n",
        "",
        "everybody uploads",
        "openUpload",
    ),
    Patch(
        f"{BILLING}/subscriptions/changing.py",
        "    principal.require(SUBSCRIPTION_WRITE)\n",
        "",
        "everybody changes the plan",
        "changeSubscription",
    ),
    Patch(
        f"{BILLING}/subscriptions/reading.py",
        "    principal.require(SUBSCRIPTION_READ)\n",
        "",
        "keys see the plan without the permission",
        "getSubscription",
    ),
    Patch(
        f"{AUTH}/api_keys.py",
        "    principal.require(API_KEY_WRITE)\n    return",
        "    return",
        "everybody lists the keys",
        "listApiKeys",
    ),
    Patch(
        f"{AUTH}/api_keys.py",
        "ApiKey.objects.filter(organization_id=principal.organization_id, revoked_at=None)",
        "ApiKey.objects.everywhere().filter(revoked_at=None)",
        "all organizations' keys are listed",
        "listApiKeys",
    ),
    Patch(
        f"{AUTH}/api_keys.py",
        "mine = ApiKey.objects.filter(organization_id__in=principal.organization_ids)",
        "mine = ApiKey.objects.everywhere()",
        "a key is found in every organization",
        "revokeApiKey",
    ),
    Patch(
        f"{AUTH}/service_accounts.py",
        """ServiceAccount.objects.filter(
        organization_id__in=principal.organization_ids, disabled_at=None
    )""",
        "ServiceAccount.objects.everywhere().filter(disabled_at=None)",
        "a service account is found in every organization",
        "getServiceAccount",
    ),
    Patch(
        f"{AUTH}/service_accounts.py",
        "    principal.require(SERVICE_ACCOUNT_WRITE, organization_id=found.organization_id)\n",
        "",
        "everybody disables service accounts",
        "disableServiceAccount",
    ),
    Patch(
        f"{AUTH}/own_sessions.py",
        "Session.objects.filter(account_id=account_id)",
        "Session.objects.all()",
        "everybody's sessions are one's own",
        "listSessions or endSession",
    ),
    Patch(
        f"{AUTH}/passkey_list.py",
        "return Passkey.objects.filter(account_id=account_id)",
        "return Passkey.objects.all()",
        "everybody's passkeys are one's own",
        "renamePasskey",
    ),
    Patch(
        "domains/notifications/services/feed/reading.py",
        "Notification.objects.filter(account_id=require_person(principal))",
        "Notification.objects.all()",
        "everybody's notifications are one's own",
        "readAllNotifications",
    ),
    Patch(
        f"{WEBHOOKS}/endpoints.py",
        "WebhookEndpoint.objects.filter(organization_id__in=principal.organization_ids)",
        "WebhookEndpoint.objects.everywhere()",
        "everybody's webhook endpoints are one's own",
        "deleteWebhookEndpoint",
    ),
    Patch(
        f"{WEBHOOKS}/deliveries.py",
        "    principal.require(permission, organization_id=delivery.organization_id)\n",
        "",
        "members see what was sent to webhook endpoints",
        "getWebhook",
    ),
    Patch(
        f"{USERS}/organizations.py",
        "    principal.require(permission, organization_id=organization_id)\n    return membership",
        "    return membership",
        "members may do everything",
        "createInvitation",
    ),
    Patch(
        f"{USERS}/invitations.py",
        "models.Invitation.objects.filter(organization_id=organization_id, accepted_at=None)",
        "models.Invitation.objects.everywhere().filter(accepted_at=None)",
        "an invitation is found in every organization",
        "revokeInvitation",
    ),
    Patch(
        f"{USERS}/team_access.py",
        "if organization_id not in {*principal.memberships, *principal.barred}:",
        "if False:",
        "one needn't belong to an organization to know it",
        "listTeams or listRoles",
    ),
    Patch(
        f"{USERS}/team_access.py",
        """    teams = models.Team.objects.filter(organization_id=organization_id)
    team =""",
        "    teams = models.Team.objects.everywhere()\n    team =",
        "a team is found in every organization",
        "getTeam",
    ),
    Patch(
        f"{USERS}/team_access.py",
        "    principal.require(permission, organization_id=organization_id, within=around)\n",
        "",
        "everybody changes teams",
        "addTeamMember",
    ),
    Patch(
        f"{USERS}/members.py",
        "    principal.require(MEMBER_READ, organization_id=organization_id)\n",
        "",
        "keys see the members without the permission",
        "getMember or listMembers",
    ),
    Patch(
        f"{USERS}/member_changes.py",
        "    principal.require(ROLE_ASSIGN, organization_id=organization_id)\n",
        "",
        "everybody gives members roles",
        "updateMember",
    ),
    Patch(
        f"{USERS}/member_changes.py",
        "principal.require(MEMBER_REMOVE, organization_id=organization_id)",
        "pass",
        "everybody removes members",
        "removeMember",
    ),
    Patch(
        f"{USERS}/custom_roles.py",
        "    roles = models.CustomRole.objects.filter(organization_id=organization_id)\n    role =",
        "    roles = models.CustomRole.objects.everywhere()\n    role =",
        "a role is found in every organization",
        "updateRole or deleteRole",
    ),
    Patch(
        f"{USERS}/custom_roles.py",
        "    principal.require(permission, organization_id=organization_id)\n",
        "",
        "everybody makes roles",
        "createRole",
    ),
    Patch(
        f"{USERS}/assignments.py",
        """models.RoleAssignment.objects.filter(organization_id=organization_id)
    row =""",
        "models.RoleAssignment.objects.everywhere()\n    row =",
        "an assignment is found in every organization",
        "unassignRole",
    ),
    Patch(
        f"{USERS}/assignments.py",
        "organization.teams.filter(id=team_id).first()",
        "models.Team.objects.everywhere().filter(id=team_id).first()",
        "a role is given to another organization's team",
        "assignRole",
    ),
    Patch(
        f"{USERS}/explanation.py",
        "models.Team.objects.filter(organization_id=organization_id)",
        "models.Team.objects.everywhere()",
        "it is explained what somebody may in another organization's team",
        "explainPermission",
    ),
    Patch(
        f"{USERS}/audit/log.py",
        "    principal.require(AUDIT_READ)\n    organization_id",
        "    organization_id",
        "everybody reads the audit log",
        "listAuditLog",
    ),
    Patch(
        f"{USERS}/audit/log.py",
        "AuditEntry.objects.within(organization_id)",
        "AuditEntry.objects.everywhere()",
        "the audit log is everybody's",
        "listAuditLog",
    ),
    Patch(
        f"{GATEWAY}/principals.py",
        "if organization not in (None, grant.organization_id):",
        "if False:",
        "a key takes any organization in its header",
        "listFiles",
    ),
    Patch(
        f"{GATEWAY}/principals.py",
        "if not state.active or state.account_id != token.account_id:",
        "if False:",
        "a banned account's sessions go on",
        "getMe",
    ),
)
