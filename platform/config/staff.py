"""How the admin is laid out: each domain a group, in the order of the domains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import SuspiciousOperation
from django.core.paginator import Paginator
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.templatetags.static import static
from unfold.sites import UnfoldAdminSite

from config.domains import ALL_DOMAINS
from domains.auth import interface as auth
from kernel import clock, context, scope
from kernel.context import ActorKind
from kernel.staff import events_at_a_glance
from kernel.staff.panels import dashboard_panels

View = Callable[..., HttpResponse]

# Where the pages of other people's apps are found.
_HOMES = {"auth": "domains_auth", "admin": "domains_auth", "django_rq": "kernel"}
_GROUPS = (*(f"domains_{domain}" for domain in ALL_DOMAINS), "kernel")
_TITLES = {"Django-RQ": "Queues and workers"}
_LONGEST_SEARCH = 100


class StaffSite(UnfoldAdminSite):
    """The admin with its models grouped by domain."""

    index_title = "Overview"
    # What auth puts in place of Django's form.
    own_password_page: View

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead staff to another password of theirs."""
        return self.own_password_page(request, extra_context)

    def has_permission(self, request: HttpRequest) -> bool:
        """Let staff in for as long as the session that they logged in with lives."""
        if not super().has_permission(request):
            return False
        began = request.session.get("auth_session_id")
        if began is None:
            return True
        known: dict[str, bool] = request.__dict__.setdefault("session_states", {})
        if began not in known:
            known[began] = auth.get_session_state(session_id=UUID(began)).active
        return known[began]

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002
        """Answer with 400 what PostgreSQL can't take, such as a NUL in a filter.

        What is published meanwhile names the member of staff. Staff see every organization: it is
        said here, for the making of the page too.
        """

        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            present = replace(
                context.current(), actor_id=request.user.pk, actor_kind=ActorKind.STAFF
            )
            try:
                with context.use(present), scope.use(scope.EVERYWHERE):
                    response = view(request, *args, **kwargs)
                    return response.render() if hasattr(response, "render") else response
            except (DataError, OverflowError) as error:
                if request.method != "GET":
                    raise
                raise SuspiciousOperation("No row can have such a value.") from error

        wrapped: View = super().admin_view(answered, cacheable)
        return wrapped

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Return what this member of staff may see, by domain."""
        if app_label:
            listed: list[dict[str, Any]] = super().get_app_list(request, app_label)
            return listed
        groups: dict[str, dict[str, Any]] = {}
        apps_in_order = sorted(self._build_app_dict(request).items(), key=_is_guest)
        for label, app in apps_in_order:
            home = _HOMES.get(label, label)
            group = groups.setdefault(home, app | _name_of(home) | {"models": []})
            group["models"] += [_titled(model) for model in app["models"]]
        return [groups[label] for label in _GROUPS if label in groups]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add what django-rq's pages need to look like the others."""
        context: dict[str, Any] = super().each_context(request)
        match = request.resolver_match
        if match and (match.url_name or "").startswith("django_rq_"):
            context["styles"] = [*context["styles"], static("config/queues.css")]
        return context

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Find lists by their names; unlike unfold's own, without keeping answers in Redis."""
        term = request.GET.get("s", "").strip().lower()[:_LONGEST_SEARCH]
        if not term:
            return HttpResponse()
        results = self._search_apps(self.get_app_list(request), term)
        page = Paginator(results, max(len(results), 1)).page(1)
        context = {"results": page, "page_obj": page.paginator, "page_counter": 0}
        return TemplateResponse(request, "unfold/helpers/search_results.html", context)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar: what this member of staff may see, by domain."""
    from django.contrib import admin

    return [_group(app) for app in admin.site.get_app_list(request)]


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the first page the domains' panels and how their events do, for who may know."""
    context["panels"] = dashboard_panels(user=request.user)
    if request.user.has_perms(("kernel.view_outbox", "kernel.view_failedevent")):
        context["at_a_glance"] = events_at_a_glance(now=clock.now())
    return context


def _is_guest(labelled: tuple[str, dict[str, Any]]) -> bool:
    return labelled[0] in _HOMES


def _name_of(label: str) -> dict[str, Any]:
    return {"app_label": label, "name": apps.get_app_config(label).verbose_name}


def _titled(model: dict[str, Any]) -> dict[str, Any]:
    return model | {"name": _TITLES.get(model["name"], model["name"])}


def _group(app: dict[str, Any]) -> dict[str, Any]:
    items = [{"title": m["name"], "link": m["admin_url"]} for m in app["models"] if m["admin_url"]]
    return {"title": str(app["name"]), "separator": True, "collapsible": False, "items": items}
