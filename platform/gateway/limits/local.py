"""The general limits while Redis is away: each process counts for itself.

So for that time a caller gets at most the quota times the number of processes.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from threading import Lock

from gateway.limits.windows import Count, Window

MOST_KEYS = 20_000


class LocalLimits:
    """Logs of the times of requests, of the most recent callers."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def ask(self, windows: list[Window], *, now: float) -> list[Count]:
        """Return the counts, with this request in them if every limit allows it."""
        with self._lock:
            logs = [self._log(window, now) for window in windows]
            full = [len(log) >= w.quota for log, w in zip(logs, windows, strict=True)]
            if not any(full):
                for log in logs:
                    log.append(now)
            return [_count(w, log, now, f) for w, log, f in zip(windows, logs, full, strict=True)]

    def _log(self, window: Window, now: float) -> deque[float]:
        log = self._times.setdefault(window.key, deque())
        self._times.move_to_end(window.key)
        while log and log[0] <= now - window.seconds:
            log.popleft()
        if len(self._times) > MOST_KEYS:
            self._times.popitem(last=False)
        return log


def _count(window: Window, log: deque[float], now: float, full: bool) -> Count:  # noqa: FBT001
    leaves = int(log[0] + window.seconds - now) + 1 if log else window.seconds
    return Count(
        name=window.name,
        quota=window.quota,
        seconds=window.seconds,
        left=max(0, window.quota - len(log)),
        resets_in=leaves,
        wait=leaves if full else 0,
    )
