"""Few beside many, in databases of their own and in turns: whether as much costs the same."""

from __future__ import annotations

import gc
import io
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench.telling import say

TARGET = 1.3
REQUESTS, WARM_UP = 10, 3
FEW_DATABASE = "few"
SETTLED_SECONDS = 10
# Beside the rest, how much slower the machine itself was meanwhile.
PROBE = "a probe, which asks nothing"
POSTGRES = {
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "effective_cache_size": "4GB",
    # The seeding does what it would do, and would otherwise do in the middle of measuring.
    "autovacuum": "off",
}

Ways = dict[str, Callable[[], Any]]
Medians = dict[str, float]


def prepare(nowhere: Any) -> None:
    """Set Django up, migrate, and log into nowhere."""
    import django
    import structlog
    from django.core.management import call_command

    django.setup()
    call_command("migrate_domains", verbosity=0, stdout=io.StringIO())
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(nowhere))


def copy(url: str) -> str:
    """Keep the few in a database of their own, beside which the many are measured in turns.

    Return the name of the one that goes on.
    """
    whole = urlsplit(url).path[1:]
    use(whole)  # which closes what is open: a template must have nobody connected
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        copied = sql.Identifier(FEW_DATABASE), sql.Identifier(whole)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*copied))
    return whole


def use(database: str) -> None:
    """Have everything asked of that database from now on."""
    from django.conf import settings
    from django.db import connections

    for alias in settings.DOMAINS:
        connections[alias].close()
        connections[alias].close_pool()
        connections[alias].settings_dict["NAME"] = database


def settle(url: str) -> None:
    """Have all that was written reach the disk, so that nothing is measured meanwhile."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    os.sync()
    gc.collect()
    time.sleep(SETTLED_SECONDS)


def get(application: Any, path: str, caller: Any) -> None:
    """Ask for the path as the caller (`token`, `organization`); exit unless that goes well."""
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "HTTP_HOST": "testserver",
        "HTTP_AUTHORIZATION": f"Bearer {caller.token}",
        "HTTP_ORGANIZATION_ID": caller.organization,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
    }
    response = application(environ, lambda *_: None)
    if response.status_code != 200:
        raise SystemExit(f"{path}?{query} answered {response.status_code}: {response.content}")
    response.close()


def measure_in_turns(few: Ways, many: Ways, *, whole: str, rounds: int) -> tuple[Medians, Medians]:
    """Return each way's medians in milliseconds, among few and among many.

    They alternate, and so do the databases: what else the machine does meets both alike.
    """
    among = {FEW_DATABASE: few, whole: many}
    times: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in among}
    for _ in range(rounds):
        for database, ways in among.items():
            use(database)
            _ask(ways, WARM_UP)
            for name, each in _ask(ways, REQUESTS).items():
                times[database][name] += each
    medians = [
        {name: statistics.median(each) for name, each in times[database].items()}
        for database in among
    ]
    use(whole)
    return medians[0], medians[1]


def measure(ways: Ways, *, rounds: int) -> Medians:
    """Return each way's median in milliseconds; the ways alternate."""
    _ask(ways, WARM_UP)
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, each in _ask(ways, REQUESTS).items():
            times[name] += each
    return {name: statistics.median(each) for name, each in times.items()}


def compare(few: Medians, many: Medians, *, counted: str, count: tuple[int, int]) -> list[str]:
    """Print the medians among so few and so many; return what is beyond the target."""
    few_many = (f"{number:,} {counted}" for number in count)
    say(f"{'median, ms':<38}" + "".join(f"{each:>20}" for each in few_many) + f"{'ratio':>8}")
    for name, before in few.items():
        say(f"{name:<38}{before:>20.2f}{many[name]:>20.2f}{many[name] / before:>8.2f}")
    return [
        f"beyond the target of {TARGET}: {name}"
        for name, before in few.items()
        if many[name] / before > TARGET and name != PROBE
    ]


def _ask(ways: Ways, requests: int) -> dict[str, list[float]]:
    return {name: [_seconds(call) * 1000 for _ in range(requests)] for name, call in ways.items()}


def _seconds(call: Callable[[], None]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun
