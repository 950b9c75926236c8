"""What invoices and credit notes look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

_ORGANIZATION = "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e5f"
_ID = "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e60"
_LINE = "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e61"
_PERIOD = {"period_start": "2026-03-01T00:00:00Z", "period_end": "2026-04-01T00:00:00Z"}


def _eur(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


INVOICE: dict[str, Any] = {
    "id": _ID,
    "organization_id": _ORGANIZATION,
    "number": "INV-2026-000123",
    "state": "paid",
    "cause": "renewal",
    **_PERIOD,
    "subtotal": _eur(2900),
    "discount": _eur(0),
    "tax": _eur(551),
    "to_balance": _eur(0),
    "total": _eur(3451),
    "balance_used": _eur(0),
    "credited": _eur(0),
    "paid": _eur(3451),
    "due": _eur(0),
    "issued_at": "2026-03-01T00:00:04.123456Z",
    "due_at": "2026-03-15T00:00:04.123456Z",
    "settled_at": "2026-03-01T00:00:06.123456Z",
}
INVOICE_IN_FULL: dict[str, Any] = {
    **INVOICE,
    "seller": {
        "name": "Tenon GmbH",
        "address": ["Zapfenweg 1", "10115 Berlin"],
        "country": "DE",
        "vat_id": "DE136695976",
    },
    "buyer": {
        "name": "Analytical Engines GmbH",
        "address": {"line1": "Lochkartenallee 2", "postal_code": "20095", "city": "Hamburg"},
        "country": "DE",
        "vat_id": "",
    },
    "taxes": [{"country": "DE", "rate": "0.19", "reason": "", "base": 2900, "amount": 551}],
    "lines": [
        {
            "id": _LINE,
            "kind": "recurring",
            "description": "Pro, monthly",
            "product": "pro",
            "quantity": "1.000000000000",
            "amount": 2900,
            "tax_inclusive": False,
            "discount": 0,
            "net": 2900,
            "tax_rate": "0.190000",
            "tax": 551,
            "credited": 0,
            **_PERIOD,
            "details": {},
        }
    ],
    "memo": "",
}
CREDIT_NOTE: dict[str, Any] = {
    "id": "0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e62",
    "organization_id": _ORGANIZATION,
    "invoice_id": _ID,
    "number": "CN-2026-000007",
    "reason": "Out of service for a day",
    "net": _eur(100),
    "tax": _eur(19),
    "total": _eur(119),
    "to_invoice": _eur(0),
    "to_balance": _eur(119),
    "to_refund": _eur(0),
    "issued_at": "2026-03-05T09:00:00.123456Z",
}
CREDIT_NOTE_IN_FULL: dict[str, Any] = {
    **CREDIT_NOTE,
    "lines": [
        {"invoice_line_id": _LINE, "description": "Pro, monthly", "net": 100, "tax": 19},
    ],
}
