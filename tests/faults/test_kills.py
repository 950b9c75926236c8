"""Kill anything at any moment: every event has exactly one effect per handler."""

from __future__ import annotations

import random
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from config.domains import ALL_DOMAINS
from config.embedded import throwaway_servers
from tests.faults.processes import Tenon
from tests.kernel.events.probes import LISTENING
from tests.patience import eventually

EVENTS = 2000
KILLS = 50
OPEN = "SELECT count(*) FROM auth.outbox WHERE closed_at IS NULL"
FAILED = " + ".join(f"(SELECT count(*) FROM {domain}.failed_event)" for domain in ALL_DOMAINS)


@pytest.fixture
def tenon(tmp_path):
    with throwaway_servers() as servers:
        tenon = Tenon(servers, tmp_path)
        tenon.prepare()
        tenon.start()
        eventually(lambda: tenon.publish([]))
        yield tenon
        tenon.stop()


def burst_under_fire(tenon):
    """Publish all events while killing something at random moments between and during them."""
    targets = ["web", "relay", "worker", "worker"]
    for kill, start in enumerate(range(0, EVENTS, EVENTS // KILLS)):
        numbers = list(range(start, start + EVENTS // KILLS))
        eventually(partial(publish, tenon, numbers))
        time.sleep(random.uniform(0, 0.8))
        tenon.kill(targets[kill % len(targets)])
        if kill == KILLS // 2:
            lose_redis(tenon)


def publish(tenon, numbers):
    tenon.keep()
    return tenon.publish(numbers)


def lose_redis(tenon):
    """Lose all that Redis holds while what was handled is acknowledged to a relay that is gone."""
    tenon.kill("relay")
    time.sleep(1)
    tenon.flush_redis()


def settled(tenon):
    tenon.keep()
    [[unfinished]] = tenon.sql(f"SELECT ({OPEN}) + {FAILED}")
    return not unfinished


@pytest.mark.slow
def test_whatever_is_killed_every_event_has_exactly_one_effect_per_handler(tenon):
    burst_under_fire(tenon)
    eventually(lambda: settled(tenon))
    assert sum(tenon.kills.values()) >= KILLS
    assert set(tenon.kills) == {"web", "relay", "worker"}
    for domain in LISTENING:
        rows = tenon.sql(f"SELECT text FROM {domain}.probe_effect")
        done = Counter(int(text) for (text,) in rows)
        assert done == Counter(range(EVENTS))


@pytest.mark.slow
def test_workers_are_one_a_queue_and_leave_nobody_behind(tenon):
    workers = tenon.kept["worker"]
    eventually(lambda: len(workers.family()) == 1 + len(ALL_DOMAINS))
    family = workers.family()
    workers.process.kill()
    eventually(lambda: not any(map(alive, family[1:])))
    tenon.keep()
    eventually(lambda: len(workers.family()) == 1 + len(ALL_DOMAINS))
    everyone = [pid for kept in tenon.kept.values() for pid in kept.family()]
    for kept in tenon.kept.values():
        kept.process.terminate()
    eventually(lambda: all(k.process.poll() is not None for k in tenon.kept.values()))
    assert not any(map(alive, everyone))


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
