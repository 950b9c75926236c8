"""The limits as all processes share them: the Lua script in Redis."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.exceptions import NoScriptError

from gateway.limits.windows import Count, Window
from kernel.facts import PREFIX
from kernel.redis import connection

SCRIPT = Path(__file__).with_name("admission.lua").read_text(encoding="utf-8")
_SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
_PLAN_FACT = f"{PREFIX}plan-rate:"
_PLAN_KEY = "rate:plan:"
_PLAN_SECONDS = 60
_HEAD = 3
_FIELDS = 3


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What Redis knows: the session's state, the caller's organization, and every count."""

    session: str | None
    organization_id: str | None
    plan_counted: bool
    counts: list[Count]


def ask(windows: list[Window], *, session_fact: str = "", access_fact: str = "") -> Shared:
    """Return Redis' decision; raises `redis.RedisError` while it is away."""
    numbers = [n for w in windows for n in (w.quota, w.seconds, w.cost)]
    facts = [PREFIX + fact if fact else "" for fact in (session_fact, access_fact)]
    keys = [window.key for window in windows]
    answer = _evaluate(len(keys), *keys, *facts, _PLAN_FACT, _PLAN_KEY, *numbers)
    plan = answer[2]
    if plan:
        key = _PLAN_KEY + answer[1].decode()
        windows = [*windows, Window(name="plan", key=key, quota=plan, seconds=_PLAN_SECONDS)]
    return Shared(
        session=_text(answer[0]),
        organization_id=_text(answer[1]),
        plan_counted=bool(plan),
        counts=[_count(w, answer[_HEAD + _FIELDS * i :]) for i, w in enumerate(windows)],
    )


def plan_window(organization_id: Any, quota: int) -> Window:
    """Return the limit that an organization's plan sets."""
    key = f"{_PLAN_KEY}{organization_id}"
    return Window(name="plan", key=key, quota=quota, seconds=_PLAN_SECONDS)


def _evaluate(*arguments: Any) -> list[Any]:
    client: Any = connection()
    try:
        answer: list[Any] = client.execute_command("EVALSHA", _SHA, *arguments)
    except NoScriptError:
        answer = client.execute_command("EVAL", SCRIPT, *arguments)
    return answer


def _count(window: Window, answer: list[int]) -> Count:
    left, leaves, wait = answer[:_FIELDS]
    return Count(
        name=window.name,
        quota=window.quota,
        seconds=window.seconds,
        left=left,
        resets_in=min(-(-leaves // 1000), window.seconds),
        wait=-(-wait // 1000),
    )


def _text(value: bytes | None) -> str | None:
    return value.decode() if value else None
