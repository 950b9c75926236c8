from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from domains.auth.models.account import Account
from kernel.ids import uuid7


class Registration(models.Model):
    """One attempt to register an address: its password waits here for proof of the mailbox.

    On an address that is proven already the attempt is recorded without its password.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(
        Account, models.CASCADE, related_name="registrations", db_index=False
    )
    password = models.CharField(max_length=128)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "registration"
        # Strangers add rows to an address, and the time to read them must not tell how many.
        indexes = [
            models.Index(fields=["account", "-created_at", "-id"], name="registration_newest"),
            models.Index(fields=["account", "password"], name="registration_by_password"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="registration_expires_later"
            )
        ]


class VerificationToken(models.Model):
    """A one-time token that was mailed for one registration; the token itself is not kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "verification_token"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="verification_token_expires_later"
            )
        ]
