"""The trail, as it was written; nobody changes it, staff neither."""

from __future__ import annotations

import json

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from domains.users.models import AuditAnchor, AuditChain, AuditEntry, AuditExport
from domains.users.services.people_search import ids_in
from kernel.staff import ReadOnlyAdmin

STATES = {"pending": "info", "ready": "success", "failed": "danger", "expired": "warning"}


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = (
        "occurred_at",
        "action",
        "actor_kind",
        "actor_id",
        "target_kind",
        "target_id",
        "organization_id",
    )
    list_display_links = ("occurred_at",)
    list_per_page = 50
    # By an index alone: the table is the longest of all.
    search_fields = ("id__exact", "actor_id__exact")
    search_help_text = "The id of the entry, or of who did it"
    ordering = ("-id",)
    fields = (
        "id",
        "organization_id",
        "sequence",
        *list_display[:-1],
        "on_behalf_of",
        "trace_id",
        "shown_facts",
        "shown_personal",
        "shown_hash",
    )
    readonly_fields = ("shown_facts", "shown_personal", "shown_hash")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """Find entries by id or by who did it; Django would compare ids as text, by no index."""
        if not search_term.strip():
            return queryset, False
        ids = ids_in(search_term)
        return queryset.filter(Q(id__in=ids) | Q(actor_id__in=ids)), False

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the order that an index has: one trail's own, or that of all ids."""
        return ("-sequence",) if "organization_id__exact" in request.GET else ("-id",)

    @display(description="Facts")
    def shown_facts(self, entry: AuditEntry) -> SafeString:
        return _pretty(entry.facts)

    @display(description="Personal")
    def shown_personal(self, entry: AuditEntry) -> str | SafeString:
        return "erased, or none" if entry.personal is None else _pretty(entry.personal)

    @display(description="Hash")
    def shown_hash(self, entry: AuditEntry) -> str:
        return bytes(entry.hash).hex()


@admin.register(AuditChain)
class AuditChainAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "sequence", "floor")
    search_fields = ("organization_id__exact",)
    ordering = ("-organization_id",)
    fields = list_display


@admin.register(AuditAnchor)
class AuditAnchorAdmin(ReadOnlyAdmin):
    list_display = ("day", "trails", "key_id", "created_at")
    search_fields = ("key_id__exact", "storage_key__exact")
    ordering = ("-day",)
    fields = (*list_display, "storage_key")


@admin.register(AuditExport)
class AuditExportAdmin(ReadOnlyAdmin):
    list_display = (
        "organization_id",
        "format",
        "shown_state",
        "entries",
        "account_id",
        "created_at",
        "expires_at",
    )
    list_filter = ("state", "format", "created_at")
    search_fields = ("id__exact", "organization_id__exact", "account_id__exact")
    ordering = ("-id",)
    fields = (*list_display, "filters", "size", "sha256", "ready_at")

    @display(description="State", ordering="state", label=STATES)
    def shown_state(self, row: AuditExport) -> tuple[str, str]:
        return row.state, row.get_state_display()


def _pretty(facts: object) -> SafeString:
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    return format_html('<pre class="staff-text">{}</pre>', text)
