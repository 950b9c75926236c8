"""Events, failures and periodic work as staff see them: one list for each domain's schema.

Nothing is written here but the replay of dead events, which is for superusers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.decorators import action, display

from kernel import clock
from kernel.events import failures
from kernel.models import FailedEvent, IdempotencyRecord, Inbox, Outbox, PeriodicRun
from kernel.staff import ReadOnlyAdmin, events_at_a_glance, rounded

STATES = {"open": "warning", "closed": "success", "dead": "danger", "waiting": "warning"}
ANSWERS = {"answered": "success", "running": "info"}
RUNS = {"waiting": "warning", "running": "info", "done": "success"}


def chosen_domain(request: HttpRequest) -> str:
    """Return the served domain that the list's filter names; the first one if it names none."""
    wanted = request.GET.get("domain", "")
    return wanted if wanted in settings.DOMAINS else str(settings.DOMAINS[0])


class DomainFilter(admin.SimpleListFilter):
    """Chooses the schema; the list's queryset already reads from there."""

    title = "domain"
    parameter_name = "domain"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.chosen = chosen_domain(request)
        return [(domain, domain.capitalize()) for domain in settings.DOMAINS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        for domain, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: domain})
            yield {"selected": domain == self.chosen, "query_string": query, "display": title}


class StateFilter(admin.SimpleListFilter):
    """Tells rows by whether one field is empty: `options` are its names for yes and for no."""

    title = "state"
    parameter_name = "state"
    field = ""
    options = ("", "")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(option, option.capitalize()) for option in self.options]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in self.options:
            return queryset
        empty = self.value() == self.options[0]
        return queryset.filter(**{f"{self.field}__isnull": empty})


class KernelAdmin(ReadOnlyAdmin):
    """Rows of the schema that the filter chooses."""

    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).using(chosen_domain(request))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the row from whichever schema has it: ids are unique everywhere."""
        for domain in settings.DOMAINS:
            try:
                return self.model.objects.using(domain).get(id=object_id)
            except (self.model.DoesNotExist, ValidationError):
                continue
        return None

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._unless_written(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._unless_written(request, super().delete_view, *args, **kwargs)

    def _unless_written(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Refuse writing before Django opens a transaction, as it wouldn't know on which alias."""
        if request.method == "POST":
            raise PermissionDenied
        return view(request, *args, **kwargs)

    @display(description="Domain")
    def domain(self, row: Any) -> str:
        return str(row._state.db)  # noqa: SLF001  Django's documented way to know


class OutboxState(StateFilter):
    field = "closed_at"
    options = ("open", "closed")


@admin.register(Outbox)
class OutboxAdmin(KernelAdmin):
    list_display = ("occurred_at", "name", "aggregate_id", "state", "waits_for", "age", "attempts")
    list_filter = (DomainFilter, OutboxState)
    list_before_template = "kernel/events_at_a_glance.html"
    search_fields = ("name", "aggregate_id", "id")
    exclude = ("payload", "pending")
    readonly_fields = ("domain", "state", "waits_for", "age", "facts", "handled_by")
    ordering = ("-sequence",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = dict(extra_context or {})
        context["at_a_glance"] = events_at_a_glance(now=clock.now())
        response: HttpResponse = super().changelist_view(request, context)
        return response

    @display(description="State", label=STATES)
    def state(self, row: Outbox) -> str:
        return "closed" if row.closed_at else "open"

    @display(description="Waits for")
    def waits_for(self, row: Outbox) -> str:
        return ", ".join(row.pending) or "nobody"

    @display(description="Open for")
    def age(self, row: Outbox) -> str:
        return rounded((row.closed_at or clock.now()) - row.occurred_at)

    @display(description="Payload")
    def facts(self, row: Outbox) -> SafeString:
        return _pretty(row.payload)

    @display(description="Handled by")
    def handled_by(self, row: Outbox) -> str:
        seen = (Inbox.objects.using(d).filter(event_id=row.id) for d in settings.DOMAINS)
        handlers = [f"{done.handler} at {done.handled_at:%c}" for rows in seen for done in rows]
        return "\n".join(handlers) or "nobody here"


class FailureState(StateFilter):
    field = "dead_at"
    options = ("waiting", "dead")


@admin.register(FailedEvent)
class FailedEventAdmin(KernelAdmin):
    list_display = ("failed_at", "handler", "event", "state", "attempts", "next_attempt", "reason")
    list_filter = (DomainFilter, FailureState)
    search_fields = ("handler", "event_id", "error")
    exclude = ("envelope",)
    readonly_fields = ("domain", "state", "event", "facts")
    actions = ("replay",)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        return actions if request.user.is_superuser else {}

    def organization_of(self, row: FailedEvent) -> UUID | None:
        """Return the organization that the event tells of."""
        told = row.envelope.get("organization_id")
        return UUID(told) if told else None

    @action(description="Replay the dead ones")
    def replay(self, request: HttpRequest, queryset: QuerySet[FailedEvent]) -> None:
        """Have the relay send them again, and log who asked for it."""
        for failed in queryset.filter(dead_at__isnull=False):
            self.log_deed(request, failed, "Replayed")
        count = failures.replay(queryset, now=clock.now())
        self.message_user(request, f"{count} will be tried again", messages.SUCCESS)

    @display(description="State", label=STATES)
    def state(self, row: FailedEvent) -> str:
        return "dead" if row.dead_at else "waiting"

    @display(description="Event")
    def event(self, row: FailedEvent) -> str:
        return str(row.envelope.get("name", ""))

    @display(description="Next attempt", ordering="next_attempt_at")
    def next_attempt(self, row: FailedEvent) -> str:
        return "none" if row.dead_at else f"in {rounded(row.next_attempt_at - clock.now())}"

    @display(description="Error")
    def reason(self, row: FailedEvent) -> str:
        return Truncator(row.error.strip().rpartition("\n")[2]).chars(80)

    @display(description="Envelope")
    def facts(self, row: FailedEvent) -> SafeString:
        return _pretty(row.envelope)


class RunState(StateFilter):
    field = "finished_at"
    options = ("unfinished", "done")


@admin.register(PeriodicRun)
class PeriodicRunAdmin(KernelAdmin):
    list_display = ("task", "run_at", "state", "started_at", "took")
    list_filter = (DomainFilter, RunState)
    search_fields = ("task",)
    readonly_fields = ("domain", "state", "took")

    @display(description="State", label=RUNS)
    def state(self, row: PeriodicRun) -> str:
        if row.finished_at:
            return "done"
        return "running" if row.started_at else "waiting"

    @display(description="Took")
    def took(self, row: PeriodicRun) -> str:
        if not (row.started_at and row.finished_at):
            return ""
        return f"{(row.finished_at - row.started_at).total_seconds():.2f} s"


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(KernelAdmin):
    list_display = ("key", "scope", "state", "leased_until", "expires_at")
    list_filter = (DomainFilter,)
    search_fields = ("key", "scope")
    fields = ("domain", "key", "scope", "state", "leased_until", "expires_at")
    readonly_fields = ("domain", "state")

    @display(description="State", label=ANSWERS)
    def state(self, row: IdempotencyRecord) -> str:
        return "answered" if row.answer else "running"


def _pretty(facts: dict[str, Any]) -> SafeString:
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    return format_html('<pre class="staff-text">{}</pre>', text)
