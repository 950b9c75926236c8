"""The same work for everybody who asks, so that its time tells nobody which accounts there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.transaction import set_rollback

from domains.auth.models import Account
from kernel import dispatch
from kernel.db import run_after_commit, transaction


def stand_in(email: str) -> Account:
    """Return an account that is nobody's and stored nowhere, for work that leaves no trace."""
    return Account(email=email)


@contextmanager
def kept_only_if(real: bool) -> Iterator[None]:  # noqa: FBT001  reads as a sentence
    """Run the block in a transaction of auth, and keep what it does only if it is for somebody.

    Either way there are the same statements, one savepoint kept and one taken back, and one ring
    for the events.
    """
    with transaction("auth"):
        with transaction("auth"):
            yield
            set_rollback(not real, using="auth")
        with transaction("auth"):
            set_rollback(real, using="auth")
        if not real:
            run_after_commit("auth", _ring)


def _ring() -> None:
    dispatch.current().ring("auth")
