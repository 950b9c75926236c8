from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from domains.auth.models.account import Account
from domains.auth.models.federation import Identity
from kernel.ids import uuid7
from kernel.privacy.marks import of_person

IMPERSONATION_LIFETIME = timedelta(hours=1)


class Session(models.Model):
    """One sign-in, alive until it is revoked, idle for too long or too old.

    A refresh token is a family secret followed by a secret of its own. The family secret finds
    the row whichever token of the session is shown, so that one row tells a used one apart.

    `proven_at` and `methods` say when and how its owner was last proven: by the sign-in, or by a
    step-up since.
    """

    class Reason(models.TextChoices):
        LOGOUT = "logout", "signed out"
        ELSEWHERE = "elsewhere", "signed out from another session"
        REUSE = "reuse", "a used refresh token was shown"
        PASSWORD = "password", "the password was changed"
        EMAIL = "email", "the e-mail address was changed"
        FACTOR = "factor", "a factor was removed"
        PROVIDER = "provider", "signed out at the provider"
        CLOSED = "closed", "the account was closed"
        BAN = "ban", "the account was banned"
        STAFF = "staff", "revoked by staff"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField()
    refreshed_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=10, blank=True, default="", choices=Reason)
    proven_at = models.DateTimeField()
    methods: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=20))
    user_agent = of_person(models.CharField(max_length=300, blank=True, default=""))
    device = of_person(models.CharField(max_length=100, blank=True, default=""))
    network = of_person(models.CharField(max_length=50, blank=True, default=""))
    place = of_person(models.CharField(max_length=100, blank=True, default=""))
    impersonator = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="impersonations"
    )
    impersonation_reason = of_person(models.CharField(max_length=500, blank=True, default=""))
    identity = models.ForeignKey(
        Identity, models.SET_NULL, null=True, blank=True, related_name="sessions"
    )
    provider_session = of_person(models.CharField(max_length=255, blank=True, default=""))
    family_hash = models.CharField(max_length=64, unique=True)
    refresh_hash = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64, blank=True, default="")
    successor_encrypted = models.TextField(blank=True, default="")
    rotations = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "session"
        indexes = [models.Index(fields=["account", "revoked_at"], name="session_by_account")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="session_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_reason="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_reason="")),
                name="session_revoked_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(impersonator__isnull=True) | ~Q(impersonation_reason=""),
                name="session_impersonated_for_a_reason",
            ),
        ]

    @property
    def ends_at(self) -> datetime:
        """When it ends at the latest; one that staff began as somebody else within the hour."""
        if self.impersonator_id is None:
            return self.expires_at
        return min(self.expires_at, self.created_at + IMPERSONATION_LIFETIME)


class KnownDevice(models.Model):
    """A device in a network that the account has signed in from."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="known_devices")
    device = of_person(models.CharField(max_length=100, blank=True))
    network = of_person(models.CharField(max_length=50, blank=True))
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        db_table = "known_device"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "device", "network"], name="known_device_once"
            )
        ]
