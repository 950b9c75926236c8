"""Browsers that messages are pushed to, and the keys that we push with."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q

from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class VapidKey(models.Model):
    """A key pair by which push services know us (RFC 8292).

    A subscription takes no other key than the one it was made with: a retired key signs on for its
    own subscriptions, and goes with the last of them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    public_key = models.CharField(
        max_length=100, unique=True, help_text="The uncompressed point, in base64url"
    )
    private_key_encrypted = models.TextField(editable=False)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vapid_key"
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(retired_at=None), name="vapid_key_one_is_given_out"
            ),
        ]

    def __str__(self) -> str:
        return self.public_key


class PushSubscription(models.Model):
    """One browser of one person, as its push service knows it (RFC 8030)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_id = of_person(models.UUIDField(db_index=True))
    endpoint = of_person(models.CharField(max_length=1_000, unique=True))
    keys_encrypted = models.TextField(help_text="The browser's key and secret (RFC 8291)")
    vapid_key = models.ForeignKey(VapidKey, on_delete=models.PROTECT, related_name="subscriptions")
    device = of_person(models.CharField(max_length=100, default="", db_default=""))
    created_at = models.DateTimeField()

    class Meta:
        db_table = "push_subscription"

    def __str__(self) -> str:
        return self.device or str(self.id)

    @property
    def host(self) -> str:
        """The push service's name; the rest of the endpoint is nobody's business."""
        return urlsplit(self.endpoint).hostname or ""
