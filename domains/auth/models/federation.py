from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from domains.auth.models.account import Account
from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class Identity(models.Model):
    """Somebody at another provider (OpenID Connect), who signs in to this account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="identities")
    provider = models.CharField(max_length=50)
    issuer = models.URLField(max_length=300)
    subject = of_person(models.CharField(max_length=255))
    email = of_person(models.CharField(max_length=254, blank=True, default=""))
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "identity"
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_unique")
        ]


class FederationFlow(models.Model):
    """A visit to another provider that has begun: what its answer is held against, once."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", "sign in"
        LINK = "link", "link to the account"
        STEP_UP = "step_up", "prove anew who it is"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(max_length=10, choices=Purpose)
    provider = models.CharField(max_length=50)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True)
    session_id = models.UUIDField(null=True, blank=True)
    ticket_hash = models.CharField(max_length=64)
    state_hash = models.CharField(max_length=64, unique=True)
    nonce_hash = models.CharField(max_length=64)
    code_verifier_encrypted = models.TextField()
    redirect_uri = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "federation_flow"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="federation_flow_expires_later"
            )
        ]
