"""Where organizations have events sent, what is sent there, and how each attempt went."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from kernel.ids import uuid7
from kernel.managers import OrganizationScopedManager
from kernel.privacy.marks import of_person


class EndpointState(models.TextChoices):
    """Whether an endpoint is sent to."""

    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused: what happens waits"
    DISABLED = "disabled", "Disabled: it failed for too long"


class WebhookEndpoint(models.Model):
    """A server of an organization's to which its events are sent.

    While secrets are rotated the former ones sign too, until `former_until`. `failing_since` is the
    first failure after the last success.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(db_index=True)
    url = models.CharField("URL", max_length=2048)
    description = models.CharField(max_length=200, blank=True)
    event_types = ArrayField(
        models.CharField(max_length=100), help_text="Names, or patterns as users.*"
    )
    is_ordered = models.BooleanField(
        default=False, help_text="One at a time: the next waits for the one before"
    )
    state = models.CharField(
        max_length=8, choices=EndpointState.choices, default=EndpointState.ACTIVE
    )
    disabled_reason = models.CharField(max_length=40, blank=True)
    failing_since = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(help_text="When something to send was last taken")
    secret_encrypted = models.TextField(help_text="Signs as v1 (HMAC-SHA256)")
    former_secret_encrypted = models.TextField(blank=True)
    private_key_encrypted = models.TextField(
        blank=True, help_text="Signs as v1a (ed25519), where that was chosen"
    )
    former_private_key_encrypted = models.TextField(blank=True)
    public_keys = ArrayField(
        models.CharField(max_length=60), default=list, help_text="Of the private keys, newest first"
    )
    former_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "webhook_endpoint"

    def __str__(self) -> str:
        return self.description or self.host

    @property
    def host(self) -> str:
        """Where it is: the rest of its URL may hold a secret of the far side's."""
        return urlsplit(self.url).hostname or ""


class WebhookState(models.TextChoices):
    """How far a webhook is."""

    PENDING = "pending", "To be sent"
    CLAIMED = "claimed", "Being sent"
    SUCCEEDED = "succeeded", "Taken"
    DEAD = "dead", "Failed for good"


WEBHOOK_OPEN = (WebhookState.PENDING, WebhookState.CLAIMED)


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint; while it is claimed, `due_at` is the claim's end."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    organization_id = models.UUIDField()
    event_id = models.UUIDField(help_text="The webhook-id: the same in every attempt")
    event_type = models.CharField(max_length=100)
    body = of_person(models.TextField(help_text="What is sent, byte for byte (JSON)"))
    account_ids = of_person(
        ArrayField(models.UUIDField(), help_text="The accounts that the body names")
    )
    state = models.CharField(
        max_length=9, choices=WebhookState.choices, default=WebhookState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Since it was first sent, or replayed"
    )
    replays = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    claim = models.UUIDField(null=True)
    settled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = OrganizationScopedManager()

    class Meta:
        db_table = "webhook_delivery"
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "endpoint"], name="webhook_once_per_endpoint"
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at", "id"],
                condition=Q(state__in=["pending", "claimed"]),
                name="webhooks_due",
            ),
            models.Index(
                fields=["endpoint", "id"],
                condition=Q(state__in=["pending", "claimed"]),
                name="webhooks_in_order",
            ),
            models.Index(fields=["endpoint", "-id"], name="webhooks_of_endpoint"),
            models.Index(fields=["created_at"], name="webhooks_by_age"),
            GinIndex(fields=["account_ids"], name="webhooks_about"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} ({self.event_id})"


class WebhookAttempt(models.Model):
    """How one attempt went: what was sent besides the body, and what was answered."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    delivery = models.ForeignKey(
        WebhookDelivery, on_delete=models.CASCADE, related_name="log", db_index=False
    )
    attempted_at = models.DateTimeField()
    request_headers = models.JSONField(help_text="Without the signature")
    status = models.PositiveSmallIntegerField(null=True, help_text="Of the answer, if one came")
    response_headers = models.JSONField(default=dict)
    response = models.TextField(blank=True, help_text="The beginning of the answer's body")
    latency_ms = models.PositiveIntegerField(null=True)
    error = models.TextField(blank=True, help_text="Why there was no answer")

    class Meta:
        db_table = "webhook_attempt"
        indexes = [models.Index(fields=["delivery", "id"], name="webhook_attempts")]

    def __str__(self) -> str:
        return str(self.status or self.error)
