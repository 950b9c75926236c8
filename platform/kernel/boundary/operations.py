"""The functions that domains expose, by domain and name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings

from kernel.boundary.annotations import hints_of, problems_of

if TYPE_CHECKING:
    from kernel.boundary.codec import Codec

INTERFACE = re.compile(r"domains\.([a-z][a-z0-9_]*)\.interface")


class UnableToExpose(TypeError):
    """The function can't be called over a boundary; the message says everything that is wrong."""


@dataclass(frozen=True)
class Operation:
    """One exposed function."""

    domain: str
    name: str
    function: Callable[..., Any]
    idempotent: bool

    @property
    def path(self) -> str:
        return f"/internal/{self.domain}/{self.name}"

    @cached_property
    def codec(self) -> Codec:
        """How its arguments and its result are written as JSON; made when first needed."""
        from kernel.boundary.codec import Codec

        return Codec.of(self.function)


registry: dict[tuple[str, str], Operation] = {}


def register(function: Callable[..., Any], *, idempotent: bool) -> Operation:
    """Enter the function in the registry; raise `UnableToExpose` if it can't be called remotely."""
    problems = list(_problems(function))
    if problems:
        raise UnableToExpose(
            f"{function.__module__}.{function.__qualname__}: {'; '.join(problems)}"
        )
    domain = function.__module__.split(".")[1]
    operation = Operation(domain, function.__name__, function, idempotent)
    registry[domain, operation.name] = operation
    return operation


def find(domain: str, name: str) -> Operation | None:
    """Return the operation if this process serves its domain, else None."""
    if domain not in settings.DOMAINS:
        return None
    import_module(f"domains.{domain}.interface")
    return registry.get((domain, name))


def _problems(function: Callable[..., Any]) -> Iterator[str]:
    if not INTERFACE.fullmatch(function.__module__) or "." in function.__qualname__:
        yield "it isn't a function of a module domains.<domain>.interface"
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        yield "it isn't a plain function"
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not parameter.KEYWORD_ONLY:
            yield f"{parameter.name} isn't keyword-only"
    hints = hints_of(function)
    for name in (*inspect.signature(function).parameters, "return"):
        if name not in hints:
            yield f"{name} has no annotation"
        else:
            yield from (f"{name}: {problem}" for problem in problems_of(hints[name]))
