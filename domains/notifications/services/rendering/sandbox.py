"""Liquid that neither says nor takes more than a message may, whoever wrote it.

python-liquid bounds output, loops, nesting and local names. What it leaves open is closed here:
wall time, filters that blow a value up, ranges that never end, and templates that load others.
See docs/adr/0180-templates-are-bounded-in-time-and-output.md.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any

from liquid import BoundTemplate, Environment, RenderContext, StrictUndefined
from liquid.builtin.expressions import LoopExpression
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import LiquidError, LiquidSyntaxError, ResourceLimitError
from liquid.token import Token

LONGEST_SOURCE = 20_000
LONGEST_OUTPUT = 200_000
LONGEST_VALUE = 50_000
LONGEST_LIST = 1_000
# Above every figure that people count, below what takes time to write down.
LARGEST_NUMBER = 10**30
SECONDS = 1.0
# They load other templates, run what a value says, or show what wasn't escaped.
NO_TAGS = ("include", "render")
NO_FILTERS = ("safe", "escapejs", "date")
_CLOSES = {"{{": "}}", "{%": "%}"}
_DELIMITERS = re.compile(r"\{\{|\}\}|\{%|%\}")
_BLANKS = re.compile(r"\s{30}")
_UNREAD = re.compile(r"-?\s*(raw|doc)\b")


class TimeLimitError(ResourceLimitError):
    """The template took longer than it may."""


class ValueLimitError(ResourceLimitError):
    """A value became larger than any may be."""


class BoundedContext(RenderContext):
    """Ends a rendering that takes too long: every node of a template passes here."""

    __slots__ = ("deadline",)

    def __init__(self, *args: Any, **options: Any) -> None:
        self.deadline = time.monotonic() + SECONDS
        super().__init__(*args, **options)

    @property
    def disabled_tags(self) -> list[str]:
        """What each node asks for before it is rendered: so it is when the time is looked at."""
        self.check_time()
        return []

    @disabled_tags.setter
    def disabled_tags(self, tags: list[str]) -> None:
        """Take none: only `render` disables tags, which there is not."""

    def check_time(self) -> None:
        """Raise `TimeLimitError` once the time is up."""
        if time.monotonic() > self.deadline:
            raise TimeLimitError("it took too long", token=None)

    def filter(self, name: str, token: Any) -> Callable[..., object]:
        """Return the filter; what goes in and out of it is bounded, and so is its time."""
        run = super().filter(name, token)

        @wraps(run)
        def bounded(*args: Any, **options: Any) -> object:
            self.check_time()
            _check_arguments(name, args)
            try:
                return _checked(run(*args, **options))
            except (ArithmeticError, ValueError, AttributeError, RecursionError) as error:
                raise LiquidError(f"{name}: {error}", token=token) from error

        return bounded


class BoundedTemplate(BoundTemplate):
    """A template whose rendering is bounded in time."""

    context_class = BoundedContext


class BoundedEnvironment(Environment):
    """Liquid within limits."""

    template_class = BoundedTemplate
    output_stream_limit = LONGEST_OUTPUT
    loop_iteration_limit = 1_000
    local_namespace_limit = 500_000
    context_depth_limit = 20
    block_nesting_limit = 20

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Leave out what no template needs that says something to people."""
        super().setup_tags_and_filters(extra=extra)
        for tag in NO_TAGS:
            del self.tags[tag]
        for name in NO_FILTERS:
            del self.filters[name]


_PLAIN = BoundedEnvironment(undefined=StrictUndefined)
_HTML = BoundedEnvironment(undefined=StrictUndefined, autoescape=True)


@lru_cache(maxsize=1_024)
def parse(source: str, *, html: bool = False) -> BoundTemplate:
    """Return the template; raise `LiquidError` for what is no Liquid, or too long."""
    if len(source) > LONGEST_SOURCE:
        raise ValueLimitError(f"it is longer than {LONGEST_SOURCE} characters", token=None)
    _refuse_for_the_lexer(source)
    template = (_HTML if html else _PLAIN).from_string(source)
    _refuse_ranges(template)
    return template


def fill(source: str, context: Mapping[str, Any], *, html: bool = False) -> str:
    """Return the filled template; raise `LiquidError` if it can't be, or not within the limits.

    What is said is kept in PostgreSQL, so it is without the NUL that a filter can decode.
    """
    try:
        return parse(source, html=html).render(**context).replace("\0", "")
    except RecursionError as error:
        raise LiquidError("it is nested too deep", token=None) from error


def _check_arguments(name: str, args: tuple[Any, ...]) -> None:
    for value in args:
        _checked(value)
    if name.startswith("replace") and len(args) > 1:
        old, new = str(args[1]), str(args[2]) if len(args) > 2 else ""  # noqa: PLR2004  what, with what
        _check_length(str(args[0]).count(old) * len(new))
    if name == "join" and isinstance(args[0], list | tuple):
        glue = str(args[1]) if len(args) > 1 else " "
        _check_length(len(args[0]) * len(glue) + sum(len(str(each)) for each in args[0]))


def _checked(value: Any) -> Any:
    if isinstance(value, str):
        _check_length(len(value))
    elif isinstance(value, list | tuple | dict):
        _check_items(value)
    elif isinstance(value, int | float) and abs(value) > LARGEST_NUMBER:
        raise ValueLimitError("a number is too large", token=None)
    return value


def _check_items(value: Any) -> None:
    if len(value) > LONGEST_LIST:
        raise ValueLimitError("a list is too long", token=None)


def _check_length(length: int) -> None:
    if length > LONGEST_VALUE:
        raise ValueLimitError("a text is too long", token=None)


def _refuse_for_the_lexer(source: str) -> None:
    """Refuse what the lexer would look through again and again: one pass finds it."""
    opened: re.Match[str] | None = None
    for found in _DELIMITERS.finditer(source):
        if opened is None:
            opened = found if found[0] in _CLOSES else None
            continue
        if found[0] in _CLOSES:
            break
        if found[0] == _CLOSES[opened[0]]:
            _check_inside(source, opened.end(), found.start())
            opened = None
    if opened is not None:
        raise LiquidSyntaxError(
            f"{_CLOSES[opened[0]]} is missing", token=_at(source, opened.start())
        )


def _check_inside(source: str, start: int, end: int) -> None:
    inside = source[start:end]
    if _UNREAD.match(inside):
        raise LiquidSyntaxError("raw and doc are no tags here", token=_at(source, start))
    if _BLANKS.search(inside):
        raise LiquidSyntaxError("there are too many blanks", token=_at(source, start))


def _at(source: str, index: int) -> Token:
    return Token("tag", "", index, source)


def _refuse_ranges(template: BoundTemplate) -> None:
    """Refuse a range anywhere but in a loop: filters and `contains` would walk through it in C."""
    static = RenderContext(template)
    nodes = list(template.nodes)
    while nodes:
        node = nodes.pop()
        nodes += node.children(static)
        expressions = list(node.expressions())
        while expressions:
            expression = expressions.pop()
            if isinstance(expression, RangeLiteral):
                raise LiquidSyntaxError("a range stands in a loop alone", token=expression.token)
            inner = list(expression.children())
            if isinstance(expression, LoopExpression):
                inner = [each for each in inner if not isinstance(each, RangeLiteral)]
            expressions += inner
