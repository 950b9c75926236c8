"""A limit as it applies to one request, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.errors import TooMany


@dataclass(frozen=True, kw_only=True)
class Window:
    """At most `quota` requests in any `seconds` seconds for what `key` names; cost 0 only looks."""

    name: str
    key: str
    quota: int
    seconds: int
    cost: int = 1


@dataclass(frozen=True, kw_only=True)
class Count:
    """What a limit answers: what is left for the next `resets_in` seconds, and whether to wait."""

    name: str
    quota: int
    seconds: int
    left: int
    resets_in: int
    wait: int = 0

    @property
    def policy(self) -> str:
        """Return the limit as an item of `RateLimit-Policy`."""
        return f'"{self.name}";q={self.quota};w={self.seconds}'

    @property
    def state(self) -> str:
        """Return the limit as an item of `RateLimit`."""
        return f'"{self.name}";r={self.left};t={self.resets_in}'


class LimitExceeded(TooMany):
    code = "gateway.limit_exceeded"
    title = "Too many requests"


def refuse_exceeded(counts: list[Count]) -> None:
    """Raise `LimitExceeded` if any of the limits says to wait."""
    exceeded = [count for count in counts if count.wait]
    if exceeded:
        longest = max(exceeded, key=lambda count: count.wait)
        raise LimitExceeded(
            f"{longest.quota} requests in {longest.seconds} seconds are allowed.",
            retry_after=longest.wait,
            limit=longest.name,
        )
