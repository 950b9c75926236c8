"""Passwords are hashed at the least cost in tests: what a hash costs is the matter of few of them.

A test of time, or of how hashes are made, asks for `costly_hashes`.
"""

from __future__ import annotations

import pytest

from domains.auth.services import hashers

Hasher = hashers.CappedArgon2Hasher
REAL = (Hasher.memory_cost, Hasher.time_cost, hashers.PRESENT)
LEAST = (8, 1, "argon2$argon2id$v=19$m=8,t=1,p=1$")


def _set(memory_cost: int, time_cost: int, present: str) -> None:
    Hasher.memory_cost, Hasher.time_cost, hashers.PRESENT = memory_cost, time_cost, present


@pytest.fixture(autouse=True)
def _cheap_hashes() -> None:
    _set(*LEAST)


@pytest.fixture
def costly_hashes(_cheap_hashes: None) -> None:
    """Hash passwords as production does."""
    _set(*REAL)
