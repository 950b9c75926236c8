"""What providers told, and what came of comparing their books with ours."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display

from domains.billing.models import Finding, ProviderEvent, Reconciliation
from domains.billing.services.payments import webhooks
from kernel import clock
from kernel.staff import ReadOnlyAdmin

LABELS = {
    "waiting": "info",
    "applied": "success",
    "ignored": "info",
    "quarantined": "danger",
}


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    list_display = ("event_id", "provider", "kind", "labelled_state", "attempts", "received_at")
    list_filter = ("state", "provider", "kind")
    search_fields = ("event_id__exact", "reference__exact")
    ordering = ("-id",)
    date_hierarchy = "received_at"
    actions = ("replay",)

    @display(description="State", ordering="state", label=LABELS)
    def labelled_state(self, event: ProviderEvent) -> tuple[str, str]:
        return event.state, event.get_state_display()

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may have events applied once more."""
        return bool(request.user.is_superuser)

    @action(description="Apply once more", permissions=["replay"])
    def replay(self, request: HttpRequest, events: QuerySet[ProviderEvent]) -> None:
        """Have the events looked at once more, the quarantined ones above all."""
        for event in events:
            self.log_deed(request, event, "Replayed")
        count = webhooks.replay(events=events, now=clock.now())
        messages.success(request, f"{count} will be applied once more.")


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    list_display = ("provider", "since", "until", "charges", "findings")
    list_filter = ("provider", "created_at")
    search_fields = ("id__exact",)
    ordering = ("-id",)


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    list_display = ("kind", "reference", "ours", "theirs", "found_at", "resolved_at")
    list_filter = ("kind", "provider", "resolved_at")
    search_fields = ("reference__exact", "organization_id__exact")
    ordering = ("-id",)
    actions = ("resolve",)

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may say that a difference is settled."""
        return bool(request.user.is_superuser)

    @action(description="Mark as settled", permissions=["resolve"])
    def resolve(self, request: HttpRequest, findings: QuerySet[Finding]) -> None:
        """Record that staff settled the differences, elsewhere."""
        for finding in findings:
            self.log_deed(request, finding, "Settled")
        count = findings.filter(resolved_at=None).update(resolved_at=clock.now())
        messages.success(request, f"{count} were marked as settled.")
