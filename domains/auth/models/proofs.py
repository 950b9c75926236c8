from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from domains.auth.models.account import Account
from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class MailProof(models.Model):
    """Something that whoever reads the mail of `address` may do once, with a secret from the mail.

    The secrets themselves are made when a mail is rendered, one for each rendering.
    """

    class Purpose(models.TextChoices):
        PASSWORD_RESET = "password_reset", "choose a new password"
        EMAIL_CHANGE = "email_change", "confirm the new address"
        EMAIL_CHANGE_UNDO = "email_change_undo", "take the former address back"
        CLOSING_UNDO = "closing_undo", "open the account again"
        SIGN_IN = "sign_in", "sign in"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="mail_proofs")
    purpose = models.CharField(max_length=20, choices=Purpose)
    address = of_person(models.CharField(max_length=254))
    ticket_hash = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "mail_proof"
        indexes = [models.Index(fields=["account", "purpose"], name="mail_proof_by_account")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="mail_proof_expires_later"
            )
        ]


class MailProofSecret(models.Model):
    """What one rendered mail carries; the code is short, so it is encrypted instead of hashed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    proof = models.ForeignKey(MailProof, models.CASCADE, related_name="secrets")
    token_hash = models.CharField(max_length=64, unique=True)
    code_encrypted = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "mail_proof_secret"
