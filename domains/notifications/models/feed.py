"""What people see in the app."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from domains.notifications.models.messages import Message
from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class Notification(models.Model):
    """One item in the feed of one person, in the words of the moment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="notifications")
    account_id = of_person(models.UUIDField())
    organization_id = models.UUIDField(null=True)
    organization_name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=80)
    title = of_person(models.CharField(max_length=200))
    body = of_person(models.TextField(blank=True))
    subject_ids = of_person(models.JSONField(default=dict, help_text="The ids of what it is about"))
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notification"
        constraints = [
            models.UniqueConstraint(
                fields=["message", "account_id"], name="notification_once_per_person"
            ),
        ]
        indexes = [
            models.Index(fields=["account_id", "-id"], name="notifications_feed"),
            models.Index(
                fields=["account_id", "-id"],
                condition=Q(read_at__isnull=True),
                name="notifications_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def organization(self) -> dict[str, Any] | None:
        """The organization it is about, by the name that it had."""
        if self.organization_id is None:
            return None
        return {"id": self.organization_id, "name": self.organization_name}
