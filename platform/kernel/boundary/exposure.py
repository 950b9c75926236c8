"""The decorator that makes a function part of a domain's interface."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from kernel import scope
from kernel.boundary.operations import Operation, register
from kernel.boundary.routes import routes

P = ParamSpec("P")
R = TypeVar("R")


def exposed(*, idempotent: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let other domains call the function, whichever process serves its domain.

    Served here, it is a plain call; else it is a signed POST to `<DOMAIN>_URL`, tried again after
    a failure only if `idempotent`. Errors come back as what they are, and a domain that can't be
    reached as `kernel.errors.Unavailable`. Raises `UnableToExpose` for a function that isn't
    keyword-only, or takes or returns anything but plain data.

    Behind it no organizations are in context, here as there: it says itself which it reads.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        operation = register(function, idempotent=idempotent)
        domain = operation.domain

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            urls, testing = routes()
            if testing:
                _refuse_inside_transaction(operation)
            url = urls.get(domain)
            if url is None:
                with scope.use(None):
                    return function(*args, **kwargs)
            return _call_remotely(operation, url, args, kwargs)

        return call

    return decorate


def _call_remotely(
    operation: Operation, url: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    from kernel.boundary import client

    bound = inspect.signature(operation.function).bind(*args, **kwargs)
    return client.call(operation, url, bound.arguments)


def _refuse_inside_transaction(operation: Operation) -> None:
    from kernel.boundary.guard import refuse_inside_transaction

    refuse_inside_transaction(operation)
