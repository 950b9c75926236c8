"""People's phone numbers, and the messages that went nowhere but into a book."""

from __future__ import annotations

from django.db import models

from kernel.ids import uuid7
from kernel.privacy.marks import of_person


class PhoneNumber(models.Model):
    """The number that a person gets messages at, and the one that they have still to prove."""

    account_id = of_person(models.UUIDField(primary_key=True, editable=False))
    number = of_person(
        models.CharField(max_length=16, default="", db_default="", help_text="E.164; proven")
    )
    confirmed_at = models.DateTimeField(null=True)
    new_number = of_person(
        models.CharField(max_length=16, default="", db_default="", help_text="Not proven yet")
    )
    code_hash = models.CharField(max_length=64, default="", db_default="")
    code_sent_at = models.DateTimeField(null=True)
    code_expires_at = models.DateTimeField(null=True)
    code_attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "phone_number"

    def __str__(self) -> str:
        return self.number or self.new_number


class SentSms(models.Model):
    """The book of the offline adapter: what would have been sent, once for each id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reference = models.CharField(
        max_length=64, unique=True, help_text="The delivery and its edition: the idempotency key"
    )
    recipient = of_person(models.CharField(max_length=16))
    text = of_person(models.TextField())
    segments = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "sent_sms"
        verbose_name = "SMS in the book"
        verbose_name_plural = "SMS in the book"

    def __str__(self) -> str:
        return f"SMS to {self.recipient}"
