"""One throw-away PostgreSQL and Redis for a whole test run, shared by its parallel processes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from config.embedded import Servers, throwaway_servers
from tests import templates

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "TESTING": "true",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "PUBLIC_URL": "http://testserver",
    "DATABASE_ROLE_SECRET": "role-secret-of-the-tests",
    "SECRET_KEY": "secret-key-of-the-tests-long-enough-for-django-s-own-check-of-it",
    "FIELD_ENCRYPTION_KEYS": "encryption-key-of-the-tests",
    "SIGNING_KEYS": "signing-key-of-the-tests",
    "AUDIT_SIGNING_KEYS": "audit-signing-key-of-the-tests",
    "BOUNDARY_KEYS": "boundary-key-of-the-tests",
    "LOG_LEVEL": "WARNING",
    "EMAIL_URL": "file:///nowhere",
    "RATE_LIMIT_ANONYMOUS": "100000/m",
    "RATE_LIMIT_ACCOUNT": "100000/m",
}


def environment(servers: Servers) -> dict[str, str]:
    """Return the environment of the tests, with the servers' addresses."""
    return {
        **ENVIRONMENT,
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
    }


@contextmanager
def started() -> Iterator[None]:
    """Start the servers, with databases to copy, and put their addresses into the environment."""
    prefix = f"tenon-test-{os.getpid()}-"
    seed = templates.ready()
    with (
        throwaway_servers(seed=seed) as servers,
        tempfile.TemporaryDirectory(prefix=prefix) as data,
    ):
        # Not the data of an instance that runs from this folder.
        os.environ.update(environment(servers), DATA_DIR=data)
        yield


def use_own_redis_database(worker: str) -> None:
    """Give each parallel process ("gw3") a Redis database of its own.

    pytest-django has read the settings already where the environment named them, as it does in
    the processes that are started later; so they are corrected too.
    """
    number = int(worker.removeprefix("gw") or 0) + 1 if worker else 0
    url = os.environ["REDIS_URL"].split("?")[0] + f"?db={number}"
    os.environ["REDIS_URL"] = url
    from django.conf import settings

    settings.REDIS_URL = settings.CACHES["default"]["LOCATION"] = url
    for queue in settings.RQ_QUEUES.values():
        queue["URL"] = url
