"""Doing things at once, for real: a thread and a database connection each."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

from tests import patience


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Start the calls together; return what each returned or raised."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=patience.SECONDS)
            return call()
        except Exception as error:  # noqa: BLE001  the error is the outcome
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def meeting(func: Callable[..., Any], parties: int) -> Callable[..., Any]:
    """Return the function, which now returns only when so many threads have called it."""
    everybody = Barrier(parties)

    def wait_and_return(*args: Any, **kwargs: Any) -> Any:
        result = func(*args, **kwargs)
        everybody.wait(timeout=patience.SECONDS)
        return result

    return wait_and_return
