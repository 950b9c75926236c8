"""The fixture `boundary`: a test that asks for it runs twice, with domains here and elsewhere.

    pytestmark = pytest.mark.usefixtures("boundary")

In the second run every interface function is serialised, signed, sent over HTTP to this same
process (so that it sees the test's own transaction), verified, carried out and answered.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest


@pytest.fixture(params=["local", "remote"])
def boundary(request, settings, monkeypatch) -> Iterator[str]:
    """Run the test with every domain in this process, and again with every call over HTTP."""
    if request.param == "local":
        yield "local"
        return
    with everything_remote(settings, monkeypatch):
        yield "remote"


@contextmanager
def everything_remote(settings, monkeypatch) -> Iterator[None]:
    """Send every interface call over HTTP into this same process."""
    from django.core.handlers.wsgi import WSGIHandler

    from kernel.boundary import client

    settings.REMOTE_DOMAINS = dict.fromkeys(settings.ALL_DOMAINS, "http://testserver")
    transport = httpx.WSGITransport(app=_as_another_process(WSGIHandler()))
    # The answer is closed, and says so by a signal, only after the application has returned.
    with _connections_left_open(), httpx.Client(transport=transport) as pool:
        monkeypatch.setattr(client, "pool", lambda: pool)
        yield


def _as_another_process(application):
    """Hide the caller's context variables: what the other side knows came in headers."""

    def call(environ, start_response):
        return contextvars.Context().run(application, environ, start_response)

    return call


@contextmanager
def _connections_left_open():
    """Keep the test's transaction open, as Django's own test client does."""
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    ends = (request_started, request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    try:
        yield
    finally:
        for end in ends:
            end.connect(close_old_connections)
