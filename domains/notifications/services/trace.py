"""What each step decided about a delivery, and by which rule: kept on the delivery itself."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Case, F, Func, JSONField, Q, Value, When
from django.db.models.expressions import Combinable

_OF_UTC = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{8,15}\+00:00\Z", re.ASCII)


class Step(StrEnum):
    """The steps between an event and its result, in their order."""

    FAN_OUT = "fan_out"
    PREFERENCES = "preferences"
    QUIET_HOURS = "quiet_hours"
    THROTTLE = "throttle"
    DIGEST = "digest"
    RENDER = "render"
    ATTEMPT = "attempt"
    RESULT = "result"


class Decision(StrEnum):
    """What a step decided."""

    PASSED = "passed"
    SUPPRESSED = "suppressed"
    DEFERRED = "deferred"
    MERGED = "merged"
    SENT = "sent"
    FAILED = "failed"


def entry(
    *, step: Step, decision: Decision, rule: str, at: datetime, **details: Any
) -> dict[str, Any]:
    """Return one entry of a trace; `rule` is a key such as `preference.person`, never a sentence.

    Details are plain values that JSON holds: `until` (ISO 8601), `digest_id`, `provider`, `reason`.
    """
    return {"step": step, "decision": decision, "rule": rule, "at": at.isoformat(), **details}


def rendered(*, version: str, at: datetime) -> dict[str, Any]:
    """Return the entry that says whose words were used: a template's version, or with none ours."""
    said_by = "template.version" if version else "template.shipped"
    details = {"version": version} if version else {}
    return entry(step=Step.RENDER, decision=Decision.PASSED, rule=said_by, at=at, **details)


def appended(*entries: dict[str, Any]) -> Func:
    """Return the trace with these entries after its own, for an UPDATE of deliveries."""
    return _added(F("trace"), *entries)


def waiting(said: dict[str, Any]) -> Func:
    """Return the trace with the entry at its end, in the place of one that says so already.

    What waits for its turn again and again would fill the trace with that.
    """
    last = _operator("-", F("trace"), Value(-1))
    again = Q(**{"trace__-1__rule": said["rule"], "trace__-1__decision": said["decision"]})
    return _added(Case(When(again, then=last), default=F("trace")), said)


def _added(trace: Combinable, *entries: dict[str, Any]) -> Func:
    return _operator("||", trace, Value(list(entries), JSONField()))


def _operator(sign: str, left: Combinable, right: Value) -> Func:
    return Func(
        left,
        right,
        arg_joiner=f" {sign} ",
        template="%(expressions)s",
        output_field=JSONField(),
    )


def shown(said: dict[str, Any]) -> dict[str, Any]:
    """Return an entry with its details by themselves, and its times as the API says all times."""
    told = {name: _as_time(value) for name, value in said.items()}
    named = {name: told.pop(name, "") for name in ("step", "decision", "rule", "at")}
    return {**named, "details": told}


def _as_time(value: Any) -> Any:
    return f"{value[:-6]}Z" if isinstance(value, str) and _OF_UTC.match(value) else value
