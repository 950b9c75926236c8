"""Set-up of every test run: real servers before Django, and the fixtures that all tests share."""

from __future__ import annotations

import os
from contextlib import ExitStack

_servers = ExitStack()
if "PYTEST_XDIST_WORKER" not in os.environ:
    from tests import servers

    _servers.enter_context(servers.started())

from tests.servers import use_own_redis_database

use_own_redis_database(os.environ.get("PYTEST_XDIST_WORKER", ""))

import django
import pytest

django.setup()

from django.db.utils import ConnectionHandler

# The empty "default" can't be rolled back: counted in, it would turn every TestCase into a flush.
ConnectionHandler.__iter__ = lambda handler: iter(set(handler.settings) - {"default"})  # type: ignore[method-assign]

from tests import keepers, patience

keepers.install()
patience.give_the_product_more()

pytest_plugins = [
    "tests.boundary.plugin",
    "tests.buckets",
    "tests.databases",
    "tests.needs",
    "tests.properties",
    "tests.scopes",
]


def pytest_unconfigure() -> None:
    """Stop the servers when the last test is done."""
    _servers.close()


@pytest.fixture(autouse=True)
def _clean_redis() -> None:
    """Every test begins with an empty Redis of its own."""
    from kernel.redis import connection

    connection().flushdb()


@pytest.fixture(autouse=True)
def _fresh_gateway() -> None:
    """Every test meets a process that has seen no token and counted no request."""
    from domains.auth.services import keys
    from gateway.testing import restart

    restart()
    keys.forget()


@pytest.fixture
def api():
    """A client that speaks the API's JSON; `api.as_(account_id=…)` signs in."""
    from tests.client import Api

    return Api()


@pytest.fixture
def deliver_events():
    """Deliver every published event and run every rung job until nothing is left to do."""
    from kernel.events.testing import deliver_events

    return deliver_events
