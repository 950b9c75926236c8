"""People across organizations: found by name, address or id."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import display

from domains.users.admin.memberships import LABELS, role_name
from domains.users.models import Membership, Profile
from domains.users.services.corrections import correct_profile
from domains.users.services.people_search import addresses_of, find_people
from kernel.staff import CorrectableAdmin, changed_in

# In a row of the list; the person's page has them all.
ORGANIZATIONS_SHOWN = 4


class MembershipInline(TabularInline):
    """Where the person belongs; a role is changed on the membership's own page."""

    model = Membership
    fk_name = "account"
    extra = 0
    per_page = 20
    show_change_link = True
    fields = ("place", "shown_role", "created_at")
    readonly_fields = fields
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Return the memberships with what is shown of them."""
        rows: QuerySet[Membership] = super().get_queryset(request)
        return rows.select_related("organization", "custom_role", "account")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    @display(description="Organization")
    def place(self, membership: Membership) -> SafeString:
        return _linked(membership)

    @display(description="Role", label=LABELS)
    def shown_role(self, membership: Membership) -> str:
        return role_name(membership)


@admin.register(Profile)
class ProfileAdmin(CorrectableAdmin):
    list_display = ("person", "email", "organizations", "created_at")
    list_filter = ("created_at",)
    list_per_page = 50
    # What find_people looks for; Django asks nothing of it but that there is something.
    search_fields = ("account_id__exact",)
    search_help_text = "The beginning of an address or of names, or an account's id"
    # Ids grow with time, and are indexed.
    ordering = ("-account_id",)
    inlines = (MembershipInline,)
    readonly_fields = ("account_id", "account", "created_at", "updated_at")
    fields = (
        "account_id",
        "account",
        "display_name",
        "locale",
        "time_zone",
        "created_at",
        "updated_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Profile]:
        """Return the profiles with where their people belong."""
        theirs = Membership.objects.select_related("organization", "custom_role").order_by("id")
        return super().get_queryset(request).prefetch_related(Prefetch("memberships", theirs))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Profile], search_term: str
    ) -> tuple[QuerySet[Profile], bool]:
        """Find people by more than stands in this table."""
        if not search_term.strip():
            return queryset, False
        return find_people(queryset, search_term), False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list with its people's addresses, asked of auth all at once."""
        shown = super().get_changelist_instance(request)
        people = list(shown.result_list)
        addresses = addresses_of([person.account_id for person in people])
        for person in people:
            person.address = addresses.get(person.account_id, "")
        shown.result_list = people
        return shown

    def save_model(
        self,
        request: HttpRequest,
        obj: Profile,
        form: forms.ModelForm,
        change: bool,  # noqa: FBT001  Django's signature
    ) -> None:
        correct_profile(account_id=obj.pk, wanted=changed_in(form))

    @display(description="Person", ordering="display_name")
    def person(self, profile: Profile) -> str:
        return str(profile)

    @display(description="E-mail")
    def email(self, profile: Profile) -> str:
        return profile.address or "none known"  # type: ignore[attr-defined]

    @display(description="Organizations and roles")
    def organizations(self, profile: Profile) -> SafeString:
        theirs = list(profile.memberships.all())
        more = len(theirs) - ORGANIZATIONS_SHOWN
        rows = ((_linked(each), role_name(each)) for each in theirs[:ORGANIZATIONS_SHOWN])
        listed = format_html_join(", ", "{} ({})", rows)
        return format_html("{} and {} more", listed, more) if more > 0 else listed

    @display(description="Account")
    def account(self, profile: Profile) -> SafeString:
        page = reverse("admin:domains_auth_account_change", args=[profile.pk])
        address = addresses_of([profile.pk]).get(profile.pk)
        return format_html('<a class="staff-link" href="{}">{}</a>', page, address or profile.pk)


def _linked(membership: Membership) -> SafeString:
    organization = membership.organization
    page = reverse("admin:domains_users_organization_change", args=[organization.pk])
    return format_html('<a class="staff-link" href="{}">{}</a>', page, organization)
