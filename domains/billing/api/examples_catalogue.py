"""What the catalogue looks like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

_PRO_ALLOWANCE = {
    "seats": 25,
    "storage_bytes": 10737418240,
    "requests_per_minute": 3000,
    "audit_retention_days": 365,
}


def _price(name: str, title: str, amounts: dict[str, str], **other: Any) -> dict[str, Any]:
    return {
        "id": "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e60",
        "name": name,
        "title": title,
        "version": 1,
        "interval": "month",
        "interval_count": 1,
        "billing": "advance",
        "quantity": "fixed",
        "meter": None,
        "tax_inclusive": False,
        "terms": {code: {"model": "flat", "amount": amount} for code, amount in amounts.items()},
        **other,
    }


_PRO = {
    "name": "pro",
    "title": "Pro",
    "description": "",
    "price": {"amount": 2900, "currency": "EUR"},
    "interval": "month",
    "features": [
        {"name": name, "kind": "static", "limit": limit, "soft": False}
        for name, limit in _PRO_ALLOWANCE.items()
    ],
    "prices": [
        _price("pro-monthly", "Pro", {"EUR": "2900", "USD": "3100"}),
        _price("pro-yearly", "Pro", {"EUR": "29000", "USD": "31000"}, interval="year"),
    ],
    "trial_days": 0,
    "entitlements": _PRO_ALLOWANCE,
}
_STORAGE = {
    "name": "extra-storage",
    "title": "100 GiB of storage",
    "description": "",
    "price": {"amount": 500, "currency": "EUR"},
    "interval": "month",
    "features": [{"name": "storage_bytes", "kind": "static", "limit": 107374182400, "soft": False}],
    "prices": [
        _price(
            "extra-storage-monthly",
            "100 GiB of storage",
            {},
            terms={"EUR": {"model": "per_unit", "unit_amount": "500", "free_units": "0"}},
        )
    ],
}
PLANS: dict[str, Any] = {"data": [_PRO], "add_ons": [_STORAGE], "next_cursor": None}

COUPONS: dict[str, Any] = {
    "data": [
        {
            "code": "WELCOME",
            "title": "Welcome",
            "percent": "15",
            "amounts": [],
            "products": [],
            "invoices_left": 2,
            "redeemed_at": "2026-01-31T12:00:00.123456Z",
            "ended_at": None,
        }
    ],
    "next_cursor": None,
}
