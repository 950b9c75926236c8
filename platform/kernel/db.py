"""Transactions, one domain's database at a time.

While a request is answered (`answer_scope`), the outermost final transaction is not committed
where its block ends but once the answer is rendered, so that the stored answer of an idempotent
request and its effect are one commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connections
from django.db import transaction as django_transaction


@dataclass
class AnswerScope:
    """The unit of work of one request: `effect` is the transaction that waits for the answer."""

    alias: str
    effect: django_transaction.Atomic | None = None
    failed: bool = False

    def fail(self) -> None:
        """Have the effect rolled back when the scope ends."""
        self.failed = True


_scope: ContextVar[AnswerScope | None] = ContextVar("answer_scope", default=None)


@contextmanager
def answer_scope(alias: str) -> Iterator[AnswerScope]:
    """Hold back the commit of the domain's outermost transaction until the block ends.

    It is rolled back if the block raises or `fail()` was called.
    """
    scope = AnswerScope(alias)
    token = _scope.set(scope)
    try:
        yield scope
    except BaseException:
        scope.fail()
        raise
    finally:
        _scope.reset(token)
        _finish(scope)


def _finish(scope: AnswerScope) -> None:
    effect, scope.effect = scope.effect, None
    if effect is None:
        return
    if scope.failed:
        django_transaction.set_rollback(True, using=scope.alias)
    effect.__exit__(None, None, None)


@contextmanager
def transaction(alias: str, *, final: bool = True) -> Iterator[None]:
    """Open a transaction on the domain's database, or join the open one.

    `final=False` commits where the block ends even while a request is answered: for an intent
    that must stand before an effect outside the database is tried.
    """
    scope = _scope.get()
    if scope is None or scope.alias != alias or not final or in_transaction(alias):
        with django_transaction.atomic(using=alias):
            yield
        return
    effect = django_transaction.atomic(using=alias)
    effect.__enter__()
    scope.effect = effect
    try:
        yield
    except BaseException as error:
        scope.effect = None
        effect.__exit__(type(error), error, error.__traceback__)
        raise


def in_transaction(alias: str) -> bool:
    """Return whether a transaction is open on the alias (a test case's own doesn't count)."""
    blocks = getattr(connections[alias], "atomic_blocks", ())
    # Django marks the transaction that a test case wraps around a test.
    return any(not block._from_testcase for block in blocks)  # noqa: SLF001


def open_transactions() -> list[str]:
    """Return the aliases on which a transaction is open."""
    return [alias for alias in settings.DOMAINS if in_transaction(alias)]


def array_of(ids: Iterable[str]) -> str:
    """Return the ids as PostgreSQL writes an array: one parameter, whatever their number."""
    return f"{{{','.join(ids)}}}"


def run_after_commit(alias: str, func: Callable[[], Any]) -> None:
    """Call `func` once the present transaction is committed (at once if none is open).

    Its failure is logged, and undoes nothing.
    """
    django_transaction.on_commit(func, using=alias, robust=True)
