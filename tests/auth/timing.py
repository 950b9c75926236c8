"""Whether the time that something takes tells one case from another.

It sees what stands out of the machine's own noise: a hash more or less, a mail sent at once. What
is finer is held by comparing statements and hashes, which no noise covers.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from itertools import combinations
from math import sqrt
from time import perf_counter

ROUNDS = 60
# Beyond what chance does in one of some ten thousand comparisons.
DEVIATIONS = 4
ATTEMPTS = 3

Action = Callable[[], object]


def measure(cases: Mapping[str, Action], *, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Return the seconds that each case took, in rounds of a random order each."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name in random.sample(sorted(cases), len(cases)):
            began = perf_counter()
            cases[name]()
            taken[name].append(perf_counter() - began)
    return taken


def advantage(one: list[float], other: list[float]) -> float:
    """Return how much better than a coin the slower of two tells which one it is (0 to 0.5).

    It is the Mann-Whitney statistic: how often a time of the one is above a time of the other.
    """
    above = sum((a > b) + (a == b) / 2 for a in one for b in other)
    return abs(above / (len(one) * len(other)) - 0.5)


def telling(taken: Mapping[str, list[float]]) -> dict[tuple[str, str], float]:
    """Return the pairs of cases that their times tell apart, with the advantage they give."""
    found = {}
    for one, other in combinations(taken, 2):
        n, m = len(taken[one]), len(taken[other])
        chance = DEVIATIONS * sqrt((n + m + 1) / (12 * n * m))
        gained = advantage(taken[one], taken[other])
        if gained > chance:
            found[one, other] = gained
    return found


def assert_time_tells_nothing(cases: Mapping[str, Action], *, rounds: int = ROUNDS) -> None:
    """Fail if times tell two of the cases apart, again and again: a busy machine may do so once."""
    for action in cases.values():
        action()  # what is made on first use
    found: dict[tuple[str, str], float] = {}
    for _ in range(ATTEMPTS):
        found = telling(measure(cases, rounds=rounds))
        if not found:
            return
    raise AssertionError(f"Times tell cases apart: {found}")
