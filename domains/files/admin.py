"""Files as staff see them."""

from __future__ import annotations

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from unfold.decorators import display

from domains.files.models import File, StorageUsage
from domains.files.services import quota
from kernel.staff import ReadOnlyAdmin
from kernel.staff.panels import Panel, Subject, organization_panel, pairs

_LABELS = {"ready": "success", "pending": "info", "rejected": "danger", "expired": "warning"}


@admin.register(File)
class FileAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "shown_state",
        "shown_size",
        "content_type",
        "organization_id",
        "created_at",
    )
    list_filter = ("state", "content_type", "created_at")
    search_fields = ("name", "id__exact", "organization_id__exact", "sha256__exact")
    ordering = ("-id",)
    exclude = ("storage_key",)

    @display(description="State", ordering="state", label=_LABELS)
    def shown_state(self, row: File) -> str:
        return row.state

    @display(description="Size", ordering="size")
    def shown_size(self, row: File) -> str:
        return filesizeformat(row.size)


@admin.register(StorageUsage)
class StorageUsageAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "used", "reserved")
    search_fields = ("organization_id__exact",)
    ordering = ("-used_bytes",)

    @display(description="Used", ordering="used_bytes")
    def used(self, row: StorageUsage) -> str:
        return filesizeformat(row.used_bytes)

    @display(description="Reserved", ordering="reserved_bytes")
    def reserved(self, row: StorageUsage) -> str:
        return filesizeformat(row.reserved_bytes)


@organization_panel("Usage", order=40, permission="domains_files.view_storageusage")
def usage(subject: Subject) -> Panel:
    """Show how much is stored, promised and allowed."""
    stored = quota.get_usage(organization_id=subject.organization_id)
    files = reverse("admin:domains_files_file_changelist")
    return Panel(
        columns=("What", "How much"),
        rows=pairs(
            stored=filesizeformat(stored.used_bytes),
            reserved_by_uploads=filesizeformat(stored.reserved_bytes),
            allowed=filesizeformat(stored.quota_bytes),
            files=stored.files,
        ),
        link=f"{files}?organization_id__exact={subject.organization_id}",
    )
