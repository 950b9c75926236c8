"""What requests and answers about use and entitlements look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from domains.billing.api.examples import ORGANIZATION, PRO_ALLOWANCE

FEATURE: dict[str, Any] = {
    "feature": "exports",
    "kind": "metered",
    "allowed": True,
    "limit": 100,
    "soft": False,
    "used": 40,
    "reserved": 0,
    "granted": 10,
    "remaining": 70,
    "resets_at": "2026-04-01T00:00:00Z",
}
ENTITLEMENTS: dict[str, Any] = {
    "organization_id": ORGANIZATION,
    "plan": "pro",
    **PRO_ALLOWANCE,
    "features": [FEATURE],
}
CHECK: dict[str, Any] = {"feature": "exports", "amount": 1}
CONSUME: dict[str, Any] = {"feature": "exports", "amount": 1, "key": "export-2026-03-15-1"}

USAGE: dict[str, Any] = {
    "events": [
        {
            "id": "call-8f14e45f",
            "meter": "api-calls",
            "value": "3",
            "occurred_at": "2026-03-15T12:00:00Z",
        }
    ]
}
USAGE_TAKEN: dict[str, Any] = {"data": [{"id": "call-8f14e45f", "verdict": "accepted"}]}
USAGE_OF_PERIOD: dict[str, Any] = {
    "period_start": "2026-03-01T00:00:00Z",
    "period_end": "2026-04-01T00:00:00Z",
    "data": [
        {
            "meter": "api-calls",
            "title": "API calls",
            "unit": "calls",
            "aggregation": "sum",
            "quantity": "1284.5",
            "events": 911,
        }
    ],
    "next_cursor": None,
}
