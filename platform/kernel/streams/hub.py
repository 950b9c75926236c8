"""The one thread of a process in which all its streams live, begun with the first of them."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections

from kernel.errors import TooMany, Unavailable
from kernel.streams import doorbell
from kernel.streams.stream import Stream

log = logging.getLogger(__name__)

POLL_SECONDS = 3.0
LONGEST_SECONDS = 3600.0
STOP_SECONDS = 2.0
DESCRIPTORS_BESIDES = 1024
# For news and for sessions, and the name of Redis.
ASKING_THREADS = 3

Answer = TypeVar("Answer")


class TooManyStreams(TooMany):
    code = "kernel.too_many_streams"
    title = "As many streams are open as one may have"


class StreamsFull(Unavailable):
    code = "kernel.streams_full"
    title = "This server holds as many streams open as it may"


@dataclass(frozen=True, kw_only=True)
class News:
    """What there is after a position: the bytes of it, up to where, and whether there is more.

    `counts` is told by itself (`counts_event`) where it has changed and nothing else has.
    """

    data: bytes
    position: int
    more: bool
    counts: object
    counts_event: bytes


class Source(Protocol):
    """What the streams tell of. Its methods ask databases, in a thread that may wait."""

    channel: str

    def heard(self, data: bytes) -> set[UUID]:
        """Return the accounts that a ring on the channel names."""

    def news(self, positions: Iterable[tuple[UUID, int]]) -> Mapping[tuple[UUID, int], News]:
        """Return what there is for each account after the position."""

    def ended(self, session_ids: Iterable[UUID]) -> set[UUID]:
        """Return those sessions that are not active any more."""


def _allow_descriptors(number: int) -> None:
    """Have the system let this process open so many, or as many as it lets it have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number if hard == resource.RLIM_INFINITY else min(number, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _ask(question: Callable[[Any], Answer], about: Any) -> Answer:
    """Return the answer, and give the connections back that the thread has asked it with."""
    try:
        return question(about)
    finally:
        close_old_connections()


_hubs: list[Hub] = []


def stop_all() -> None:
    """End every stream of this process, as the server does before it stops."""
    for hub in _hubs:
        hub.stop()


class Hub:
    """The streams of one source in this process."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._streams: dict[UUID, set[Stream]] = defaultdict(set)
        self._places: dict[UUID, int] = defaultdict(int)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._rung: set[UUID] = set()
        self._bell: asyncio.Event | None = None
        self._stopping = False
        _hubs.append(self)

    @property
    def size(self) -> int:
        """Return how many streams are open, or about to be."""
        return sum(self._places.values())

    def reserve(self, account_id: UUID) -> None:
        """Keep a place for a stream; raise `TooManyStreams`, `StreamsFull`."""
        with self._lock:
            if self._stopping or self.size >= settings.STREAMS_PER_PROCESS:
                raise StreamsFull(retry_after=5)
            if self._places.get(account_id, 0) >= settings.STREAMS_PER_PERSON:
                raise TooManyStreams("Close one of them.", retry_after=5)
            self._places[account_id] += 1

    def free(self, account_id: UUID) -> None:
        """Give a place back."""
        with self._lock:
            self._places[account_id] -= 1
            if self._places[account_id] <= 0:
                del self._places[account_id]

    def take(
        self,
        connection: socket.socket,
        *,
        account_id: UUID,
        session_id: UUID,
        position: int,
        counts: object,
        chunked: bool,
    ) -> None:
        """Make the connection a stream of the account, whose place was reserved."""
        stream = Stream(
            account_id=account_id,
            session_id=session_id,
            position=position,
            chunked=chunked,
            ends_at=time.monotonic() + LONGEST_SECONDS,
            closed=self._leave,
        )
        stream.counts = counts
        asyncio.run_coroutine_threadsafe(self._join(connection, stream), self._running())

    def stop(self) -> None:
        """End every stream, and the thread."""
        with self._lock:
            self._stopping = True
            loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        try:
            asyncio.run_coroutine_threadsafe(self._end_all(), loop).result(STOP_SECONDS)
        except TimeoutError:
            log.warning("Streams did not end in time")
        loop.call_soon_threadsafe(loop.stop)
        thread.join(STOP_SECONDS)
        with self._lock:
            self._loop = self._thread = None
            self._stopping = False

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                _allow_descriptors(settings.STREAMS_PER_PROCESS + DESCRIPTORS_BESIDES)
                self._loop = asyncio.new_event_loop()
                self._bell = asyncio.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._loop,), name="streams", daemon=True
                )
                self._thread.start()
            return self._loop

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.set_default_executor(ThreadPoolExecutor(ASKING_THREADS, "streams"))
        listen = doorbell.listen(self.source.channel, self._heard)
        tasks = [loop.create_task(each) for each in (self._tell(), self._beat(), listen)]
        try:
            loop.run_forever()
        finally:
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    async def _join(self, connection: socket.socket, stream: Stream) -> None:
        try:
            loop = asyncio.get_running_loop()
            await loop.connect_accepted_socket(lambda: stream, connection)
        except OSError:
            connection.close()
            self.free(stream.account_id)
            return
        if stream.is_open:
            self._streams[stream.account_id].add(stream)
            self._ring({stream.account_id})

    def _leave(self, stream: Stream) -> None:
        mine = self._streams.get(stream.account_id, set())
        mine.discard(stream)
        if not mine:
            self._streams.pop(stream.account_id, None)
        self.free(stream.account_id)

    def _heard(self, data: bytes) -> None:
        self._ring(self.source.heard(data) & self._streams.keys())

    def _ring(self, account_ids: set[UUID]) -> None:
        if account_ids and self._bell is not None:
            self._rung |= account_ids
            self._bell.set()

    async def _tell(self) -> None:
        """Tell of what is new where the bell rang, and everywhere every few seconds."""
        while True:
            rung = await self._wait()
            try:
                await self._tell_of(rung)
            except Exception:  # a database that is away: the next time tells what was missed
                log.exception("Streams could not be told of news")
                await asyncio.sleep(POLL_SECONDS)

    async def _wait(self) -> set[UUID]:
        assert self._bell is not None  # noqa: S101  made with the loop
        try:
            await asyncio.wait_for(self._bell.wait(), POLL_SECONDS)
        except TimeoutError:
            return set(self._streams)
        self._bell.clear()
        rung, self._rung = self._rung, set()
        return rung

    async def _tell_of(self, account_ids: set[UUID]) -> None:
        streams = [each for one in account_ids for each in self._streams.get(one, ())]
        ready = [stream for stream in streams if not stream.is_full]
        positions = {(stream.account_id, stream.position) for stream in ready}
        if not positions:
            return
        news = await asyncio.to_thread(_ask, self.source.news, positions)
        for stream in ready:
            self._pass_on(stream, news[stream.account_id, stream.position])

    def _pass_on(self, stream: Stream, news: News) -> None:
        if news.data:
            stream.write(news.data)
        elif news.counts != stream.counts:
            stream.write(news.counts_event)
        stream.position, stream.counts = news.position, news.counts
        if news.more:
            self._ring({stream.account_id})

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(settings.STREAM_HEARTBEAT_SECONDS)
            for stream in await self._ended():
                stream.end()
            for stream in self._all():
                stream.beat()

    async def _ended(self) -> list[Stream]:
        streams, moment = self._all(), time.monotonic()
        sessions = {stream.session_id for stream in streams}
        try:
            over = await asyncio.to_thread(_ask, self.source.ended, sessions) if sessions else set()
        except Exception:  # nothing is known of any: they are asked again
            log.exception("Sessions of streams could not be checked")
            over = set()
        return [each for each in streams if each.session_id in over or each.ends_at <= moment]

    def _all(self) -> list[Stream]:
        return [stream for mine in self._streams.values() for stream in mine]

    async def _end_all(self) -> None:
        # Places are waited for: whoever has one is about to come.
        while self._places:
            for stream in self._all():
                stream.end()
            await asyncio.sleep(0.01)
