"""How fast webhooks are delivered to servers that answer at once.

    python -m bench.webhooks [DELIVERIES]

Twenty thousand events (or as many as are said) of 50 organizations with an endpoint each are
recorded in batches of a thousand, as the handler does, and sent by one worker to a sink in a
process of its own, which answers 204 and counts. Each is claimed, signed, sent by a connection of
its own and settled with its entry in the log. At the end the sink must have got each of them once.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "platform"))
DELIVERIES, BATCH, ORGANIZATIONS = 20_000, 1_000, 50
ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
fork = multiprocessing.get_context("fork")


def main() -> None:
    """Start servers of its own, measure, and print the figures; fail if anything is lost."""
    from tests import servers

    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else DELIVERIES
    with _sink() as sink:
        port = sink.recv()
        servers.ENVIRONMENT |= {
            "TESTING": "false",
            "METRICS_PORT": "1",
            "OUTBOUND_HTTP": "true",
            "OUTBOUND_PORTS": str(port),
            "OUTBOUND_NETWORKS": "127.0.0.0/8",
        }
        with servers.started():
            recorded, sent = _measure(port, wanted)
        sink.send("count")
        requests, webhooks = sink.recv()
    sys.stdout.write(f"{wanted:,} events recorded for their endpoints: {recorded:,.0f} a second\n")
    sys.stdout.write(f"{wanted:,} webhooks delivered by one worker: {sent:,.0f} a second\n")
    if (requests, webhooks) != (wanted, wanted):
        sys.exit(f"The sink got {requests:,} requests with {webhooks:,} webhooks")


def _measure(port: int, wanted: int) -> tuple[float, float]:
    from bench.gateway import _prepare

    _prepare()
    organizations = [_endpoint(port) for _ in range(ORGANIZATIONS)]
    began = time.perf_counter()
    for first in range(0, wanted, BATCH):
        _record(organizations, min(BATCH, wanted - first))
    recorded = time.perf_counter()
    _send()
    return wanted / (recorded - began), wanted / (time.perf_counter() - recorded)


def _endpoint(port: int) -> UUID:
    from domains.notifications.services.webhooks import endpoints
    from kernel.clock import now
    from kernel.ids import uuid7
    from tests.principals import member_of

    owner = member_of(uuid7())
    url = f"http://127.0.0.1:{port}/hook"
    endpoints.create(owner, url=url, event_types=["users.*"], now=now())
    return owner.organization_id


def _record(organizations: list[UUID], events: int) -> None:
    from domains.notifications.services.webhooks import recording
    from kernel.clock import now
    from kernel.db import transaction
    from kernel.ids import uuid7
    from tests.notifications.webhooks import told

    envelopes = [
        told(organizations[n % ORGANIZATIONS], account_id=str(uuid7()), role="member")
        for n in range(events)
    ]
    with transaction("notifications"):
        recording.record(envelopes=envelopes, now=now())


def _send() -> None:
    from domains.notifications.services.webhooks import claims, sending
    from kernel.clock import now

    while claims.is_due(now=now()):
        sending.send_due(clock=now)


@contextmanager
def _sink() -> Iterator[Connection]:
    ours, theirs = fork.Pipe()
    process = fork.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    asyncio.run(_served(pipe))


async def _served(pipe: Connection) -> None:
    got: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: Any) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
        await reader.readexactly(int(fields[b"content-length"]))
        got.append(fields[b"webhook-id"])
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, backlog=512)
    pipe.send(server.sockets[0].getsockname()[1])
    await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
    pipe.send((len(got), len(set(got))))


if __name__ == "__main__":
    main()
