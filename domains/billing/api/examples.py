"""What requests and answers look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

_ORGANIZATION = "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e5f"

_PRO_ALLOWANCE = {
    "seats": 25,
    "storage_bytes": 10737418240,
    "requests_per_minute": 3000,
    "audit_retention_days": 365,
}

PLANS: dict[str, Any] = {
    "data": [
        {
            "name": "pro",
            "title": "Pro",
            "price": {"amount": 2900, "currency": "EUR"},
            "interval": "month",
            "entitlements": _PRO_ALLOWANCE,
        }
    ],
    "next_cursor": None,
}

SUBSCRIPTION: dict[str, Any] = {
    "organization_id": _ORGANIZATION,
    "plan": "pro",
    "status": "active",
    "activated_at": "2026-01-31T12:00:00.123456Z",
    "pending_payment": None,
}

CHANGE: dict[str, Any] = {"plan": "pro", "payment_method": "pm_card_visa"}

ENTITLEMENTS: dict[str, Any] = {
    "organization_id": _ORGANIZATION,
    "plan": "pro",
    **_PRO_ALLOWANCE,
}
