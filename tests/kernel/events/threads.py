"""Several at once, each on connections of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections


def at_once(count, function):
    """Call the function from so many threads in the same moment; return what it returned."""
    barrier = Barrier(count)

    def call(_):
        barrier.wait()
        try:
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))
