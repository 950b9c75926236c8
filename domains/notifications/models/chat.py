"""Where an organization's chat takes messages."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person


class ChatEndpoint(models.Model):
    """An incoming webhook of an organization's chat; whoever knows its URL may post there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(db_index=True)
    name = models.CharField(max_length=100)
    host = models.CharField(max_length=253, help_text="Of its URL, which is shown to nobody")
    url_encrypted = models.TextField()
    categories = ArrayField(
        models.CharField(max_length=64), default=list, help_text="What it gets; all, if empty"
    )
    created_by = of_person(models.UUIDField(null=True))
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)
    disabled_because = models.CharField(max_length=500, default="", db_default="")

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "chat_endpoint"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "name"], name="chat_endpoint_name"),
        ]

    def __str__(self) -> str:
        return self.name
