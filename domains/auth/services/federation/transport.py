"""Requests to providers: by TLS, in bounded time, of bounded size, and led nowhere else."""

from __future__ import annotations

import ssl
import time
from functools import cache
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx

from domains.auth.contract.errors import ProviderUnavailable
from domains.auth.services.federation.providers import loopback_allowed
from kernel.db import open_transactions

TIMEOUT = httpx.Timeout(5, connect=3)
DEADLINE = 10.0  # a provider that sends a byte now and then would never meet the timeout
MOST_BYTES = 512 * 1024
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
OK = 200


def is_safe(url: str) -> bool:
    """Return whether the URL is one that secrets may be sent to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname in LOOPBACK and loopback_allowed()


def get_json(url: str, *, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the JSON object at the URL; raise `ProviderUnavailable`."""
    answer = send("GET", url, headers={"Accept": "application/json", **(headers or {})})
    if answer.status_code != OK:
        refuse(f"answered {answer.status_code}")
    try:
        document = answer.json()
    except ValueError:
        refuse("sent no JSON")
    if not isinstance(document, dict):
        refuse("sent no JSON object")
    return document


def send(
    method: str, url: str, *, headers: dict[str, str], content: str | None = None
) -> httpx.Response:
    """Return the provider's whole answer; raise `ProviderUnavailable`."""
    # A slow provider must not hold a database connection.
    assert not open_transactions(), "a provider is asked inside a transaction"  # noqa: S101
    if not is_safe(url):
        refuse("has an address without TLS")
    try:
        with (
            _client() as client,
            client.stream(method, url, headers=headers, content=content) as answer,
        ):
            body = _read(answer)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        refuse("is out of reach", cause=error)
    if answer.has_redirect_location:
        refuse("leads elsewhere")
    return httpx.Response(answer.status_code, content=body, request=answer.request)


def refuse(what: str, *, cause: Exception | None = None) -> NoReturn:
    """Raise `ProviderUnavailable` that says what is wrong with the provider."""
    raise ProviderUnavailable(f"The provider {what}.", retry_after=5) from cause


def _client() -> httpx.Client:
    return httpx.Client(
        timeout=TIMEOUT,
        verify=_context(),
        follow_redirects=False,
        headers={"User-Agent": "Tenon", "Accept-Encoding": "identity"},
    )


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _read(answer: httpx.Response) -> bytes:
    ends, body = time.monotonic() + DEADLINE, b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            refuse("sends too much")
        if time.monotonic() > ends:
            refuse("is too slow")
    return body
