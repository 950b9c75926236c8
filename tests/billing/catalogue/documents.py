"""Catalogues for tests, as YAML."""

from __future__ import annotations

from typing import Any

import yaml

ALLOWED = {"seats": 3, "storage_bytes": 1, "requests_per_minute": 1}


def price(name: str, *, amount: Any = 100, currency: str = "EUR", **more: Any) -> dict[str, Any]:
    """Return a flat monthly price."""
    terms = {currency: {"model": "flat", "amount": amount}}
    return {"name": name, "interval": "month", "terms": terms, **more}


def plan(name: str = "free", *prices: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a plan with the prices: one that takes nothing, if none is given."""
    sold = list(prices) or [price(f"{name}-monthly", amount=0)]
    return {"name": name, "title": name.title(), "entitlements": ALLOWED, "prices": sold, **more}


def written(*plans: dict[str, Any], **more: Any) -> str:
    """Return the catalogue of these plans; `free` alone, if none is given."""
    whole = {"currency": "EUR", "plans": list(plans) or [plan()], **more}
    return yaml.safe_dump(whole, sort_keys=False)
