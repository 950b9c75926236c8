"""Ports for servers that can't be given port 0."""

from __future__ import annotations

import random
import socket

# Below what the kernel hands out to whoever connects or asks for any port.
RANGE = range(10_000, 32_000)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on, and that nobody gets by chance."""
    for port in random.sample(RANGE, 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("a hundred ports are taken")
