"""Whether the time that something takes tells one case from another.

It sees what is gross: a hash more or less, a mail sent at once, reading what others piled up.
What is finer is held by comparing statements and hashes, which no noise covers.

A busy machine can't make it fail. In each round the cases run once, in an order drawn anew, so
whatever else the machine does hits each of them as likely: of two that take the same time, either
is the slower one in half of the rounds (a sign test, which asks nothing of how times are spread).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from itertools import permutations
from math import comb
from time import perf_counter

ROUNDS = 40
# What a stranger could make use of: limits give five answers an hour for an address, and a network
# delays each of them by about as much more or less. A hash or a mail takes several times as long.
SECONDS = 0.001
# How seldom chance alone may find a pair of cases that take the same time.
CHANCE = 1e-5

Action = Callable[[], object]


class Told(AssertionError):
    """The times tell the cases apart."""


def assert_time_tells_nothing(
    cases: Mapping[str, Action], *, afresh: Action, rounds: int = ROUNDS
) -> None:
    """Raise `Told` if a case takes longer than another, by enough to make use of.

    `afresh` runs before each of them, unmeasured: it takes away what the one before left behind.
    """
    found = telling(measure(cases, afresh=afresh, rounds=rounds))
    if found:
        raise Told(found)


def measure(
    cases: Mapping[str, Action], *, afresh: Action, rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """Return the seconds that each case took in each round."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds + 1):
        for name in random.sample(sorted(cases), len(cases)):
            afresh()
            began = perf_counter()
            cases[name]()
            taken[name].append(perf_counter() - began)
    return {name: times[1:] for name, times in taken.items()}  # first comes what is made once


def telling(taken: Mapping[str, list[float]]) -> dict[tuple[str, str], int]:
    """Return the pairs (slow, fast) that their times tell apart, with the rounds that say so."""
    found = {}
    for slow, fast in permutations(taken, 2):
        rounds = [s > f + SECONDS for s, f in zip(taken[slow], taken[fast], strict=True)]
        if chance_of(sum(rounds), of=len(rounds)) < CHANCE:
            found[slow, fast] = sum(rounds)
    return found


def chance_of(heads: int, *, of: int) -> float:
    """Return how likely so many heads or more are, of so many throws of a coin."""
    return sum(comb(of, number) for number in range(heads, of + 1)) / 2**of
