"""What was fetched from providers lately, kept in the process."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from domains.auth.contract.errors import ProviderUnavailable

T = TypeVar("T")
FRESH = timedelta(hours=1)
# So long a provider that failed is not asked again, so that waiting for it takes no thread.
PAUSE = timedelta(seconds=5)
# So long others wait for the one that asks it: a provider that hangs must not hold every thread.
PATIENCE = 2.0


@dataclass(frozen=True, kw_only=True)
class _Fetched(Generic[T]):
    at: datetime
    value: T | None = None
    failure: ProviderUnavailable | None = None

    def holds(self, *, now: datetime, fresh: timedelta) -> bool:
        return self.at <= now < self.at + (PAUSE if self.failure else fresh)


class Memory(Generic[T]):
    """Fetches by URL what is not known or no longer fresh; one thread at a time for each URL."""

    def __init__(self, fetch: Callable[[str], T]) -> None:
        self._fetch = fetch
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Know nothing."""
        self._known: dict[str, _Fetched[T]] = {}
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)

    def get(self, url: str, *, now: datetime, fresh: timedelta = FRESH) -> T:
        """Return what is at the URL, fetched less than `fresh` ago; raise `ProviderUnavailable`."""
        lock = self._locks[url]
        if not lock.acquire(timeout=PATIENCE):
            raise ProviderUnavailable("The provider is slow to answer.", retry_after=5)
        try:
            known = self._known.get(url)
            if known is None or not known.holds(now=now, fresh=fresh):
                known = self._known[url] = self._fetched(url, now=now)
        finally:
            lock.release()
        if known.failure is not None:
            raise ProviderUnavailable(known.failure.detail, retry_after=known.failure.retry_after)
        assert known.value is not None  # noqa: S101  it has one or the other
        return known.value

    def _fetched(self, url: str, *, now: datetime) -> _Fetched[T]:
        try:
            return _Fetched(at=now, value=self._fetch(url))
        except ProviderUnavailable as error:
            return _Fetched(at=now, failure=error)
