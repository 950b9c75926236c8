"""What all pages of notifications share."""

from __future__ import annotations

from django.http import HttpRequest
from unfold.decorators import display

from domains.notifications.models import (
    Delivery,
    Message,
)
from kernel.staff import ReadOnlyAdmin

LABELS = {
    "pending": "info",
    "claimed": "info",
    "expanded": "success",
    "sent": "success",
    "deferred": "info",
    "merged": "success",
    "suppressed": "warning",
    "dead": "danger",
}


class Admin(ReadOnlyAdmin):
    """Read only; what may be done again, a superuser has done again."""

    ordering = ("-id",)

    @display(description="State", ordering="state", label=LABELS)
    def labelled_state(self, row: Message | Delivery) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def has_redrive_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)
