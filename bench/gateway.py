"""What the gateway costs a request, in CPU time of the web process, step by step.

    python -m bench.gateway

Requests are made in process, through the WSGI application, with the database pools, the access log
and the limits of production. Each figure is the median of its rounds; the ways alternate.
"""

from __future__ import annotations

import io
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "platform"))
PASSWORD = "correct horse battery staple"
ROUNDS, REQUESTS = 15, 200
PUBLIC, PRIVATE = "/api/v1/billing/plans", "/api/v1/users/me"


def main() -> None:
    """Start servers of its own, measure, and print the figures."""
    from tests import servers

    servers.ENVIRONMENT |= {"TESTING": "false", "LOG_LEVEL": "INFO", "METRICS_PORT": "1"}
    with servers.started(), Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        _prepare()
        figures = _measure(nowhere)
    for name, microseconds in figures.items():
        sys.stdout.write(f"{name:45} {microseconds:7.0f} µs\n")


def _prepare() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate_domains", verbosity=0, stdout=io.StringIO())


def _measure(nowhere: Any) -> dict[str, float]:
    import structlog
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler

    structlog.configure(logger_factory=structlog.WriteLoggerFactory(nowhere))
    gateway, token, organization, account = WSGIHandler(), *_signed_in()
    settings.MIDDLEWARE = []
    plain = WSGIHandler()
    return _alternate(_ways(gateway, plain, token, organization, account))


def _ways(gateway, plain, token, organization, account) -> dict[str, Callable[[], object]]:
    from domains.users import interface as users
    from gateway.credentials import verifier
    from gateway.limits import Window, shared

    windows = [Window(name="default", key="rate:bench", quota=10**9, seconds=60)]
    facts = {"session_fact": "session:bench", "access_fact": "access:bench"}
    return {
        "a public GET without the gateway": lambda: _get(plain, PUBLIC),
        "a probe (Django alone)": lambda: _get(gateway, "/livez"),
        "a public GET through the gateway": lambda: _get(gateway, PUBLIC),
        "GET users/me through the gateway": lambda: _get(gateway, PRIVATE, token),
        "  of which: the Redis round trip": lambda: shared.ask(windows, **facts),
        "  of which: the token, seen before": lambda: verifier().verify(token),
        "  of which: the token, for the first time": lambda: verifier()._decode(token),  # noqa: SLF001  what it remembers is what is left out
        "  of which: users.get_access": lambda: users.get_access(
            account_id=account, organization_id=organization
        ),
    }


def _alternate(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    rounds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, call in ways.items():
            begun = time.process_time()
            for _ in range(REQUESTS):
                call()
            rounds[name].append((time.process_time() - begun) / REQUESTS * 1e6)
    return {name: statistics.median(times) for name, times in rounds.items()}


def _signed_in() -> tuple[str, Any, Any]:
    from domains.auth import interface as auth
    from domains.auth.services import login
    from domains.auth.services.clients import Client
    from domains.users import interface as users
    from kernel import facts
    from kernel.clock import now

    account = auth.ensure_account(email="bench@example.com", password=PASSWORD)
    access = users.get_access(account_id=account.id, organization_id=None)
    organization = str(access.organization_id)
    facts.put(f"plan-rate:{organization}", str(10**9), ttl=3600)
    facts.put(f"access:account:{account.id}:personal", organization, ttl=3600)
    tokens = login.log_in(client=Client(), email="bench@example.com", password=PASSWORD, now=now())
    return tokens.access_token, access.organization_id, account.id


def _get(application: Any, path: str, token: str = "") -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "HTTP_HOST": "testserver",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
    }
    if token:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    response = application(environ, lambda *_: None)
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}: {response.content}")
    response.close()


if __name__ == "__main__":
    main()
