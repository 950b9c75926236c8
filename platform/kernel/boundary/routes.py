"""Where each domain is: here, or at a URL. Read from the settings once, not on every call."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signals import setting_changed


class Routes(NamedTuple):
    """`urls` holds the domains that other processes serve; `testing` turns on the assertions."""

    urls: Mapping[str, str]
    testing: bool


@cache
def routes() -> Routes:
    """Return the settings that decide how a domain is called."""
    return Routes(urls=settings.REMOTE_DOMAINS, testing=settings.TESTING)


def _forget(*, setting: str, **_: Any) -> None:
    if setting in ("REMOTE_DOMAINS", "TESTING"):
        routes.cache_clear()


setting_changed.connect(_forget)
