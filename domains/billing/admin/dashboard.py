"""What the first page shows of billing, to those who may know."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse

from domains.billing.admin.money import shown
from domains.billing.services import figures
from kernel.clock import now
from kernel.staff.panels import Cell, Panel, dashboard_panel


def _list(model: str, query: str) -> str:
    return f"{reverse(f'admin:domains_billing_{model}_changelist')}?{query}"


@dashboard_panel("Monthly recurring revenue", order=30, permission="domains_billing.view_invoice")
def revenue() -> Panel:
    """Show what customers pay a month."""
    return Panel(
        columns=("Currency", "Customers", "A month"),
        rows=[
            (Cell(row.currency), Cell(row.customers), Cell(shown(row.monthly, row.currency)))
            for row in figures.monthly_recurring_revenue()
        ],
        link=_list("subscription", "state__exact=active&comped__exact=0"),
        empty="Nobody pays yet.",
    )


@dashboard_panel("Churn of 30 days", order=31, permission="domains_billing.view_invoice")
def churn() -> Panel:
    """Show who is lost, and what they paid a month."""
    return Panel(
        columns=("Currency", "Customers lost", "Of", "", "Lost a month", "Of", ""),
        rows=[
            (
                Cell(row.currency),
                Cell(row.lost_customers),
                Cell(row.customers),
                Cell(_share(row.lost_customers, row.customers)),
                Cell(shown(row.lost_monthly, row.currency)),
                Cell(shown(row.monthly, row.currency)),
                Cell(_share(row.lost_monthly, row.monthly)),
            )
            for row in figures.churn(now=now())
        ],
        link=_list("subscription", "state__exact=canceled"),
        empty="Nobody paid 30 days ago.",
    )


@dashboard_panel("Open amounts", order=32, permission="domains_billing.view_invoice")
def open_amounts() -> Panel:
    """Show what is owed, and what of it is overdue."""
    return Panel(
        columns=("Currency", "Invoices", "Owed", "Overdue", "Of that"),
        rows=[
            (
                Cell(row.currency),
                Cell(row.invoices),
                Cell(shown(row.amount, row.currency)),
                Cell(row.overdue_invoices),
                Cell(shown(row.overdue, row.currency)),
            )
            for row in figures.open_amounts(now=now())
        ],
        link=_list("invoice", "state__exact=open"),
        empty="Nothing is owed.",
    )


def _share(part: int, whole: int) -> str:
    """Return the part in per cent, with one decimal."""
    return f"{Decimal(100 * part) / whole:.1f} %" if whole else ""
