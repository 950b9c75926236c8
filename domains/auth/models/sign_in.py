from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from domains.auth.models.account import Account
from domains.auth.models.federation import Identity
from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class SignInTicket(models.Model):
    """A sign-in whose first factor is proven, and whose second is awaited."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="sign_in_tickets")
    ticket_hash = models.CharField(max_length=64, unique=True)
    proven: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=20))
    identity = models.ForeignKey(Identity, models.CASCADE, null=True, blank=True)
    provider_session = of_person(models.CharField(max_length=255, blank=True, default=""))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "sign_in_ticket"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="sign_in_ticket_expires_later"
            )
        ]


class SignInThrottle(models.Model):
    """How often sign-ins of one subject failed lately, and until when further ones must wait.

    A subject is an address that somebody signs in with, a network, or a pair of both; its hash
    is kept, whether there is such an account or not.
    """

    class Scope(models.TextChoices):
        ACCOUNT = "account", "an account"
        NETWORK = "network", "a network"
        PAIR = "pair", "an account from a network"

    subject_hash = models.CharField(max_length=64, primary_key=True, editable=False)
    scope = models.CharField(max_length=10, choices=Scope)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    window_started_at = models.DateTimeField()
    locks = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    noticed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "sign_in_throttle"
