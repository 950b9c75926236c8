from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action

from domains.auth.admin.revocable import RevocableAdmin
from domains.auth.contract.errors import NextKeyTooNew
from domains.auth.models import SigningKey
from domains.auth.services import keys
from kernel.clock import now
from kernel.db import transaction


@admin.register(SigningKey)
class SigningKeyAdmin(RevocableAdmin):
    list_display = ("kid", "algorithm", "created_at", "activated_at", "retired_at")
    list_filter = (("retired_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("kid",)
    ordering = ("-created_at",)
    fields = (*list_display, "public_key_pem")
    actions = ("rotate",)

    @action(description="Sign with the next key from now on", permissions=["revoke"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[SigningKey]) -> None:
        try:
            with transaction("auth"):
                kid = keys.rotate(now=now())
                self.log_deed(request, SigningKey.objects.get(kid=kid), "Began to sign")
        except NextKeyTooNew as error:
            messages.error(request, f"{error.title}. {error.detail}")
        else:
            messages.success(request, "The next key signs; the former one verifies for a day.")
