"""What requests and answers look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

ORGANIZATION = "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e5f"

PRO_ALLOWANCE = {
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
            "entitlements": PRO_ALLOWANCE,
        }
    ],
    "next_cursor": None,
}
