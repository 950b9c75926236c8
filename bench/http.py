"""What one request costs: `GET /api/v1/users/me` beside `GET /livez`, which does nothing.

    python -m bench.http

One web worker, real PostgreSQL and Redis, 4 people with kept connections on this machine. The
processor time is the web worker's own, so it does not depend on what the clients take.
"""

import http.client
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from tests import servers

Headers = dict[str, str]

CLIENTS = 4
WARM_UP_SECONDS = 3.0
SECONDS = 10.0
ROUNDS = 3


def main() -> None:
    with servers.started(), tempfile.TemporaryDirectory(prefix="tenon-bench-") as place:
        from tests.journeys.person import Person
        from tests.journeys.stack import one_group

        settings = {"RATE_LIMIT_ACCOUNT": "1000000/m", "RATE_LIMIT_ANONYMOUS": "1000000/m"}
        with one_group(name="bench", directory=Path(place), **settings) as tenon:
            people = [subscribed(Person(tenon, "bench")) for _ in range(CLIENTS)]
            _compare(tenon.url, people)


def subscribed(person: Any) -> Headers:
    """Return the headers of a person whose plan allows enough requests a minute."""
    person.register()
    person.log_in()
    person.put("billing/subscription", {"plan": "business", "payment_method": "pm_card_visa"})
    return {"Authorization": person.http.headers["Authorization"]}


def _compare(url: str, people: list[Headers]) -> None:
    (worker,) = web_workers(url)
    for number in range(1, ROUNDS + 1):
        nothing = _measure(url, "/livez", [{}] * CLIENTS, worker)
        me = _measure(url, "/api/v1/users/me", people, worker)
        say(f"round {number}", "requests/s", "worker CPU ms")
        say("GET /livez", *_shown(nothing))
        say("GET /api/v1/users/me", *_shown(me))
        say("ratio", f"{me[0] / nothing[0]:.2f}", f"{me[1] / nothing[1]:.1f}")


def web_workers(url: str) -> list[psutil.Process]:
    """Return the processes that answer: the gunicorn children of the one that listens."""
    port, found = str(urlsplit(url).port), []
    for process in psutil.process_iter(["cmdline", "environ"]):
        environment = process.info["environ"] or {}
        mine = "gunicorn" in " ".join(process.info["cmdline"] or ())
        if mine and environment.get("PORT") == port and not process.children():
            found.append(process)
    return found


def _measure(
    url: str, path: str, people: list[Headers], worker: psutil.Process
) -> tuple[float, float]:
    """Return requests a second, and milliseconds of the worker's processor time for each."""
    _load(url, path, people, WARM_UP_SECONDS)
    before = sum(worker.cpu_times()[:2])
    count = _load(url, path, people, SECONDS)
    spent = sum(worker.cpu_times()[:2]) - before
    return count / SECONDS, spent / count * 1000


def _load(url: str, path: str, people: list[Headers], seconds: float) -> int:
    arguments = [(url, path, headers, seconds) for headers in people]
    with multiprocessing.get_context("spawn").Pool(CLIENTS) as pool:
        return sum(pool.starmap(_client, arguments))


def _client(url: str, path: str, headers: Headers, seconds: float) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 200, response.status
        count += 1
    return count


def _shown(figures: tuple[float, float]) -> tuple[str, str]:
    return f"{figures[0]:.0f}", f"{figures[1]:.2f}"


def say(name: str, *figures: str) -> None:
    sys.stdout.write(f"{name:<24}" + "".join(f"{figure:>16}" for figure in figures) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", "platform")
    main()
