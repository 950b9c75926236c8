"""What staff do to one row: on a page of its own, for a reason, logged with what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import router
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.dataclasses import UnfoldAction

from kernel.clock import now
from kernel.db import transaction
from kernel.errors import DomainError
from kernel.staff.pages import ReasonedAdmin
from kernel.staff.reasons import FOCUSED, ReasonForm, reason_field

NOT_DONE = object()


class DeedForm(ReasonForm):
    """Asks for what one deed to `row` needs to know, and for the reason last."""

    reason = reason_field()

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "reason"])
        self.visible_fields()[0].field.widget.attrs.update(FOCUSED)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing to do: what it is called before and after, what it means, and who does it.

    `do` is called with the row, with what the form asked for (`reason` always), and with
    `staff_id` and `now`; it may raise a `DomainError`.
    """

    title: str
    done: str
    meaning: str
    fits: Callable[[Any], bool]
    do: Callable[..., Any]
    dangerous: bool = False
    form: type[DeedForm] = DeedForm


class DeedsAdmin(ReasonedAdmin):
    """Rows to which deeds are done; the `table` has them by the names of the actions."""

    table: dict[str, Deed]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """Return those that the row's state leaves something to do for."""
        try:
            row = self.find(request, object_id)
        except Http404:
            return []
        allowed: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        return [each for each in allowed if self._fits(each, row)]

    def do_deed(self, request: HttpRequest, object_id: str, deed: Deed) -> HttpResponse:
        """Ask for what the deed needs, do it, and lead back to the row."""
        row = self.find(request, object_id)
        form = deed.form(request.POST or None, row=row)
        if self.carry_out(request, row, deed, form) is NOT_DONE:
            return self.deed_page(request, row, deed, "kernel/staff/deed.html", form=form)
        messages.success(request, f"{deed.done}.")
        return HttpResponseRedirect(self.page_of(row))

    def carry_out(self, request: HttpRequest, row: Any, deed: Deed, form: DeedForm) -> Any:
        """Do it and log it, both or neither, if all was given that the form asks for."""
        if request.method != "POST" or not form.is_valid():
            return NOT_DONE
        try:
            with transaction(str(router.db_for_write(type(row)))):
                result = deed.do(row, staff_id=request.user.pk, now=now(), **form.cleaned_data)
                self.log_deed(request, row, deed.done)
        except DomainError as error:
            form.add_error(None, error.detail or error.title)
            return NOT_DONE
        return result

    def deed_page(
        self, request: HttpRequest, row: Any, deed: Deed, template: str, **context: Any
    ) -> HttpResponse:
        """Return the page of the deed to the row."""
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": deed.title,
            "deed": deed,
            "original": row,
            "back": self.page_of(row),
            **context,
        }
        return TemplateResponse(request, template, shown)

    def find(self, request: HttpRequest, object_id: Any) -> Any:
        """Return the row; raise `PermissionDenied` and `Http404`."""
        if isinstance(object_id, self.model):
            return object_id
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        return row

    def page_of(self, row: Any) -> str:
        """Return where the row's own page is."""
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(page, args=[row.pk])

    def _fits(self, each: UnfoldAction, row: Any) -> bool:
        deed = self.table.get(each.method.__name__)
        return deed is None or deed.fits(row)
