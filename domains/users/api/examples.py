"""What the OpenAPI document shows."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

ACCOUNT_ID = "019aa3c5-7c00-7a51-9d0e-5c8f4b1d2e01"
MEMBER_ID = "019aa3c5-9d10-7b62-8c1f-4e7d2a9b3c05"
TEAM_ID = "019aa3c7-9c10-7e24-a853-2c7d4e6f8a90"
ORGANIZATION_ID = "019aa3c6-1f40-7b02-8e5a-0d3c9a7b4f12"
INVITATION_ID = "019aa3c7-5b80-7c13-b1f4-7e2d6c8a9b23"
_TIME = "2026-11-22T09:30:00.123456Z"

PROFILE: Json = {
    "display_name": "Ada Lovelace",
    "avatar_file_id": None,
    "locale": "en-GB",
    "time_zone": "Europe/London",
    "preferences": {"theme": "dark", "reduced_motion": True, "custom.sidebar": "narrow"},
}

ORGANIZATION: Json = {
    "id": ORGANIZATION_ID,
    "name": "Analytical Engines",
    "slug": "analytical-engines",
    "logo_file_id": None,
    "personal": False,
    "role": "owner",
    "barred": None,
    "closed_at": None,
    "erase_at": None,
    "created_at": _TIME,
    "updated_at": _TIME,
}

CLOSED_ORGANIZATION: Json = {
    **ORGANIZATION,
    "closed_at": _TIME,
    "erase_at": "2026-12-22T09:30:00.123456Z",
}

OWNERSHIP_TRANSFER: Json = {
    "id": "019aa3c8-2b10-7c41-a6d2-3f8e5b7c9d34",
    "organization_id": ORGANIZATION_ID,
    "from_account_id": ACCOUNT_ID,
    "to_account_id": MEMBER_ID,
    "created_at": _TIME,
    "expires_at": "2026-11-29T09:30:00.123456Z",
}

POLICY: Json = {
    "who_may_invite": "admins",
    "allowed_email_domains": ["example.com"],
    "mfa_required": True,
    "session_lifetime": 28800,
    "allowed_networks": ["203.0.113.0/24", "2001:db8::/32"],
}

MY_ORGANIZATION: Json = {
    **ORGANIZATION,
    "role_name": "owner",
    "permissions": ["users.member:invite", "users.member:read", "users.organization:read"],
    "teams": [{"id": TEAM_ID, "name": "Mills", "path": [TEAM_ID]}],
}

MY_INVITATION: Json = {
    "id": INVITATION_ID,
    "organization_id": "019aa3c6-8e20-7d13-9f42-1b6c3d5e7f89",
    "organization_name": "Difference Engines",
    "role": "member",
    "invited_by": MEMBER_ID,
    "created_at": _TIME,
    "expires_at": "2026-11-29T09:30:00.123456Z",
}

ME: Json = {
    "account_id": ACCOUNT_ID,
    "email": "ada@example.com",
    "email_verified": True,
    **PROFILE,
    "organizations": [MY_ORGANIZATION],
    "invitations": [MY_INVITATION],
    "ownership_transfers": [],
    "created_at": _TIME,
    "updated_at": _TIME,
}

MEMBER: Json = {
    "account_id": ACCOUNT_ID,
    "display_name": "Ada Lovelace",
    "email": "ada@example.com",
    "role": "owner",
    "joined_at": _TIME,
}

INVITED: Json = {"email": "charles@example.com", "role": "member"}

INVITATION: Json = {
    "id": INVITATION_ID,
    "organization_id": ORGANIZATION_ID,
    **INVITED,
    "invited_by": ACCOUNT_ID,
    "created_at": _TIME,
    "expires_at": "2026-11-29T09:30:00.123456Z",
}

MEMBERSHIP: Json = {
    "organization_id": ORGANIZATION_ID,
    "account_id": ACCOUNT_ID,
    "role": "member",
    "joined_at": _TIME,
}

TEAM_ID = "019aa3c8-97c0-7d24-a6e3-9f3e7d9bac34"
PARENT_ID = "019aa3c8-5a80-7e35-97d2-af4f8eacbd45"
TEAM: Json = {
    "id": TEAM_ID,
    "organization_id": ORGANIZATION_ID,
    "parent_id": PARENT_ID,
    "path": [PARENT_ID, TEAM_ID],
    "name": "Compilers",
    "description": "",
    "created_at": _TIME,
    "updated_at": _TIME,
}

INVITED_ROWS: Json = {
    "data": [
        {
            "row": 1,
            "email": "charles@example.com",
            "status": "invited",
            "invitation_id": INVITATION_ID,
            "code": None,
            "detail": None,
        },
        {
            "row": 2,
            "email": "ada@example.com",
            "status": "refused",
            "invitation_id": None,
            "code": "users.already_member",
            "detail": "This person is a member already",
        },
    ]
}
