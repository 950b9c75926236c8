"""Hearing what is rung on a channel of Redis; while Redis is away, nothing is heard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from django.conf import settings
from redis import RedisError
from redis.asyncio import Redis

log = logging.getLogger(__name__)

PAUSE_SECONDS = 3.0
PING_SECONDS = 20.0


async def listen(channel: str, heard: Callable[[bytes], None]) -> None:
    """Call `heard` with every message of the channel, until cancelled."""
    while True:
        try:
            await _listen(channel, heard)
        except (RedisError, OSError):
            log.warning("Redis is away: streams look for news by themselves")
        await asyncio.sleep(PAUSE_SECONDS)


async def _listen(channel: str, heard: Callable[[bytes], None]) -> None:
    client = Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=settings.REDIS_PATIENCE,
        health_check_interval=PING_SECONDS,
    )
    async with client, client.pubsub(ignore_subscribe_messages=True) as subscription:
        await subscription.subscribe(channel)
        while True:
            message = await subscription.get_message(timeout=PING_SECONDS)
            if message is not None:
                heard(message["data"])
