"""What requests and answers about payments look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

METHOD: dict[str, Any] = {
    "id": "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e60",
    "provider": "test",
    "kind": "card",
    "brand": "visa",
    "last4": "4242",
    "expires_on": "2040-12-31",
    "is_default": True,
    "created_at": "2026-01-31T12:00:00.123456Z",
}
METHODS: dict[str, Any] = {"data": [METHOD], "next_cursor": None}
SETUP: dict[str, Any] = {
    "provider": "stripe",
    "reference": "seti_1Pabc",
    "client_secret": "seti_1Pabc_secret_def",
}
ATTACHING: dict[str, Any] = {"payment_method": "pm_card_visa"}
CHANGING: dict[str, Any] = {"is_default": True}
PAYMENT: dict[str, Any] = {
    "id": "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e61",
    "invoice_id": "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e62",
    "status": "succeeded",
    "amount": {"amount": 2900, "currency": "EUR"},
    "reason": None,
    "expires_at": None,
}
CONFIRMATION: dict[str, Any] = {"client_secret": "pi_1Pabc_secret_def"}
WEBHOOK: dict[str, Any] = {"type": "payment_intent.succeeded", "id": "evt_1Pabc"}
