"""What the OpenAPI document shows of roles."""

from __future__ import annotations

from domains.users.api.examples import ACCOUNT_ID, ORGANIZATION_ID, TEAM_ID, Json

ROLE_ID = "019aa3c9-d3e0-7f46-88e1-bf5f9fbdce56"
ASSIGNMENT_ID = "019aa3ca-0fa0-7057-99f0-c060a0cedf67"
_TIME = "2026-11-22T09:30:00.123456Z"

PERMISSIONS: Json = {
    "data": [
        {
            "name": "users.member:invite",
            "description": "Invite people, see and revoke invitations",
            "roles": ["owner", "admin"],
        }
    ],
    "next_cursor": None,
}
NEW_ROLE: Json = {
    "name": "Host",
    "description": "Welcomes people",
    "permissions": ["users.member:invite", "users.member:read"],
}
ROLE: Json = {
    "id": ROLE_ID,
    "organization_id": ORGANIZATION_ID,
    **NEW_ROLE,
    "created_at": _TIME,
    "updated_at": _TIME,
}
NEW_ASSIGNMENT: Json = {"role": ROLE_ID, "account_id": ACCOUNT_ID, "scope_id": TEAM_ID}
ASSIGNMENT: Json = {
    "id": ASSIGNMENT_ID,
    "organization_id": ORGANIZATION_ID,
    "role": ROLE_ID,
    "account_id": ACCOUNT_ID,
    "team_id": None,
    "scope_id": TEAM_ID,
    "assigned_by": ACCOUNT_ID,
    "created_at": _TIME,
}
EXPLANATION: Json = {
    "allowed": True,
    "permission": "users.member:invite",
    "account_id": ACCOUNT_ID,
    "organization_id": ORGANIZATION_ID,
    "team_id": TEAM_ID,
    "reasons": [
        {
            "kind": "assignment",
            "role": ROLE_ID,
            "role_name": "Host",
            "assignment_id": ASSIGNMENT_ID,
            "via_team_id": None,
            "scope_id": TEAM_ID,
        }
    ],
    "closed": False,
}
