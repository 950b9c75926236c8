"""What staff see of other people's apps: RQ's dashboard, and what staff themselves did."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django_rq.admin import QueueAdmin
from django_rq.models import Dashboard
from rq.exceptions import NoSuchJobError

from kernel.staff import ReadOnlyAdmin, ReasonForm, reason_of, record, staff_of

# They call a jQuery plugin that Django no longer has, and our policy forbids them.
_INLINE_SCRIPTS = re.compile(
    rb'<script type="text/javascript">.*?</script>| onclick="[^"]*"', re.DOTALL
)

# A model's pages need its table; django-rq's own one of these needs rq-scheduler.
_ABSENT_PAGES = {
    *(f"django_rq_dashboard_{page}" for page in ("add", "change", "delete", "history")),
    "django_rq_scheduler_jobs",
}
# It asks whether to do what the next page then does.
_ONLY_ASKING = {"confirm_action"}
# What django-rq raises on a number or a name that it does not find.
_NOTHING_THERE = (AssertionError, IndexError, NoSuchJobError, ValueError)

View = Callable[..., HttpResponseBase]


def _superusers_only(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        if not request.user.is_superuser:
            raise PermissionDenied
        if request.method == "POST" and _name_of_page(request) not in _ONLY_ASKING:
            if not reason_of(request):
                return _ask_why(request)
            _log(request)
        try:
            return _without_inline_scripts(view(request, *args, **kwargs))
        except _NOTHING_THERE as error:
            raise Http404("There is no such queue, job, worker or page.") from error

    return guarded


def _name_of_page(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.url_name or "").removeprefix("django_rq_") if match else ""


def _ask_why(request: HttpRequest) -> HttpResponse:
    """Ask for the reason, and then send again all that was sent."""
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in {"csrfmiddlewaretoken", "reason"}
    ]
    shown = {
        **admin.site.each_context(request),
        "title": _in_words(request),
        "form": ReasonForm(request.POST if "reason" in request.POST else None),
        "sent": sent,
        "back": reverse("admin:django_rq_dashboard_changelist"),
    }
    return TemplateResponse(request, "kernel/staff/why.html", shown)


def _log(request: HttpRequest) -> None:
    """Log what a superuser does to queues and jobs, which have no rows: by the page's path."""
    record(
        Dashboard(pk=request.path),
        staff_id=staff_of(request),
        reason=reason_of(request),
        words=_in_words(request),
        flag=CHANGE,
        organization_id=None,
    )


def _in_words(request: HttpRequest) -> str:
    return _name_of_page(request).replace("_", " ").capitalize()


def _without_inline_scripts(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, TemplateResponse):
        response.render()
    if isinstance(response, HttpResponse):
        response.content = _INLINE_SCRIPTS.sub(b"", response.content)
    return response


@admin.register(Dashboard)
class QueueDashboard(QueueAdmin):
    """For superusers: who sees it reads arguments and may empty queues.

    django-rq lets any member of staff in, on every one of its pages; this does not.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the link to superusers alone."""
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let superusers in."""
        return bool(request.user.is_superuser)

    def get_urls(self) -> list[URLPattern]:
        """Return django-rq's pages, each of them guarded."""
        patterns: list[URLPattern] = QueueAdmin.get_urls(self)
        own = [
            pattern for pattern in patterns if pattern.name and pattern.name not in _ABSENT_PAGES
        ]
        for pattern in own:
            pattern.callback = _superusers_only(pattern.callback)
        return own


@admin.register(LogEntry)
class StaffActionAdmin(ReadOnlyAdmin):
    """What members of staff did on these pages."""

    list_display = ("action_time", "user", "action_flag", "content_type", "object_repr", "message")
    list_filter = (
        "action_flag",
        ("content_type", admin.RelatedOnlyFieldListFilter),
        "action_time",
    )
    list_select_related = ("user", "content_type")
    search_fields = ("user__email", "object_id__exact", "object_repr", "change_message")
    fields = (*list_display, "object_id")
    readonly_fields = ("message",)
    date_hierarchy = "action_time"

    @admin.display(description="message")
    def message(self, entry: LogEntry) -> str:
        """Return what was changed, in words."""
        return entry.get_change_message()
