"""Teams and roles: they change by what members do; staff look at them."""

from __future__ import annotations

from django.contrib import admin
from unfold.decorators import display

from domains.users.admin.memberships import LABELS, role_name
from domains.users.models import CustomRole, RoleAssignment, Team, TeamMembership
from kernel.staff import ReadOnlyAdmin


@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    list_display = ("name", "organization", "parent", "created_at")
    list_filter = (("parent", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("organization", "parent")
    search_fields = ("id__exact", "organization__id__exact")
    ordering = ("-id",)
    fields = ("id", "name", "description", "organization", "parent", "created_at", "updated_at")


@admin.register(TeamMembership)
class TeamMembershipAdmin(ReadOnlyAdmin):
    list_display = ("person", "team", "organization", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("membership__account", "team", "organization")
    search_fields = ("team__id__exact", "membership__account__account_id__exact")
    ordering = ("-id",)
    fields = list_display

    @display(description="Person")
    def person(self, row: TeamMembership) -> str:
        return str(row.membership.account)


@admin.register(CustomRole)
class CustomRoleAdmin(ReadOnlyAdmin):
    list_display = ("name", "organization", "size", "created_at", "updated_at")
    list_filter = ("created_at",)
    list_select_related = ("organization",)
    search_fields = ("id__exact", "organization__id__exact")
    ordering = ("-id",)
    fields = (
        "id",
        "name",
        "description",
        "organization",
        "permissions",
        "created_at",
        "updated_at",
    )

    @display(description="Permissions")
    def size(self, role: CustomRole) -> int:
        return len(role.permissions)


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(ReadOnlyAdmin):
    list_display = ("receiver", "shown_role", "scope", "organization", "created_at")
    list_filter = ("role", ("scope", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("membership__account", "team", "scope", "organization", "custom_role")
    search_fields = ("id__exact", "organization__id__exact", "team__id__exact")
    ordering = ("-id",)
    fields = (*list_display, "assigned_by")

    @display(description="Given to")
    def receiver(self, row: RoleAssignment) -> str:
        return receiver_of(row)

    @display(description="Role", ordering="role", label=LABELS)
    def shown_role(self, row: RoleAssignment) -> str:
        return role_name(row)


def receiver_of(row: RoleAssignment) -> str:
    """Return the name of the member or team that has the role."""
    return f"Team {row.team}" if row.team else str(row.membership.account) if row.membership else ""
