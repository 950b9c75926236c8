"""What requests about a subscription and answers look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from domains.billing.api.examples import ORGANIZATION

_PERIOD = {"start": "2026-01-31T12:00:00Z", "end": "2026-02-28T12:00:00Z"}
_REST = {"start": "2026-02-14T12:00:00Z", "end": "2026-02-28T12:00:00Z"}

SUBSCRIPTION: dict[str, Any] = {
    "organization_id": ORGANIZATION,
    "plan": "pro",
    "status": "active",
    "activated_at": "2026-01-31T12:00:00.123456Z",
    "pending_payment": None,
    "state": "active",
    "interval": "month",
    "interval_count": 1,
    "currency": "EUR",
    "current_period": _PERIOD,
    "quantity": 1,
    "add_ons": [{"name": "extra-storage", "quantity": 2}],
    "trial_end": None,
    "resumes_at": None,
    "cancel_at": None,
    "scheduled_changes": [],
}

WISH: dict[str, Any] = {"plan": "business", "interval": "month"}

CHANGE: dict[str, Any] = {"plan": "pro", "payment_method": "pm_card_visa"}

CANCEL: dict[str, Any] = {"at": "period_end", "reason": "We finished the project."}

PAUSE: dict[str, Any] = {"resumes_at": "2026-06-01T00:00:00Z"}

RESUME: dict[str, Any] = {"payment_method": "pm_card_visa"}


def _euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def _line(kind: str, product: str, amount: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "description": product.capitalize(),
        "product": product,
        "quantity": "1",
        "amount": _euros(amount),
        "discount": _euros(0),
        "net": _euros(amount),
        "tax_rate": "0",
        "tax": _euros(0),
        "tax_inclusive": False,
        "period": _REST,
    }


PREVIEW: dict[str, Any] = {
    "plan": "business",
    "policy": "now",
    "lines": [_line("credit", "pro", -1450), _line("proration", "business", 4950)],
    "subtotal": _euros(3500),
    "discount": _euros(0),
    "tax": _euros(0),
    "total": _euros(3500),
    "from_balance": _euros(0),
    "to_balance": _euros(0),
    "due": _euros(3500),
    "period": _PERIOD,
    "trial_end": None,
    "scheduled_for": None,
    "preview_token": "eNqrVkrOSFWyUlCKj3d29Q…",
    "expires_at": "2026-02-14T12:15:00Z",
}
