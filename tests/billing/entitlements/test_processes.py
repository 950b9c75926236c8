"""Fifty processes at once, each on a connection of its own: no more is used than is allowed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.db import connections

from domains.billing.models import Allocation, Consumption, Grant
from kernel.models import Outbox
from tests.billing.entitlements.conftest import customer, grant, reserve

pytestmark = pytest.mark.django_db(transaction=True, databases=["billing"])

PROCESSES = 50
ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-m", "tests.billing.entitlements.using"]


def fifty_at_once(*turns) -> list[list[str]]:
    """Return the outcome of every turn, by process."""
    asked = {
        "database": connections["billing"].settings_dict["NAME"],
        "processes": PROCESSES,
        "turns": turns,
    }
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(COMMAND, cwd=ROOT, env=environment, **pipes) as process:
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())


def turn(does, organization_id, **values):
    return {"does": does, "organization_id": str(organization_id), **values}


def counted(outcomes) -> Counter:
    return Counter(one for mine in outcomes for one in mine)


def test_no_more_is_consumed_than_plan_and_grants_allow():
    organization = customer(tokens={"limit": 60, "soft": False})
    grant(organization, "tokens", 30, priority=1)
    grant(organization, "tokens", 17, priority=2)
    outcomes = fifty_at_once(*[turn("consume", organization)] * 3)
    assert counted(outcomes) == {"done": 107, "EntitlementExceeded": 43}
    consumption = Consumption.objects.get()
    assert (consumption.used, consumption.burnt, consumption.reserved) == (107, 47, 0)
    assert [g.remaining for g in Grant.objects.order_by("priority")] == [0, 0]


def test_one_key_is_consumed_once():
    organization = customer()
    outcomes = fifty_at_once(*[turn("consume", organization, key="turn {turn}")] * 3)
    assert counted(outcomes) == {"done": 150}
    assert Consumption.objects.get().used == 3
    assert Allocation.objects.count() == 3


def test_no_more_is_held_than_a_static_limit_allows():
    organization = customer(projects=7)
    outcomes = fifty_at_once(turn("reserve", organization, feature="projects"))
    assert counted(outcomes) == {"done": 7, "EntitlementExceeded": 43}
    assert Consumption.objects.get().reserved == 7


def test_what_is_reserved_and_settled_or_released_adds_up():
    organization = customer()
    key, again = {"key": "{process}"}, {"key": "{process}", "amount": 3}
    outcomes = fifty_at_once(
        turn("reserve", organization, **again),
        turn("settle", organization, **key),
        turn("release", organization, key="nobody's"),
        turn("reserve", organization, key="then {process}"),
        turn("release", organization, key="then {process}"),
    )
    settled = sum(mine[1] == "done" for mine in outcomes)
    consumption = Consumption.objects.get()
    assert (consumption.used, consumption.reserved) == (3 * settled, 0)
    assert settled <= 33
    held = Allocation.objects.filter(state="reserved")
    assert not held.exists()


def test_a_reservation_that_some_settle_and_others_release_is_one_or_the_other():
    organization = customer()
    reserve(organization, key="one", amount=3)
    outcomes = fifty_at_once(turn(["settle", "release"], organization, key="one"))
    said, consumption = counted(outcomes), Consumption.objects.get()
    assert consumption.reserved == 0
    assert (consumption.used, said) in [
        (3, {"done": 25, "ReservationSettled": 25}),
        (0, {"done": 25, "ReservationLapsed": 25}),
    ]


def test_every_threshold_is_told_of_once():
    organization = customer(tokens={"limit": 50, "soft": False})
    outcomes = fifty_at_once(turn("consume", organization))
    assert counted(outcomes) == {"done": 50}
    told = Outbox.objects.using("billing").order_by("sequence")
    assert [event.payload["percent"] for event in told] == [80, 100]
    assert [event.payload["used"] for event in told] == [40, 50]
