"""Sign-ins, refreshes and verified requests per second and core, and how fast a logout counts.

    python -m bench.auth

One web worker alone on a core; PostgreSQL, Redis, all else and 4 clients share another. Each
client is a person with kept connections. "A second and core" follows from the worker's own
processor time, so it holds as well where the other core can't keep up.
"""

from __future__ import annotations

import base64
import http.client
import itertools
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from bench.http import CLIENTS, say, subscribed, web_workers
from tests import servers

ROUNDS = 3
WARM_UP_SECONDS, SECONDS = 3.0, 8.0
TRIALS, HASHES = 200, 50
PASSWORD = "correct horse battery staple"
LOGIN, REFRESH, ME = "/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/users/me"
TARGETS = {"password logins": "30", "refreshes": "360", "verified requests": ""}
REFUSED = 401


def main() -> None:
    """Measure and print."""
    settings = {"RATE_LIMIT_ACCOUNT": "1000000/m", "RATE_LIMIT_ANONYMOUS": "1000000/m"}
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[1:] or cores)  # inherited by all that starts from here
    with servers.started(), tempfile.TemporaryDirectory(prefix="tenon-bench-") as place:
        from tests.journeys.stack import one_group

        with one_group(name="bench", directory=Path(place) / "one", **settings) as tenon:
            _rates(tenon, cores[0])
        settings["WEB_CONCURRENCY"] = "2"
        with one_group(name="bench", directory=Path(place) / "two", **settings) as tenon:
            _lags(tenon)


def _rates(tenon: Any, core: int) -> None:
    people = [_person(tenon) for _ in range(CLIENTS)]
    (worker,) = web_workers(tenon.url)
    for thread in worker.threads():
        os.sched_setaffinity(thread.id, {core})
    say(_hashing(), "requests/s", "worker CPU ms", "a second, core", "target")
    for number in range(1, ROUNDS + 1):
        say(f"round {number}")
        alone = _hash_alone(core)
        say("the hash alone", "", f"{alone:.2f}", f"{1000 / alone:.0f}")
        for name, way in (
            ("password logins", _log_in),
            ("refreshes", _refresh),
            ("verified requests", _ask),
        ):
            rate, spent = _measure(tenon.url, way, people, worker)
            figures = f"{rate:.0f}", f"{spent:.2f}", f"{1000 / spent:.0f}", TARGETS[name]
            say(name, *figures)


def _person(tenon: Any) -> dict[str, Any]:
    """Return what a person signs in with; a plan that allows enough requests is theirs."""
    from tests.journeys.person import PASSWORD, Person

    person = Person(tenon, "bench")
    subscribed(person)
    network = person.http.headers["X-Forwarded-For"].rpartition(".")[0]
    return {"email": person.address, "password": PASSWORD, "network": network}


def _hash_alone(core: int) -> float:
    """Return the milliseconds of processor time that checking a password takes on the core."""
    from domains.auth.services.hashers import CappedArgon2Hasher as Hasher

    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        stored = Hasher().encode(PASSWORD, "salt-of-16-bytes")
        before = time.process_time()
        for _ in range(HASHES):
            assert Hasher().verify(PASSWORD, stored)
        return (time.process_time() - before) / HASHES * 1000
    finally:
        os.sched_setaffinity(0, cores)


def _hashing() -> str:
    from domains.auth.services.hashers import CappedArgon2Hasher as Hasher

    kibibytes, passes, lanes = Hasher.memory_cost, Hasher.time_cost, Hasher.parallelism
    return f"argon2id t={passes} m={kibibytes // 1024} MiB p={lanes}"


class _Client:
    """One kept connection of a person, who is found at ever other addresses of one network."""

    def __init__(self, url: str, person: dict[str, Any]) -> None:
        parts = urlsplit(url)
        self.http = http.client.HTTPConnection(parts.hostname or "", parts.port)
        self.person, self._hosts = person, itertools.cycle(range(256))

    def send(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        """Return the answer's status and document."""
        headers = {"X-Forwarded-For": f"{self.person['network']}.{next(self._hosts)}"}
        if token:
            headers["Authorization"] = token
        if body is not None:
            headers["Content-Type"] = "application/json"
        text = None if body is None else json.dumps(body)
        self.http.request(method, path, body=text, headers=headers)
        response = self.http.getresponse()
        content = response.read()
        return response.status, json.loads(content) if content else None

    def done(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """Return the document of an answer that must be a good one."""
        status, document = self.send(method, path, body, token)
        if status not in (200, 204):
            raise SystemExit(f"{method} {path} was answered {status}: {document}")
        return document


def _log_in(client: _Client) -> Iterator[None]:
    person = {name: client.person[name] for name in ("email", "password")}
    while True:
        client.done("POST", LOGIN, person)
        yield


def _refresh(client: _Client) -> Iterator[None]:
    token = client.person["refresh_token"]
    while True:
        token = client.done("POST", REFRESH, {"refresh_token": token})["refresh_token"]
        yield


def _ask(client: _Client) -> Iterator[None]:
    while True:
        client.done("GET", ME, token=client.person["token"])
        yield


def _signed_in_again(url: str, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the people, each with a session that nothing was done with yet."""
    return [person | _tokens(_Client(url, person)) for person in people]


def _tokens(client: _Client) -> dict[str, str]:
    person = {name: client.person[name] for name in ("email", "password")}
    answer = client.done("POST", LOGIN, person)
    return {"token": f"Bearer {answer['access_token']}", "refresh_token": answer["refresh_token"]}


Way = Callable[[_Client], Iterator[None]]


def _measure(
    url: str, way: Way, people: list[dict[str, Any]], worker: psutil.Process
) -> tuple[float, float]:
    """Return requests a second, and milliseconds of the worker's processor time for each."""
    _load(url, way, _signed_in_again(url, people), WARM_UP_SECONDS)
    people = _signed_in_again(url, people)
    before = sum(worker.cpu_times()[:2])
    count = _load(url, way, people, SECONDS)
    return count / SECONDS, (sum(worker.cpu_times()[:2]) - before) / count * 1000


def _load(url: str, way: Way, people: list[dict[str, Any]], seconds: float) -> int:
    arguments = [(url, way, person, seconds) for person in people]
    with multiprocessing.get_context("spawn").Pool(len(people)) as pool:
        return sum(pool.starmap(_repeat, arguments))


def _repeat(url: str, way: Way, person: dict[str, Any], seconds: float) -> int:
    requests, count, end = way(_Client(url, person)), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        next(requests)
        count += 1
    return count


def _lags(tenon: Any) -> None:
    """Print how long after its revocation was answered a session is first refused."""
    person = _person(tenon)
    one, other = _clients_of_two_workers(tenon.url, person)
    say(f"revocation, {TRIALS} trials", "p50 ms", "p99 ms", "longest", "still answered")
    for how, revoke in (("logout", _end_own), ("DELETE session", _end_other)):
        for where, askers in (
            ("another process", [other]),
            ("two in turns", [other, one]),
        ):
            trials = [_lag(revoke, one, askers) for _ in range(TRIALS)]
            lags, answered = sorted(lag * 1000 for lag, _ in trials), sum(n for _, n in trials)
            p99 = lags[int(len(lags) * 0.99) - 1]
            figures = (f"{ms:.1f}" for ms in (statistics.median(lags), p99, lags[-1]))
            say(f"{how}, {where}", *figures, str(answered))


def _clients_of_two_workers(url: str, person: dict[str, Any]) -> tuple[_Client, _Client]:
    """Return a client of each worker: which one took a connection, its open sockets tell."""
    found: dict[int, _Client] = {}
    while len(found) < 2:
        client = _Client(url, person)
        client.done("GET", "/livez")
        port = client.http.sock.getsockname()[1]
        for worker in web_workers(url):
            if any(c.raddr and c.raddr.port == port for c in worker.net_connections()):
                found.setdefault(worker.pid, client)
    one, other = found.values()
    return one, other


def _end_own(client: _Client, token: str) -> None:
    client.done("POST", "/api/v1/auth/logout", token=token)


def _end_other(client: _Client, token: str) -> None:
    claims = token.split(".")[1]
    session = json.loads(base64.urlsafe_b64decode(claims + "=="))["sid"]
    by = _tokens(client)["token"]
    client.done("GET", ME, token=by)
    client.done("DELETE", f"/api/v1/auth/sessions/{session}", token=by)


def _lag(
    revoke: Callable[[_Client, str], None], revoker: _Client, askers: list[_Client]
) -> tuple[float, int]:
    """Return the seconds from the revocation's answer to the first refusal.

    And how many requests that were sent after that answer were still answered.
    """
    token = _tokens(revoker)["token"]
    for asker in askers:  # each process knows the token and the session when it is revoked
        asker.done("GET", ME, token=token)
    revoke(revoker, token)
    begun = time.monotonic()
    for answered, asker in enumerate(itertools.cycle(askers)):
        if asker.send("GET", ME, token=token)[0] == REFUSED:
            return time.monotonic() - begun, answered
    raise AssertionError("unreachable")


if __name__ == "__main__":
    sys.path.insert(0, "platform")
    os.environ.setdefault("PYTHONPATH", "platform")
    main()
