"""Which organizations' rows a test sees that calls services directly, below every entry: all.

Requests, events, jobs, periodic work and interface calls set their own, as in production. A test
that asks for `nothing_in_context` begins as they find it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernel import scope


@pytest.fixture(autouse=True)
def _everything_in_context() -> Iterator[None]:
    # Not a context variable: a test's own threads are below every entry too.
    scope._outside = scope.EVERYWHERE
    yield
    scope._outside = None


@pytest.fixture
def nothing_in_context(_everything_in_context: None) -> None:
    """Begin as a process does: nobody has said an organization."""
    scope._outside = None
