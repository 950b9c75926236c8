"""What customers use, and what they are allowed to."""

from __future__ import annotations

from django.contrib import admin

from domains.billing.models import Allocation, Consumption, Grant, UsageBucket, UsageEvent
from kernel.staff import ReadOnlyAdmin


@admin.register(UsageEvent)
class UsageEventAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "meter", "value", "occurred_at", "received_at")
    list_filter = ("meter", "occurred_at")
    search_fields = ("organization_id__exact", "event_id__exact")
    ordering = ("-id",)
    list_select_related = ("meter",)


@admin.register(UsageBucket)
class UsageBucketAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "meter", "hour", "count", "sum", "max", "last")
    list_filter = ("meter", "hour")
    search_fields = ("organization_id__exact",)
    ordering = ("-id",)
    list_select_related = ("meter",)


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "feature", "amount", "remaining", "priority", "expires_at")
    list_filter = ("feature", "expires_at")
    search_fields = ("organization_id__exact", "id__exact")
    ordering = ("-id",)


@admin.register(Consumption)
class ConsumptionAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "feature", "period_start", "used", "reserved")
    list_filter = ("feature", "period_start")
    search_fields = ("organization_id__exact",)
    ordering = ("-id",)


@admin.register(Allocation)
class AllocationAdmin(ReadOnlyAdmin):
    list_display = ("organization_id", "feature", "key", "amount", "state", "expires_at")
    list_filter = ("feature", "state")
    search_fields = ("organization_id__exact", "key__exact")
    ordering = ("-id",)
