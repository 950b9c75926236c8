"""Pages on which staff change nothing without a reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin

from kernel.staff import trail
from kernel.staff.paginator import BoundedPaginator
from kernel.staff.reasons import ReasonActionForm, ReasonForm, reason_field, reason_of

_WHY = (None, {"fields": ("reason",)})


class ReasonedAdmin(ModelAdmin):
    """Asks for a reason wherever something is added, changed, deleted or done, and keeps it.

    What is written in the log is told as well (`kernel.staff.trail`). A list action calls
    `log_deed` for each row before it does it: the log may say more than was done, never less.
    """

    action_form = ReasonActionForm
    delete_confirmation_template = "kernel/staff/delete.html"
    paginator = BoundedPaginator
    show_full_result_count = False

    def organization_of(self, row: Any) -> UUID | None:
        """Return whose trail it belongs in, when staff do something to the row."""
        whose: UUID | None = getattr(row, "organization_id", None)
        return whose

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002  Django's signature
        **kwargs: Any,
    ) -> type[ModelForm]:
        """Return the form, which asks for the reason unless it only shows."""
        if not self._may_write(request, obj):
            shown: type[ModelForm] = super().get_form(request, obj, change=change, **kwargs)
            return shown
        fields = kwargs.get("fields") or flatten_fieldsets(self.get_fieldsets(request, obj))
        kwargs["fields"] = [name for name in fields if name != "reason"]
        form: type[ModelForm] = super().get_form(request, obj, change=change, **kwargs)
        form.base_fields["reason"] = reason_field()
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return the fieldsets, the reason last."""
        fieldsets = list(super().get_fieldsets(request, obj))
        return [*fieldsets, _WHY] if self._may_write(request, obj) else fieldsets

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the actions without Django's own: one row is deleted at a time."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def response_action(self, request: HttpRequest, queryset: Any) -> Any:
        """Carry out the action of the list if there is a reason for it."""
        if not reason_of(request):
            return self._refuse(request)
        return super().response_action(request, queryset)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete the row if there is a reason for it."""
        unfounded = request.method == "POST" and not reason_of(request)
        if unfounded and self.has_delete_permission(request):
            return self._refuse(request)
        extra = {**kwargs.pop("extra_context", {}), "why": ReasonForm()}
        response: HttpResponse = super().delete_view(request, *args, extra_context=extra, **kwargs)
        return response

    def construct_change_message(
        self,
        request: HttpRequest,
        form: ModelForm,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002
    ) -> list[str]:
        """Return the names of the changed fields."""
        changed = [name for name in form.changed_data if name != "reason"]
        touched = (formset for formset in formsets or () if formset.has_changed())
        return changed + [formset.prefix for formset in touched]

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Log what Django has added."""
        self._log(request, obj, "Added", flag=ADDITION)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Log what Django has changed."""
        self._log(request, obj, "Changed", flag=CHANGE, changes=message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> None:
        """Log what Django is about to delete."""
        for row in queryset:
            self._log(request, row, "Deleted", flag=DELETION)

    def log_deed(self, request: HttpRequest, row: Model, words: str) -> None:
        """Log what an action does to the row."""
        self._log(request, row, words, flag=CHANGE)

    def _log(self, request: HttpRequest, row: Model, words: str, **facts: Any) -> None:
        trail.record(
            row,
            staff_id=trail.staff_of(request),
            reason=reason_of(request),
            words=words,
            organization_id=self.organization_of(row),
            **facts,
        )

    def _may_write(self, request: HttpRequest, row: Any) -> bool:
        if row is None:
            return bool(self.has_add_permission(request))
        return bool(self.has_change_permission(request, row))

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        messages.error(request, "Nothing was done: give a reason.")
        return HttpResponseRedirect(request.get_full_path())


class CorrectableAdmin(ReasonedAdmin):
    """Rows that staff may correct, but that come and go by what people do."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class ReadOnlyAdmin(CorrectableAdmin):
    """Rows that staff look at; what changes them are the domain's own services."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False
