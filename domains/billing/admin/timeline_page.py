"""The page with all that happened to an organization's billing, and how it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from domains.billing.admin import panels
from domains.billing.admin.timeline_words import WORDS
from domains.billing.models import Customer
from domains.billing.services import timeline
from domains.billing.services.timeline import Entry, Place
from kernel.staff.panels import Cell, Panel, ShownPanel, Subject

ROWS = 100
STANDING = (
    ("Plan", "customer", panels.plan),
    ("Ledger", "posting", panels.ledger),
)


def show(
    request: HttpRequest, customer: Customer, *, site: AdminSite, options: Any
) -> HttpResponse:
    """Return the page, from the place that the address names on; of what the user may see."""
    entries = _read(request, customer)
    subject = Subject(organization_id=customer.organization_id, member_ids=())
    standing = [
        ShownPanel(
            key=title.lower(),
            title=title,
            panel=replace(make(subject), link=panels.list_of(subject, model)),
        )
        for title, model, make in STANDING
        if request.user.has_perm(f"domains_billing.view_{model}")
    ]
    history = ShownPanel(key="timeline", title="Timeline", panel=_panel(entries[:ROWS]))
    shown = {
        **site.each_context(request),
        "opts": options,
        "title": f"Billing of {customer.organization_id}",
        "standing": standing,
        "history": [history],
        "older": str(entries[ROWS - 1].place) if len(entries) > ROWS else "",
        "back": reverse("admin:domains_users_organization_change", args=[customer.organization_id]),
    }
    return TemplateResponse(request, "billing_admin/timeline.html", shown)


def _read(request: HttpRequest, customer: Customer) -> list[Entry]:
    try:
        text = request.GET.get("before", "")
        before = Place.parse(text) if text else None
    except ValueError as error:
        raise Http404 from error
    models = {source.model for source in timeline.SOURCES}
    return timeline.read(
        organization_id=customer.organization_id,
        models=[each for each in models if request.user.has_perm(_permission(each))],
        before=before,
        limit=ROWS + 1,
    )


def _permission(model: Any) -> str:
    return f"{model._meta.app_label}.view_{model._meta.model_name}"


def _panel(entries: list[Entry]) -> Panel:
    return Panel(
        columns=("When", "What", "Amount", "Details"),
        rows=[_row(entry) for entry in entries],
        empty="Nothing has happened yet.",
    )


def _row(entry: Entry) -> list[Cell]:
    words, row = WORDS[entry.source.name], entry.row
    return [
        Cell(entry.place.moment, url=_page_of(row)),
        Cell(words.title, tone=words.tone_of(row)),
        Cell(words.amount_of(row)),
        Cell(words.says(row)),
    ]


def _page_of(row: Any) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[row.pk])
