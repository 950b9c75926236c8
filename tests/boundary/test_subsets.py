"""A process may serve any one domain, or any two, and reaches the others over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations

import pytest

from config.domains import ALL_DOMAINS
from tests.architecture.copies import ROOT

SUBSETS = [*combinations(ALL_DOMAINS, 1), *combinations(ALL_DOMAINS, 2)]
ELSEWHERE = {f"{domain.upper()}_URL": "http://127.0.0.1:9" for domain in ALL_DOMAINS}


def manage(*arguments, **environment):
    """Run manage.py in an environment of its own; a value of None takes a variable away."""
    chosen = os.environ | environment
    chosen = {name: value for name, value in chosen.items() if value is not None}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=chosen,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("served", SUBSETS, ids=",".join)
def test_a_process_starts_that_serves_only(served):
    done = manage("check", DOMAINS=",".join(served), **ELSEWHERE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_domain_that_is_neither_served_nor_elsewhere_stops_the_start_and_all_are_named():
    done = manage("check", DOMAINS="billing", BOUNDARY_KEYS=None)
    assert done.returncode != 0
    missing = ("AUTH_URL", "USERS_URL", "FILES_URL", "NOTIFICATIONS_URL", "BOUNDARY_KEYS")
    assert [name for name in missing if name not in done.stderr] == []
    assert "BILLING_URL" not in done.stderr


def test_an_address_without_a_scheme_stops_the_start():
    done = manage("check", **ELSEWHERE | {"DOMAINS": "billing", "AUTH_URL": "auth:8000"})
    assert done.returncode != 0
    assert "AUTH_URL" in done.stderr


def test_a_process_that_serves_everything_needs_no_key():
    assert manage("check", BOUNDARY_KEYS=None).returncode == 0


def test_a_domain_nobody_knows_stops_the_start():
    done = manage("check", DOMAINS="billing,banking", **ELSEWHERE)
    assert done.returncode != 0
    assert "banking" in done.stderr


PROBE = """
import sys
import config.wsgi
from django.urls import get_resolver
served = {served!r}
get_resolver().url_patterns
foreign = [name for name in sys.modules if name.startswith("domains.") and name.count(".") > 1]
foreign = [name for name in foreign if name.split(".")[1] not in served]
allowed = {{"interface", "contract"}}
leaked = [name for name in foreign if name.split(".")[2] not in allowed]
assert not leaked, leaked
"""


@pytest.mark.parametrize("served", SUBSETS[:5], ids=",".join)
def test_a_process_holds_nothing_of_other_domains_but_interfaces_when_it_serves(served):
    done = manage("shell", "-v0", "-c", PROBE.format(served=served), DOMAINS=served[0], **ELSEWHERE)
    assert done.returncode == 0, done.stdout + done.stderr
