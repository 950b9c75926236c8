"""The connections of this process to the others, kept alive between calls."""

from __future__ import annotations

import logging
import os
import ssl
import threading

import httpx

# Shorter than the server keeps an idle connection, so that a call never meets a closed one.
KEEP_IDLE = 3.0

_lock = threading.Lock()
_pool: httpx.Client | None = None


def pool() -> httpx.Client:
    """Return this process's one client."""
    global _pool  # noqa: PLW0603  one per process is the point
    if _pool is None:
        with _lock:
            _pool = _pool or _new_pool()
    return _pool


def _new_pool() -> httpx.Client:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return httpx.Client(
        limits=httpx.Limits(keepalive_expiry=KEEP_IDLE),
        verify=ssl.create_default_context(),
        trust_env=False,
    )


def _forget_pool() -> None:
    # A child that used its parent's sockets would read the parent's answers.
    global _pool, _lock
    _pool, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_pool)
