"""One view: note some numbers and publish an event for each that is new, in one transaction."""

from __future__ import annotations

from uuid import UUID

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import path

from kernel.db import transaction
from kernel.events import publish
from tests.kernel.events.probes import ProbeSent

NOTE = "INSERT INTO probe_noted SELECT unnest(%s::int[]) ON CONFLICT DO NOTHING RETURNING number"


def note(request: HttpRequest) -> HttpResponse:
    with transaction("auth"), connections["auth"].cursor() as cursor:
        cursor.execute(NOTE, [[int(number) for number in request.body.split()]])
        new = [number for (number,) in cursor.fetchall()]
        publish(*(ProbeSent(subject_id=UUID(int=n), text=str(n)) for n in new))
    return HttpResponse(status=204)


urlpatterns = [path("note", note)]
