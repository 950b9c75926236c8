"""Fifty refreshes with one token at once, over processes that share nothing but PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connections

from domains.auth.models import Session
from tests.auth.said import names

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

PROCESSES, THREADS = 5, 10
ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "-m", "tests.auth.refreshing"]
ALIASES = ("auth", "users", "billing", "notifications", "files")


def show_at_once(token: str, clock) -> list[str]:
    """Return what every one of the fifty got."""
    asked = {
        "databases": {alias: connections[alias].settings_dict["NAME"] for alias in ALIASES},
        "token": token,
        "now": clock.now.isoformat(),
        "threads": THREADS,
    }
    with ExitStack() as stack:
        started = [stack.enter_context(_start()) for _ in range(PROCESSES)]
        for process in started:
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
        assert [p.stdout.readline() for p in started] == ["ready\n"] * PROCESSES
        for process in started:
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for process in started]
    return [one for answer in answers for one in answer]


def _start() -> subprocess.Popen:
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    environment = {**os.environ, **paths}
    return subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_fifty_at_once_get_one_successor_and_raise_no_alarm(signed_in, clock):
    got = show_at_once(signed_in.refresh_token, clock)
    assert len(got) == PROCESSES * THREADS
    assert len(set(got)) == 1
    session = Session.objects.get()
    assert (session.rotations, session.revoked_at) == (1, None)
    assert "auth.refresh_token_reused.v1" not in names()
    clock.advance(minutes=10)
    (successor,) = set(got)
    assert len(set(show_at_once(successor, clock))) == 1
    assert Session.objects.get().rotations == 2


def test_fifty_thieves_at_once_raise_one_alarm(signed_in, clock):
    show_at_once(signed_in.refresh_token, clock)
    clock.advance(seconds=31)
    got = show_at_once(signed_in.refresh_token, clock)
    assert set(got) == {"auth.refresh_token_invalid"}
    assert Session.objects.get().revoked_reason == Session.Reason.REUSE
    assert names().count("auth.refresh_token_reused.v1") == 1
    assert names().count("auth.session_revoked.v1") == 1
