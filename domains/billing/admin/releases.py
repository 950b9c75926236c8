"""Publishing the catalogue: its text, what that changes, and then the reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from domains.billing.admin.written import as_written
from domains.billing.contract.catalogue import CatalogueInvalid, CatalogueOutdated
from domains.billing.models import CatalogueRelease
from domains.billing.services.catalogue import publication
from kernel.clock import now
from kernel.db import transaction
from kernel.staff import ReadOnlyAdmin, ReasonForm

MAY_PUBLISH = "domains_billing.add_cataloguerelease"
LONGEST = 500_000
SHOW, PUBLISH = "show", "publish"


class TextForm(forms.Form):
    """The catalogue, written or as a file; once it is valid, `changes` are what it changes."""

    text = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 28, "spellcheck": "false", "class": "staff-source"}
        ),
        help_text="YAML. It begins with what was published last.",
    )
    file = forms.FileField(
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text="Instead of the text: a file such as catalogue.yaml.",
    )

    def clean(self) -> dict[str, Any]:
        """Return the text, whichever way it came, with what it would change."""
        given: dict[str, Any] = self.cleaned_data
        text = self._uploaded() if given.get("file") else given.get("text", "")
        # A form sends every line's end as CR LF (HTML, 4.10.22.4).
        given["text"] = text.replace("\r\n", "\n")
        try:
            given["changes"] = publication.preview(text=given["text"])
        except CatalogueInvalid as error:
            for line in error.detail.splitlines():
                self.add_error("text", line)
        return given

    def _uploaded(self) -> str:
        file = self.cleaned_data["file"]
        try:
            return str(file.read(LONGEST).decode())
        except UnicodeDecodeError as error:
            raise forms.ValidationError("The file is no text in UTF-8.") from error


class PublishForm(ReasonForm):
    """The text that was shown, the release that it was compared with, and the reason."""

    text = forms.CharField(strip=False, max_length=LONGEST, widget=forms.HiddenInput)
    after = forms.IntegerField(widget=forms.HiddenInput)


@admin.register(CatalogueRelease)
class CatalogueReleaseAdmin(ReadOnlyAdmin):
    list_display = ("number", "digest", "published_at")
    search_fields = ("digest__exact",)
    ordering = ("-number",)
    date_hierarchy = "published_at"
    fields = ("number", "published_at", "digest", "written")
    readonly_fields = fields
    actions_list = ("publish",)

    @display(description="Text")
    def written(self, release: CatalogueRelease) -> SafeString:
        return as_written(release.text)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may change what is sold."""
        return bool(request.user.has_perm(MAY_PUBLISH))

    @action(description="Publish a catalogue", url_path="publish", permissions=["publish"])
    def publish(self, request: HttpRequest) -> HttpResponse:
        """Ask for the text, show what it changes, and publish it for a reason."""
        if request.method != "POST":
            return self._ask(request, TextForm(initial={"text": _last_text()}))
        if request.POST.get("step") == PUBLISH:
            return self._publish(request)
        return self._show(request, TextForm(request.POST, request.FILES))

    def _show(self, request: HttpRequest, form: TextForm) -> HttpResponse:
        after = publication.last_number()
        if not form.is_valid():
            return self._ask(request, form)
        if not form.cleaned_data["changes"]:
            form.add_error(None, "This is what is sold already.")
            return self._ask(request, form)
        confirmation = PublishForm(initial={"text": form.cleaned_data["text"], "after": after})
        return self._confirm(request, confirmation, form.cleaned_data["changes"])

    def _publish(self, request: HttpRequest) -> HttpResponse:
        form = PublishForm(request.POST)
        shown = TextForm(request.POST)
        if not shown.is_valid() or not shown.cleaned_data["changes"]:
            return self._show(request, shown)
        if not form.is_valid():
            return self._confirm(request, form, shown.cleaned_data["changes"])
        try:
            release = self._carry_out(request, shown.cleaned_data["text"], form)
        except CatalogueOutdated as error:
            messages.error(request, f"{error.title}: look again.")
            return self._show(request, shown)
        messages.success(request, f"Release {release.number} is published.")
        return HttpResponseRedirect(
            reverse("admin:domains_billing_cataloguerelease_change", args=[release.pk])
        )

    def _carry_out(self, request: HttpRequest, text: str, form: PublishForm) -> CatalogueRelease:
        with transaction("billing"):
            publication.publish(text=text, after=form.cleaned_data["after"], now=now())
            release = CatalogueRelease.objects.get(number=publication.last_number())
            self.log_deed(request, release, "Published")
        return release

    def _ask(self, request: HttpRequest, form: TextForm) -> HttpResponse:
        return self._page(request, "publish.html", form=form, step=SHOW)

    def _confirm(self, request: HttpRequest, form: PublishForm, changes: list[Any]) -> HttpResponse:
        return self._page(request, "confirm.html", form=form, changes=changes, step=PUBLISH)

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Publish a catalogue",
            "back": reverse("admin:domains_billing_cataloguerelease_changelist"),
            **context,
        }
        return TemplateResponse(request, f"billing_admin/{template}", shown)


def _last_text() -> str:
    last = CatalogueRelease.objects.order_by("-number").first()
    return last.text if last else ""
