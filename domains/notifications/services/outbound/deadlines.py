"""The time that a whole request may take."""

from __future__ import annotations

import time


class Deadline:
    """Seconds from now on, whatever they are spent on."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; raise TimeoutError if none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole request is over")
        return left
