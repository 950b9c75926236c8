from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from unfold.decorators import action, display

from domains.users.models import Membership, Organization, OwnershipTransfer
from domains.users.services import slugs
from domains.users.services.corrections import correct_organization, lift_policy
from domains.users.services.people_search import found_by_words, ids_in
from kernel.staff import CorrectableAdmin, ReadOnlyAdmin, changed_in
from kernel.staff.panels import ShownPanel, Subject, panels_of

# Panels that look at people look at so many of the newest members.
MEMBERS_LOOKED_AT = 200


class OrganizationForm(forms.ModelForm):
    def clean_slug(self) -> str | None:
        slug: str | None = self.cleaned_data["slug"] or None
        if slug and self.instance.personal:
            raise ValidationError("A personal organization has no slug.")
        if slug and slug != self.instance.slug and slugs.is_reserved(slug):
            raise ValidationError("This slug is reserved.")
        return slug


@admin.register(Organization)
class OrganizationAdmin(CorrectableAdmin):
    form = OrganizationForm
    list_display = ("name", "slug", "personal", "members", "closed_at", "created_at")
    list_filter = ("personal", ("closed_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("id__exact", "slug__exact")
    search_help_text = "The beginning of words of the name, the slug, or the id"
    ordering = ("-id",)
    readonly_fields = (
        "id",
        "personal",
        "created_by",
        "created_at",
        "updated_at",
        "closed_at",
        "erase_at",
    )
    fields = ("id", "name", "slug", *readonly_fields[1:])
    change_form_outer_after_template = "kernel/staff/panels.html"
    actions = ("lift_policy",)

    def organization_of(self, row: Organization) -> UUID:
        """Return the organization itself."""
        return row.id

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        """Return the organizations, each with how many belong to it: counted for one page."""
        own = Membership.objects.filter(organization=OuterRef("pk")).order_by()
        counted = own.values("organization").annotate(count=Count("*")).values("count")
        count = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
        return super().get_queryset(request).annotate(member_count=count)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Organization], search_term: str
    ) -> tuple[QuerySet[Organization], bool]:
        """Find organizations by the beginnings of words of their names, slug or id.

        Django would compare ids as text, which no index does.
        """
        query = search_term.strip()
        if not query:
            return queryset, False
        found = [*ids_in(query), *found_by_words(Organization, "name", query)]
        return queryset.filter(Q(pk__in=found) | Q(slug=query.lower())), False

    def save_model(
        self,
        request: HttpRequest,
        obj: Organization,
        form: forms.ModelForm,
        change: bool,  # noqa: FBT001  Django's signature
    ) -> None:
        correct_organization(organization_id=obj.pk, wanted=changed_in(form))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show below the form what each domain has of the organization."""
        make = partial(_panels, context["original"], request)
        # Made when the page is: a form that is refused is answered within its transaction.
        context["panels"] = SimpleLazyObject(make)
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    @action(description="Lift a policy that locks everybody out", permissions=["change"])
    def lift_policy(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        lifted = sum(self._lift_policy(request, row) for row in queryset)
        messages.success(request, f"Policies lifted: {lifted}.")

    def _lift_policy(self, request: HttpRequest, organization: Organization) -> bool:
        self.log_deed(request, organization, "Lifted the policy")
        return lift_policy(organization_id=organization.id)

    @display(description="Members", ordering="member_count")
    def members(self, organization: Organization) -> int:
        return organization.member_count  # type: ignore[attr-defined]


def _panels(organization: Organization, request: HttpRequest) -> list[ShownPanel]:
    return panels_of(_subject(organization), user=request.user)


def _subject(organization: Organization) -> Subject:
    newest = organization.memberships.order_by("-id").values_list("account_id", flat=True)
    return Subject(organization_id=organization.id, member_ids=tuple(newest[:MEMBERS_LOOKED_AT]))


@admin.register(OwnershipTransfer)
class OwnershipTransferAdmin(ReadOnlyAdmin):
    list_display = ("organization", "from_account_id", "to_account_id", "created_at", "expires_at")
    list_filter = ("expires_at",)
    list_select_related = ("organization",)
    search_fields = ("organization__id__exact", "from_account_id__exact", "to_account_id__exact")
    ordering = ("-id",)
    fields = list_display
