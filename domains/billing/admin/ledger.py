"""The books, which nobody writes in by hand."""

from __future__ import annotations

from django.contrib import admin

from domains.billing.admin.money import MoneyAdmin
from domains.billing.models import Posting, PostingGroup
from kernel.staff import ReadOnlyAdmin


@admin.register(PostingGroup)
class PostingGroupAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "kind", "reference", "posted_at")
    list_filter = ("kind", "posted_at")
    search_fields = ("organization_id__exact", "reference")
    ordering = ("-id",)
    date_hierarchy = "posted_at"


@admin.register(Posting)
class PostingAdmin(MoneyAdmin, ReadOnlyAdmin):
    money = ("amount",)
    list_display = ("organization_id", "group", "account", "amount")
    list_filter = ("account", "currency")
    search_fields = ("organization_id__exact", "group__reference")
    ordering = ("-id",)
    list_select_related = ("group",)
