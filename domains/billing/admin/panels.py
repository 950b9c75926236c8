"""What an organization's page shows of billing."""

from __future__ import annotations

from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from domains.billing.admin.invoices import LABELS as INVOICE_LABELS
from domains.billing.admin.money import shown
from domains.billing.admin.payments import LABELS
from domains.billing.models import Customer, Invoice, LedgerAccount, PaymentIntent, Posting
from domains.billing.services.entitlements import get_entitlements
from domains.billing.services.subscriptions.ending import find_live
from kernel.staff.panels import PANEL_ROWS, Cell, Panel, Subject, organization_panel, pairs


def list_of(subject: Subject, model: str) -> str:
    """Return where the list of the model is, of the organization alone."""
    page = reverse(f"admin:domains_billing_{model}_changelist")
    return f"{page}?organization_id__exact={subject.organization_id}"


def _page(model: str, row_id: object) -> str:
    return reverse(f"admin:domains_billing_{model}_change", args=[row_id])


@organization_panel("Plan", order=30, permission="domains_billing.view_customer")
def plan(subject: Subject) -> Panel:
    """Show the plan, how it stands and what it allows; all that led there is a page of its own."""
    paid = Customer.objects.filter(organization_id=subject.organization_id).first()
    live = find_live(organization_id=subject.organization_id)
    [allowed] = get_entitlements(organization_ids=[subject.organization_id])
    return Panel(
        columns=("What", "How much"),
        rows=pairs(
            plan=allowed.plan,
            since=paid.activated_at if paid else "the beginning",
            subscription=live.get_state_display() if live else "none",
            period_ends=live.period_end if live else None,
            seats=allowed.seats,
            storage=filesizeformat(allowed.storage_bytes),
            requests_a_minute=allowed.requests_per_minute,
        ),
        link=reverse("admin:domains_billing_customer_timeline", args=[subject.organization_id]),
    )


@organization_panel("Payments", order=31, permission="domains_billing.view_paymentintent")
def payments(subject: Subject) -> Panel:
    """Show the newest payments."""
    rows = PaymentIntent.objects.filter(organization_id=subject.organization_id).order_by("-id")
    return Panel(
        columns=("When", "Plan", "Amount", "State"),
        rows=[
            (
                Cell(row.created_at, url=_page("paymentintent", row.id)),
                Cell(row.plan),
                Cell(shown(row.amount, row.currency)),
                Cell(row.get_state_display(), tone=LABELS.get(row.state, "info")),
            )
            for row in rows[:PANEL_ROWS]
        ],
        link=list_of(subject, "paymentintent"),
    )


@organization_panel("Invoices", order=32, permission="domains_billing.view_invoice")
def invoices(subject: Subject) -> Panel:
    """Show the newest invoices."""
    rows = Invoice.objects.filter(organization_id=subject.organization_id).order_by("-id")
    return Panel(
        columns=("Invoice", "Total", "Due", "State"),
        rows=[
            (
                Cell(row, url=_page("invoice", row.id)),
                Cell(shown(row.total, row.currency)),
                Cell(shown(row.due, row.currency)),
                Cell(row.get_state_display(), tone=INVOICE_LABELS.get(row.state, "info")),
            )
            for row in rows[:PANEL_ROWS]
        ],
        link=list_of(subject, "invoice"),
    )


@organization_panel("Ledger", order=33, permission="domains_billing.view_posting")
def ledger(subject: Subject) -> Panel:
    """Show what stands on each account of the books; what is the customer's is negative."""
    mine = Posting.objects.filter(organization_id=subject.organization_id)
    sums = mine.values_list("account", "currency").annotate(sum=Sum("amount"))
    names = dict(LedgerAccount.choices)
    return Panel(
        columns=("Account", "Balance (what we have or are owed is positive)"),
        rows=[
            (Cell(names[account]), Cell(shown(amount, currency)))
            for account, currency, amount in sums.order_by("account", "currency")
        ],
        link=list_of(subject, "posting"),
        empty="Nothing is in the books.",
    )
