"""Where people and organizations are reached, as staff see it: never the secrets to get there."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display

from domains.notifications.admin.base import Admin
from domains.notifications.models import (
    ChatEndpoint,
    PhoneNumber,
    PushSubscription,
    SentSms,
    VapidKey,
)
from domains.notifications.services.channels import chat, vapid
from kernel.clock import now
from kernel.db import transaction
from kernel.staff import reason_of


@admin.register(PushSubscription)
class PushSubscriptionAdmin(Admin):
    list_display = ("account_id", "push_service", "device", "created_at")
    search_fields = ("id__exact", "account_id__exact")
    fields = ("account_id", "push_service", "device", "vapid_key", "created_at")
    readonly_fields = ("push_service",)

    @display(description="Push service")
    def push_service(self, subscription: PushSubscription) -> str:
        return subscription.host


@admin.register(VapidKey)
class VapidKeyAdmin(Admin):
    list_display = ("public_key", "created_at", "retired_at")
    search_fields = ("public_key__exact",)
    fields = list_display
    actions = ("rotate",)

    @action(description="Have browsers subscribe with a new key", permissions=["redrive"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[VapidKey]) -> None:
        with transaction("notifications"):
            self.log_deed(request, vapid.rotate(now=now()), "Given out")
        messages.success(request, "New subscriptions are made with a new key.")


@admin.register(PhoneNumber)
class PhoneNumberAdmin(Admin):
    list_display = ("account_id", "number", "confirmed_at", "new_number", "code_sent_at")
    search_fields = ("account_id__exact", "number__exact", "new_number__exact")
    fields = (*list_display, "code_expires_at", "code_attempts", "created_at")
    ordering = ("-created_at",)


@admin.register(SentSms)
class SentSmsAdmin(Admin):
    list_display = ("recipient", "text", "segments", "created_at")
    search_fields = ("recipient__exact", "reference__exact")
    fields = ("reference", *list_display)


@admin.register(ChatEndpoint)
class ChatEndpointAdmin(Admin):
    list_display = ("name", "organization_id", "host", "created_at", "disabled_at")
    list_filter = (("disabled_at", admin.EmptyFieldListFilter),)
    search_fields = ("id__exact", "organization_id__exact", "name", "host")
    fields = (*list_display, "categories", "created_by", "disabled_because")
    actions = ("disable",)

    @action(description="Post there no more", permissions=["redrive"])
    def disable(self, request: HttpRequest, queryset: QuerySet[ChatEndpoint]) -> None:
        rows = queryset.filter(disabled_at=None)
        for endpoint in rows:
            self.log_deed(request, endpoint, "Disabled")
            chat.disable(endpoint, because=f"by staff: {reason_of(request)}", now=now())
        messages.success(request, "Nothing is posted there any more.")
