"""Customers whom staff exempt from taxes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.contract.invoice_events import ProfileChanged
from domains.billing.models import Customer
from domains.billing.services.customers import lock_customer
from kernel.db import transaction
from kernel.events import publish


def set_tax_exemption(*, organization_id: UUID, reason: str, now: datetime) -> Customer:
    """Have the customer pay no tax from its next invoice on, or with an empty reason have it pay.

    Return the customer. Invoices keep the reason; those that were issued stay as they are.
    """
    with transaction("billing"):
        customer = lock_customer(organization_id=organization_id, now=now)
        if customer.tax_exempt_reason != reason:
            customer.tax_exempt_reason = reason
            customer.save(update_fields=["tax_exempt_reason"])
            publish(
                ProfileChanged(
                    organization_id=organization_id,
                    account_id=None,
                    fields=("tax_exempt_reason",),
                )
            )
    return customer
