"""Templates as staff see and write them: previews, tests, publishing and going back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from domains.notifications.models import Channel, Template, TemplateVersion, VersionState
from domains.notifications.services.templates import (
    authoring,
    previewing,
    product_texts,
    publishing,
)
from domains.notifications.services.templates.parts import LOCALE, misshapen
from kernel.clock import now
from kernel.db import transaction
from kernel.errors import DomainError
from kernel.staff import Deed, DeedForm, DeedsAdmin, ReadOnlyAdmin, ReasonedAdmin

VERSIONS_SHOWN = 50
LABELS = {"draft": "info", "published": "success", "retired": "warning", "rolled_back": "danger"}


class OverrideForm(forms.ModelForm):
    """Asks which of the product's kinds staff want to say otherwise."""

    key = forms.ChoiceField(
        label="Kind",
        choices=lambda: [(kind, kind) for kind in product_texts.kinds()],
        widget=UnfoldAdminSelectWidget,
    )

    def clean_key(self) -> str:
        """Return the kind unless staff have a text of it already."""
        kind: str = self.cleaned_data["key"]
        if Template.objects.everywhere().filter(organization_id=None, key=kind).exists():
            raise forms.ValidationError("There is a template of this kind already.")
        return kind


class DraftForm(forms.ModelForm):
    """Asks what a draft says, by channel, locale and part."""

    def clean_parts(self) -> Any:
        """Return the parts if there are such channels, locales and parts."""
        parts = self.cleaned_data["parts"]
        if wrong := misshapen(parts):
            raise forms.ValidationError(wrong)
        return parts


class TestForm(DeedForm):
    locale = forms.RegexField(
        LOCALE, required=False, widget=UnfoldAdminTextInputWidget, help_text="Such as de-AT."
    )


def _publish(version: TemplateVersion, *, staff_id: UUID, now: datetime, **_: object) -> None:
    publishing.publish_draft(version.template, account_id=staff_id, now=now)


def _roll_back(version: TemplateVersion, *, staff_id: UUID, now: datetime, **_: object) -> None:
    publishing.roll_back_to(version.template, number=version.number, account_id=staff_id, now=now)


def _test(version: TemplateVersion, *, staff_id: UUID, locale: str, **_: object) -> None:
    previewing.mail_test(version, account_id=staff_id, locale=locale)


def _begin(template: Template, *, staff_id: UUID, now: datetime, **_: object) -> None:
    authoring.begin(authoring.lock(template), account_id=staff_id, now=now)


PUBLISH = Deed(
    title="Publish",
    done="Published",
    meaning="From now on this is what is said, in place of the present version.",
    fits=lambda version: version.state == VersionState.DRAFT,
    do=_publish,
)
ROLL_BACK = Deed(
    title="Roll back to this",
    done="Rolled back",
    meaning="From now on this version is what is said again; the present one is taken back.",
    fits=lambda version: version.state in publishing.IN_FORCE_BEFORE,
    do=_roll_back,
    dangerous=True,
)
TEST = Deed(
    title="Mail it to me",
    done="Test mail sent",
    meaning="The mail goes to your own address, filled with examples.",
    fits=lambda version: Channel.EMAIL in version.parts,
    do=_test,
    form=TestForm,
)
BEGIN = Deed(
    title="New draft",
    done="Draft begun",
    meaning="A draft begins with what the newest version says. Nothing is said otherwise yet.",
    fits=lambda template: not template.versions.filter(state=VersionState.DRAFT).exists(),
    do=_begin,
)


@admin.register(Template)
class TemplateAdmin(DeedsAdmin, ReasonedAdmin):
    form = OverrideForm
    table = {"begin": BEGIN}
    actions_detail = tuple(table)
    fields = ("key", "description", "organization_id", "category", "versions")
    readonly_fields = ("organization_id", "category", "versions")
    list_display = ("key", "organization_id", "category", "description", "created_at")
    search_fields = ("id__exact", "organization_id__exact", "key")
    ordering = ("-id",)

    def get_fields(self, request: HttpRequest, obj: Template | None = None) -> Any:
        """Return what staff say of a new one, or all that there is of another."""
        return self.fields if obj else self.fields[:2]

    @display(description="Versions")
    def versions(self, template: Template) -> SafeString:
        """Lead to what it says, and said."""
        return format_html_join(
            mark_safe("<br>"),
            '<a class="staff-link" href="{}">{} ({})</a>',
            (
                (
                    reverse("admin:domains_notifications_templateversion_change", args=[each.pk]),
                    each.number,
                    each.get_state_display(),
                )
                for each in template.versions.order_by("-number")[:VERSIONS_SHOWN]
            ),
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether the user may write what everybody is told."""
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_write_permission(request)

    def save_model(self, request: HttpRequest, obj: Template, form: Any, change: Any) -> None:
        """Begin staff's own text of the kind with what the product says."""
        made = product_texts.override(
            kind=obj.key,
            description=obj.description,
            account_id=UUID(str(request.user.pk)),
            now=now(),
        )
        obj.pk, obj.created_at = made.pk, made.created_at

    @action(description=BEGIN.title, permissions=["write"])
    def begin(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, BEGIN)


@admin.register(TemplateVersion)
class TemplateVersionAdmin(DeedsAdmin, ReadOnlyAdmin):
    form = DraftForm
    table = {"publish": PUBLISH, "roll_back": ROLL_BACK, "test": TEST}
    actions_detail = tuple(table)
    list_display = ("template", "number", "labelled_state", "organization_id", "published_at")
    list_filter = ("state", "published_at")
    list_select_related = ("template",)
    search_fields = ("id__exact", "organization_id__exact", "template__key")
    ordering = ("-id",)
    readonly_fields = (
        "template",
        "number",
        "state",
        "organization_id",
        "variables",
        "published_at",
        "shown",
    )
    fields = (*readonly_fields[:5], "default_locale", "parts", *readonly_fields[5:])

    @display(description="State", ordering="state", label=LABELS)
    def labelled_state(self, version: TemplateVersion) -> tuple[str, str]:
        return version.state, version.get_state_display()

    @display(description="Preview")
    def shown(self, version: TemplateVersion) -> SafeString:
        """Show what it says with its examples, in every channel and locale."""
        return format_html_join(
            "",
            "<h3>{} ({})</h3>{}",
            (
                (Channel(channel).label, locale, _preview(version, channel, locale))
                for channel, locales in version.parts.items()
                for locale in locales
            ),
        )

    def has_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Return whether the user may change what everybody is told."""
        return bool(request.user.is_superuser)

    def has_change_permission(
        self, request: HttpRequest, obj: TemplateVersion | None = None
    ) -> bool:
        """Return whether it is a draft of staff's own; an organization's is its own business."""
        own = obj is not None and obj.organization_id is None and obj.state == VersionState.DRAFT
        return own and self.has_write_permission(request)

    def save_model(
        self, request: HttpRequest, obj: TemplateVersion, form: Any, change: Any
    ) -> None:
        """Write the draft under its template's lock."""
        with transaction("notifications"):
            authoring.lock(obj.template)
            changes = {"default_locale": obj.default_locale, "parts": obj.parts}
            authoring.change(obj, changes=changes, now=now())

    @action(description=PUBLISH.title, permissions=["write"])
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, PUBLISH)

    @action(description=ROLL_BACK.title, permissions=["write"])
    def roll_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, ROLL_BACK)

    @action(description=TEST.title, permissions=["write"])
    def test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.do_deed(request, object_id, TEST)


def _preview(version: TemplateVersion, channel: str, locale: str) -> SafeString:
    try:
        content = previewing.shown(version, channel=channel, locale=locale)
    except DomainError as error:
        return format_html('<pre class="staff-text">{}</pre>', f"{error.title}: {error.detail}")
    words = f"{content.subject}\n\n{content.text}".strip()
    text = format_html('<pre class="staff-text">{}</pre>', words)
    if not content.html:
        return text
    # An empty sandbox: no script, no form, no navigation, an origin of its own.
    frame = '<iframe class="staff-mail" sandbox="" title="{}" srcdoc="{}"></iframe>{}'
    return format_html(frame, f"Mail: {content.subject}", content.html, text)
