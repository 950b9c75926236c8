from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group

from kernel.staff import ReasonedAdmin

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ReasonedAdmin, DjangoGroupAdmin):  # type: ignore[misc]  # unfold has no types
    fields = ("name", "permissions")
