"""What an organization's page shows of billing."""

from __future__ import annotations

from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from domains.billing.admin.money import shown
from domains.billing.admin.payments import LABELS
from domains.billing.models import Customer, PaymentIntent
from domains.billing.services.entitlements import get_entitlements
from kernel.staff.panels import PANEL_ROWS, Cell, Panel, Subject, organization_panel, pairs


def _of(subject: Subject, model: str) -> str:
    page = reverse(f"admin:domains_billing_{model}_changelist")
    return f"{page}?organization_id__exact={subject.organization_id}"


@organization_panel("Plan", order=30, permission="domains_billing.view_customer")
def plan(subject: Subject) -> Panel:
    """Show the plan, and what it allows."""
    paid = Customer.objects.filter(organization_id=subject.organization_id).first()
    [allowed] = get_entitlements(organization_ids=[subject.organization_id])
    return Panel(
        columns=("What", "How much"),
        rows=pairs(
            plan=allowed.plan,
            since=paid.activated_at if paid else "the beginning",
            seats=allowed.seats,
            storage=filesizeformat(allowed.storage_bytes),
            requests_a_minute=allowed.requests_per_minute,
        ),
        link=_of(subject, "customer"),
    )


@organization_panel("Payments", order=31, permission="domains_billing.view_paymentintent")
def payments(subject: Subject) -> Panel:
    """Show the newest payments."""
    rows = PaymentIntent.objects.filter(organization_id=subject.organization_id).order_by("-id")
    return Panel(
        columns=("When", "Plan", "Price", "State"),
        rows=[
            (
                Cell(
                    row.created_at,
                    url=reverse("admin:domains_billing_paymentintent_change", args=[row.id]),
                ),
                Cell(row.plan),
                Cell(shown(row.amount, row.currency)),
                Cell(row.get_state_display(), tone=LABELS.get(row.state, "info")),
            )
            for row in rows[:PANEL_ROWS]
        ],
        link=_of(subject, "paymentintent"),
    )
