"""Proofs of mailboxes. What the mails carried is kept as hashes, and not shown even as those."""

from __future__ import annotations

from django.contrib import admin
from unfold.decorators import display

from domains.auth.models import MailProof, MailProofSecret, Registration, VerificationToken
from kernel.staff import ReadOnlyAdmin


@admin.register(Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    list_display = ("account", "created_at", "expires_at")
    list_filter = ("created_at",)
    list_select_related = ("account",)
    search_fields = ("account__email", "account__id")
    ordering = ("-created_at",)
    fields = list_display


@admin.register(VerificationToken)
class VerificationTokenAdmin(ReadOnlyAdmin):
    list_display = ("account", "created_at", "expires_at")
    list_filter = ("created_at",)
    list_select_related = ("registration__account",)
    search_fields = ("registration__account__email", "registration__account__id")
    ordering = ("-created_at",)
    fields = list_display

    @display(description="account", ordering="registration__account__email")
    def account(self, token: VerificationToken) -> str:
        return token.registration.account.email


@admin.register(MailProof)
class MailProofAdmin(ReadOnlyAdmin):
    list_display = ("purpose", "account", "address", "created_at", "expires_at", "used_at")
    list_filter = ("purpose", ("used_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("account",)
    search_fields = ("account__email", "account__id", "address", "id")
    ordering = ("-created_at",)
    fields = (*list_display, "attempts")


@admin.register(MailProofSecret)
class MailProofSecretAdmin(ReadOnlyAdmin):
    list_display = ("purpose", "account", "created_at")
    list_filter = ("proof__purpose", "created_at")
    list_select_related = ("proof__account",)
    search_fields = ("proof__account__email", "proof__account__id", "proof__id")
    ordering = ("-created_at",)
    fields = ("proof", *list_display)

    @display(description="purpose", ordering="proof__purpose")
    def purpose(self, secret: MailProofSecret) -> str:
        return secret.proof.get_purpose_display()

    @display(description="account", ordering="proof__account__email")
    def account(self, secret: MailProofSecret) -> str:
        return secret.proof.account.email
