"""Who listens to what: handlers by domain, and domains by event name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal, TypeVar, overload

from django.conf import settings
from pydantic import TypeAdapter

from kernel.events import types
from kernel.events.envelope import Envelope

T = TypeVar("T")
One = Callable[[Envelope[T]], None]
Many = Callable[[list[Envelope[T]]], None]


@dataclass(frozen=True)
class Subscription:
    """One handler's interest in event names (or globs, for readers of everything)."""

    domain: str
    listens_to: tuple[str, ...]
    reads: type[Any]
    handle: Callable[[Any], None]
    batch: bool = False
    ignore_stale: bool = False

    @property
    def handler(self) -> str:
        """The handler's stable name, under which the inbox remembers what it has handled."""
        return f"{self.domain}.{self.handle.__name__}"

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """What reads payloads into the reader's own type, built once."""
        return TypeAdapter(self.reads)

    def matches(self, name: str) -> bool:
        """Return whether the handler wants events of this name."""
        return any(fnmatchcase(name, wanted) for wanted in self.listens_to)


_subscriptions: list[Subscription] = []
_loaded: set[str] = set()


@overload
def on(
    *names: str, reads: type[T], batch: Literal[False] = False, ignore_stale: bool = False
) -> Callable[[One[T]], One[T]]: ...
@overload
def on(
    *names: str, reads: type[T], batch: Literal[True], ignore_stale: bool = False
) -> Callable[[Many[T]], Many[T]]: ...
def on(
    *names: str, reads: type[Any], batch: bool = False, ignore_stale: bool = False
) -> Callable[[Any], Any]:
    """Have a function in a domain's handlers.py called for every event of these names.

    It runs in a transaction of its own domain, together with the inbox row. `reads` is the
    handler's own dataclass for the payload; `batch` hands over a list of envelopes; with
    `ignore_stale` an event older than the newest handled one of its aggregate is passed over.
    """

    def register(handle: Callable[[Any], None]) -> Callable[[Any], None]:
        domain = handle.__module__.split(".")[1]
        add(Subscription(domain, names, reads, handle, batch, ignore_stale))
        return handle

    return register


def add(subscription: Subscription) -> None:
    """Register a subscription; raise TypeError when its handler's name is another function's."""
    for known in _subscriptions:
        if known.handler == subscription.handler and known.handle is not subscription.handle:
            raise TypeError(f"Two handlers are named {known.handler}")
    _subscriptions.append(subscription)


def remove(subscription: Subscription) -> None:
    """Forget a subscription."""
    _subscriptions.remove(subscription)


def of_domain(domain: str) -> tuple[Subscription, ...]:
    """Return the subscriptions of a domain that is served here, in order of registration."""
    load(domain)
    return tuple(s for s in _subscriptions if s.domain == domain)


def of_handler(handler: str, name: str) -> Subscription | None:
    """Return the subscription by which the handler wants events of this name."""
    candidates = of_domain(handler.partition(".")[0])
    return next((s for s in candidates if s.handler == handler and s.matches(name)), None)


def load(domain: str) -> None:
    """Import the domain's handlers and tasks, once; they register themselves."""
    if domain in _loaded:
        return
    for module in (f"domains.{domain}.handlers", f"domains.{domain}.tasks"):
        if find_spec(module):
            import_module(module)
    _loaded.add(domain)
    import_module("kernel.events.cleanup").register(domain)  # it needs the models, this doesn't


@cache
def listeners(name: str) -> tuple[str, ...]:
    """Return the domains, served here or not, that declare in LISTENS_TO to want this event."""
    wants = ((domain, glob) for domain in settings.ALL_DOMAINS for glob in declared(domain))
    return tuple(dict.fromkeys(domain for domain, glob in wants if fnmatchcase(name, glob)))


@cache
def audience(domain: str) -> tuple[str, ...]:
    """Return the domains that listen to any event of this one."""
    names = [kind.name for kind in types.by_name.values() if kind.domain == domain]
    return tuple(dict.fromkeys(listener for name in names for listener in listeners(name)))


def forget_listeners() -> None:
    """Read every LISTENS_TO anew, where a test has changed one."""
    listeners.cache_clear()
    audience.cache_clear()


def declared(domain: str) -> Iterator[str]:
    """Return the names and globs that the domain's interface declares in LISTENS_TO."""
    interface = import_module(f"domains.{domain}.interface")
    yield from interface.LISTENS_TO
