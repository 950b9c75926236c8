from __future__ import annotations

import unicodedata
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Collate, Lower

from kernel.clock import now
from kernel.ids import uuid7
from kernel.privacy.marks import of_person

# Addresses compared byte by byte: by that an index finds what begins so.
IN_BYTES = Collate(Lower("email"), "C")


class AccountManager(BaseUserManager["Account"]):
    def with_email(self, email: str) -> QuerySet[Account]:
        """Return the account of the address in whatever case it is written, if there is one."""
        composed = unicodedata.normalize("NFC", email)
        return self.with_typed(models.Value(composed, models.CharField()))

    def with_typed(self, email: models.Expression) -> QuerySet[Account]:
        """Return the same for a composed address that an expression stands for."""
        return self.alias(folded=Lower("email")).filter(folded=Lower(email))

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.with_email(username or "").get()


class Account(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in. Without proof of the mailbox it has no usable password."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=uuid7, editable=False
    )
    email = of_person(models.EmailField("e-mail", max_length=254))
    email_verified_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField("active", default=True)
    banned_at = models.DateTimeField(null=True, blank=True, editable=False)
    ban_reason = of_person(models.CharField(max_length=500, blank=True, default="", editable=False))
    erase_at = models.DateTimeField("closed, to be erased at", null=True, blank=True, db_index=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    password_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    password_is_short = models.BooleanField(default=False, editable=False)
    password_reset_required_at = models.DateTimeField(null=True, blank=True, editable=False)
    email_sign_in = models.BooleanField("sign-in by e-mail allowed", default=False)
    is_staff = models.BooleanField("staff", default=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = AccountManager()

    is_person = True
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        db_table = "account"
        permissions = [("impersonate_account", "Can act as an account")]
        indexes = [models.Index(IN_BYTES, name="account_email_begins")]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="account_email_unique",
                violation_error_message="An account with this e-mail address exists.",
            ),
            models.CheckConstraint(
                condition=Q(email_verified_at__isnull=False) | Q(password__startswith="!"),  # noqa: S106  marks that there is none
                name="account_password_needs_proof",
            ),
            models.CheckConstraint(
                condition=Q(banned_at__isnull=True) | (Q(is_active=False) & ~Q(ban_reason="")),
                name="account_banned_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(is_active=False, password__startswith="!"),  # noqa: S106  marks that there is none
                name="account_erased_has_no_way_in",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """Return the address composed (NFC), otherwise as typed."""
        return unicodedata.normalize("NFC", username)
