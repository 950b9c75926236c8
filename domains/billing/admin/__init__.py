"""Billing as staff see it: lists to look at; what changes a row is what customers and jobs do."""

from domains.billing.admin import (
    catalogue,
    coupons,
    customers,
    dashboard,
    invoices,
    ledger,
    offline,
    panels,
    payments,
    provider_events,
    releases,
    transfers,
    usage,
)

__all__ = [
    "catalogue",
    "coupons",
    "customers",
    "dashboard",
    "invoices",
    "ledger",
    "offline",
    "panels",
    "payments",
    "provider_events",
    "releases",
    "transfers",
    "usage",
]
