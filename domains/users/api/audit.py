"""HTTP in and out: the audit log of the current organization."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.users.api import audit_examples
from domains.users.models import AuditEntry
from domains.users.services.audit import log
from domains.users.services.audit.documents import document_of
from kernel.context import ActorKind
from kernel.errors import Forbidden
from kernel.rest import Filter, Listing, Serializer, TimestampField, caller, operation, paginate

ACTION = r"^[a-z_.]{1,100}\*?\Z"
FIELDS: dict[str, tuple[serializers.Field, str]] = {
    "actor": (serializers.UUIDField(), "The person, key or machine that acted"),
    "on_behalf_of": (serializers.UUIDField(), "The account that a key or staff acted for"),
    "action": (serializers.RegexField(ACTION), "An action, or as users.* all that begin so"),
    "target": (serializers.CharField(max_length=64), "The id of what it was done to"),
    "from": (TimestampField(), "From this time on"),
    "until": (TimestampField(), "Before this time"),
}
FILTERS = {name: Filter(field, log.LOOKUPS[name], said) for name, (field, said) in FIELDS.items()}
NEWEST_FIRST = Listing(sort=("-sequence",), filters=FILTERS)


class TargetOut(Serializer):
    """What it was done to."""

    kind = serializers.CharField()
    id = serializers.CharField()


class ActorOut(Serializer):
    """What acted; `unknown` are those who proved nothing, as in a sign-in that failed."""

    kind = serializers.ChoiceField([kind.value for kind in ActorKind])
    id = serializers.UUIDField(allow_null=True)


class EntryOut(Serializer):
    """One entry; its hash is over all of it and over the hash of the one before."""

    id = serializers.UUIDField(help_text="That of the event it was made from.")
    sequence = serializers.IntegerField(help_text="Its place in the organization's trail.")
    occurred_at = TimestampField()
    action = serializers.CharField()
    actor = ActorOut()
    on_behalf_of = serializers.UUIDField(allow_null=True)
    target = TargetOut()
    facts = serializers.DictField(help_text="What the event says, secrets masked.")
    personal = serializers.DictField(
        allow_null=True,
        help_text="From where, with what, names; null once the person was erased, or never known.",
    )
    trace_id = serializers.CharField()
    hash = serializers.CharField(help_text="SHA-256 in hex.")


class AuditLog(APIView):
    """What was done in the current organization."""

    @operation(
        "listAuditLog",
        "Read the current organization's audit log, the newest entries first",
        description="That it is read becomes an entry itself, within moments.",
        response=EntryOut,
        listing=NEWEST_FIRST,
        response_example=audit_examples.AUDIT_ENTRY,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        given = request.query_params
        filters = {name: given[name] for name in FILTERS if name in given}
        rows = log.read_log(principal=caller(request), filters=filters)
        return Response(paginate(request, rows, listing=NEWEST_FIRST, represent=_entries))


def _entries(rows: list[AuditEntry]) -> list[dict[str, Any]]:
    return [document_of(row) for row in rows]
