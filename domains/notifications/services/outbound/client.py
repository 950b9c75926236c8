"""The only HTTP client for addresses that customers give.

It leads nowhere inside: the host is resolved once, every address of it must be public, the
connection goes to one of those and TLS is verified against the name. It follows no redirect, knows
no proxy, cookie or compression, and everything that it sends, reads and waits for is bounded.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import httpcore
import httpx
from django.conf import settings

from domains.notifications.services.outbound.connections import PinnedBackend
from domains.notifications.services.outbound.deadlines import Deadline
from domains.notifications.services.outbound.errors import Refused, Uncertain
from domains.notifications.services.outbound.resolution import resolve
from domains.notifications.services.outbound.urls import Target, parse
from kernel.db import open_transactions

SECONDS = 15.0
CONNECT_SECONDS = 5.0
MOST_SENT = 256 * 1024
MOST_READ = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the far side answered; header names are in lower case.

    The body is as it came over the wire, and cut where it was longer than asked for. The latency
    counts from the look-up of the name to the end of what was read.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool
    latency_ms: int


def check_url(*, url: str) -> None:
    """Raise `Refused` where the URL itself shows that nothing will be sent to it."""
    parse(url)


def post(
    *,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    seconds: float = SECONDS,
    most_read: int = MOST_READ,
) -> Answer:
    """Send the body by POST and return the answer, whatever its status.

    `seconds` bound the whole, `most_read` (bytes) the body of the answer. Raises `Refused`,
    `Unreachable` (both: nothing was sent) or `Uncertain` (it may have arrived).
    """
    # A slow far side must not hold a database connection.
    assert not open_transactions(), "a customer's server is asked inside a transaction"  # noqa: S101
    if len(body) > MOST_SENT:
        raise Refused(f"The body is longer than {MOST_SENT} bytes.")
    began, deadline, target = time.monotonic(), Deadline(seconds), parse(url)
    addresses = resolve(target=target, deadline=deadline, connect=CONNECT_SECONDS)
    backend = PinnedBackend(addresses=addresses, deadline=deadline)
    try:
        status, answered, content = _exchange(target, backend, body, headers, most_read)
    except (httpcore.NetworkError, httpcore.ProtocolError, TimeoutError) as error:
        raise Uncertain(f"No whole answer came: {error}.") from error
    return Answer(
        status=status,
        headers=answered,
        body=content[:most_read],
        truncated=len(content) > most_read,
        latency_ms=round((time.monotonic() - began) * 1000),
    )


def _exchange(
    target: Target,
    backend: PinnedBackend,
    body: bytes,
    headers: Mapping[str, str],
    most_read: int,
) -> tuple[int, dict[str, str], bytes]:
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    connection = httpcore.HTTPConnection(
        origin=url.origin,
        ssl_context=_tls(settings.OUTBOUND_CA_FILE) if target.scheme == "https" else None,
        network_backend=backend,
    )
    with (
        connection,
        connection.stream(
            "POST",
            url,
            headers=list(_with_ours(target, body, headers).items()),
            content=body,
            extensions={"timeout": {"connect": CONNECT_SECONDS}},
        ) as answer,
    ):
        names = {name.decode().lower(): text.decode("latin-1") for name, text in answer.headers}
        return answer.status, names, _read(answer, most_read)


def _with_ours(target: Target, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
    return {
        **headers,
        "Host": target.authority,
        "User-Agent": "Tenon",
        "Accept-Encoding": "identity",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }


def _read(answer: httpcore.Response, most: int) -> bytes:
    content = b""
    for part in answer.iter_stream():
        content += part
        if len(content) > most:
            break
    return content


@cache
def _tls(own_authorities: str) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if own_authorities:
        context.load_verify_locations(own_authorities)
    return context
