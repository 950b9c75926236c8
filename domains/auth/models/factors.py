from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from domains.auth.models.account import Account
from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class Totp(models.Model):
    """An authenticator app (RFC 6238). It counts once a code of it was shown."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="totp")
    secret_encrypted = models.TextField(editable=False)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0, editable=False)

    class Meta:
        db_table = "totp"
        verbose_name = "authenticator app"


class RecoveryCode(models.Model):
    """One of ten codes for whoever has lost the other factors; each is good once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "recovery_code"
        constraints = [
            models.UniqueConstraint(fields=["account", "code_hash"], name="recovery_code_once")
        ]


class Passkey(models.Model):
    """A public key credential (WebAuthn level 2) that its owner signs in with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="passkeys")
    name = of_person(models.CharField(max_length=100))
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.PositiveBigIntegerField()
    transports: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=20), default=list, blank=True
    )
    aaguid = models.CharField(max_length=36, blank=True, default="")
    backed_up = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    suspected_at = models.DateTimeField("copy suspected at", null=True, blank=True)

    class Meta:
        db_table = "passkey"
        indexes = [models.Index(fields=["account", "created_at"], name="passkey_by_account")]

    def __str__(self) -> str:
        return self.name


class PasskeyChallenge(models.Model):
    """What a passkey must sign: once, for one purpose, within minutes."""

    class Purpose(models.TextChoices):
        REGISTRATION = "registration", "register a passkey"
        SIGN_IN = "sign_in", "sign in"
        SECOND_FACTOR = "second_factor", "finish a sign-in"
        STEP_UP = "step_up", "prove anew who it is"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(max_length=15, choices=Purpose)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True)
    challenge = models.BinaryField(unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "passkey_challenge"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="passkey_challenge_expires_later"
            )
        ]
