"""Who sells and who buys, as it is said on a document: copied, so that history never changes."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from domains.billing.models import Customer


def seller() -> dict[str, Any]:
    """Return the seller as the settings say it now."""
    return {
        "name": settings.INVOICE_SELLER_NAME,
        "address": settings.INVOICE_SELLER_ADDRESS,
        "country": settings.INVOICE_SELLER_COUNTRY,
        "vat_id": settings.INVOICE_SELLER_VAT_ID,
    }


def buyer(customer: Customer) -> dict[str, Any]:
    """Return the customer as it is now."""
    return {
        "name": customer.name,
        "email": customer.email,
        "address": customer.address,
        "country": customer.country,
        "vat_id": customer.vat_id,
        "tax_exempt_reason": customer.tax_exempt_reason,
    }
