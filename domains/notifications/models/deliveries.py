"""A message on its way to one recipient through one channel."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from domains.notifications.models.messages import Message
from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class Channel(models.TextChoices):
    """A way to reach a person."""

    IN_APP = "in_app", "In the app"
    EMAIL = "email", "E-mail"
    WEB_PUSH = "web_push", "Web push"
    SMS = "sms", "SMS"
    CHAT = "chat", "Chat"


class DeliveryState(models.TextChoices):
    """How far a delivery is."""

    PENDING = "pending", "To be sent"
    DEFERRED = "deferred", "Held back until it is due"
    CLAIMED = "claimed", "Being sent"
    SENT = "sent", "Sent"
    SUPPRESSED = "suppressed", "Not sent: no longer wanted or allowed"
    MERGED = "merged", "Merged into a digest"
    DEAD = "dead", "Failed for good"


# What a sweep looks for: whose time has come, or whose worker was lost.
OPEN = (DeliveryState.PENDING, DeliveryState.DEFERRED, DeliveryState.CLAIMED)


class Failure(models.TextChoices):
    """Why an attempt failed, as far as it decides what happens next."""

    UNREACHABLE = "unreachable", "The provider could not be reached"
    TEMPORARY = "temporary", "Refused or failed for now"
    CONFIGURATION = "configuration", "Our account or settings were refused"
    UNCERTAIN = "uncertain", "Lost after hand-over; it may have arrived"
    PERMANENT = "permanent", "Refused for good"


class Delivery(models.Model):
    """One message on its way to one recipient through one channel.

    While it is claimed, `due_at` is the end of the claim. `handed_over_at` is set for the seconds
    in which the far side may take it without our knowing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    recipient = of_person(
        models.CharField(
            max_length=320, help_text="An account's id, a bare address, or a destination's id"
        )
    )
    account_id = of_person(models.UUIDField(null=True, db_index=True))
    address = of_person(models.CharField(max_length=320))
    category = models.CharField(max_length=64, default="", db_default="")
    locale = of_person(
        models.CharField(
            max_length=35, default="", db_default="", help_text="The language it is in (BCP 47)"
        )
    )
    time_zone = of_person(
        models.CharField(
            max_length=64, default="", db_default="", help_text="In which its times are told (IANA)"
        )
    )
    trace = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        help_text="What each step decided, and by which rule",
    )
    provider = models.CharField(
        max_length=40, default="", db_default="", help_text="Through whom it left"
    )
    digest = models.ForeignKey(
        "domains_notifications.Digest",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="merged",
        help_text="What it was merged into",
    )
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    reason = models.TextField(blank=True, help_text="Why it failed or was not sent")
    failure = models.CharField(max_length=13, choices=Failure.choices, blank=True)
    failed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    uncertain_attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    claim = models.UUIDField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    redrives = models.PositiveSmallIntegerField(default=0)
    mail_id = models.CharField(
        "Message-ID", max_length=320, blank=True, help_text="The id that the far side knows it by"
    )
    subject = of_person(models.CharField(max_length=250, blank=True))
    text = of_person(models.TextField(blank=True))
    html = of_person(models.TextField("HTML", blank=True))
    created_at = models.DateTimeField()

    class Meta:
        db_table = "delivery"
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["message", "recipient", "channel"], name="delivery_once_per_recipient"
            ),
        ]
        indexes = [
            models.Index(fields=["message", "id"], name="deliveries_of_message"),
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=OPEN),
                name="deliveries_due",
            ),
        ]

    def __str__(self) -> str:
        where = f"to {self.address}" if self.address else self.get_channel_display().lower()
        return f"{self.subject or self.id} {where}"
