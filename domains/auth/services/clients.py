"""The client that somebody signs in with, as its owner would recognize it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import maxminddb
from django.conf import settings
from ua_parser import parse

from kernel import context
from kernel.addresses import network, site

UNKNOWN = "Unknown device"
LONGEST = 100


@dataclass(frozen=True, kw_only=True)
class Client:
    """What a request says of the client it comes from: its IP address and its user agent."""

    address: str = ""
    user_agent: str = ""

    @cached_property
    def device(self) -> str:
        """Browser and system in a few words, as in "Firefox on Windows"."""
        return device_of(self.user_agent)

    @cached_property
    def network(self) -> str:
        """The neighbourhood of its address (IPv4 /24, IPv6 /48), which its owner is often in."""
        return site(self.address)

    @cached_property
    def host(self) -> str:
        """What counts as one sender: the IPv4 address, or the IPv6 /64."""
        return network(self.address)

    @cached_property
    def place(self) -> str:
        """City and country if GEOIP_DATABASE tells, otherwise the network."""
        return _place(self.address) or self.network


def present_client() -> Client:
    """Return the client of the present request."""
    present = context.current()
    return Client(address=present.client_address, user_agent=present.user_agent)


@lru_cache(maxsize=1024)
def device_of(user_agent: str) -> str:
    """Return browser and system, or what the client calls itself."""
    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    named = " on ".join(name for name in (browser, system) if name)
    return (named or user_agent.partition(" ")[0] or UNKNOWN)[:LONGEST]


@cache
def _places(path: str) -> maxminddb.Reader:
    return maxminddb.open_database(path)


def _place(address: str) -> str:
    if not settings.GEOIP_DATABASE or not address:
        return ""
    found: Any = _places(settings.GEOIP_DATABASE).get(address) or {}
    names = (found.get(level, {}).get("names", {}).get("en") for level in ("city", "country"))
    return ", ".join(name for name in names if name)[:LONGEST]
