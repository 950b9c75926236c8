"""What the OpenAPI document shows of the audit."""

from __future__ import annotations

from domains.users.api.examples import ACCOUNT_ID, ORGANIZATION_ID, Json

_TIME = "2026-11-22T09:30:00.123456Z"

AUDIT_ENTRY: Json = {
    "id": "019aa3c8-97c0-7d24-a2e5-8f3e7d9bac34",
    "sequence": 1815,
    "occurred_at": _TIME,
    "action": "users.member_role_changed",
    "actor": {"kind": "account", "id": ACCOUNT_ID},
    "on_behalf_of": None,
    "target": {"kind": "account", "id": "019aa3c9-d400-7e35-93f6-904f8eacbd45"},
    "facts": {
        "organization_id": ORGANIZATION_ID,
        "account_id": "019aa3c9-d400-7e35-93f6-904f8eacbd45",
        "former_role": "member",
        "role": "admin",
    },
    "personal": {"address": "203.0.113.7", "user_agent": "Mozilla/5.0", "request_id": "r-1815"},
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}

EXPORT_ID = "019aa3ca-1040-7f46-84a7-a15f9fbdce56"
EXPORT_REQUESTED: Json = {
    "id": EXPORT_ID,
    "format": "csv",
    "filters": {"action": "users.*"},
    "state": "pending",
    "entries": None,
    "size": None,
    "sha256": "",
    "created_at": _TIME,
    "ready_at": None,
    "expires_at": None,
    "download_url": None,
}
EXPORT: Json = {
    **EXPORT_REQUESTED,
    "state": "ready",
    "entries": 1815,
    "size": 726000,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "ready_at": _TIME,
    "expires_at": "2026-11-29T09:30:00.123456Z",
    "download_url": f"https://api.example.com/api/v1/users/audit-log/exports/{EXPORT_ID}/content"
    "?expires=1763804700&signature=2c26b46b68ffc68ff99b453c1d304134",
}
