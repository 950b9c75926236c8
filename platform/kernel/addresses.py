"""IP addresses and the networks that they count as, and the domains of e-mail addresses."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_MAPPED = 96  # bits before the IPv4 address in ::ffff:0:0/96 (RFC 4291, 2.5.5.2)


def network(address: str) -> str:
    """Return what an address is limited by: an IPv6 host owns a /64, so that counts as one."""
    found = parse(address)
    if isinstance(found, IPv6Address):
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return address or "local"


def site(address: str) -> str:
    """Return the neighbourhood of an address that its owner is likely to stay in: a /24, or /48."""
    found = parse(address)
    if found is None:
        return ""
    length = 24 if found.version == 4 else 48  # noqa: PLR2004  the version of the protocol
    return str(ip_network(f"{found}/{length}", strict=False))


@lru_cache(maxsize=4096)
def parse(text: str) -> Address | None:
    """Return the address, perhaps with a port behind it; None if it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


@lru_cache(maxsize=4096)
def parse_network(text: str) -> Network:
    """Return the network in CIDR notation, whatever stands behind its prefix; raise ValueError.

    One of IPv4 addresses that IPv6 maps is that of IPv4, as `parse` makes of its addresses.
    """
    if "%" in text:
        raise ValueError("a zone is no part of a network")
    found = ip_network(text, strict=False)
    mapped = isinstance(found, IPv6Network) and found.network_address.ipv4_mapped
    if mapped and found.prefixlen >= _MAPPED:
        return IPv4Network((mapped, found.prefixlen - _MAPPED))
    return found


def is_within(address: str, networks: Iterable[str]) -> bool:
    """Return whether the address is in one of the networks; one that isn't known is in none."""
    found = parse(address)
    return found is not None and any(found in parse_network(text) for text in networks)


def domain_of(email: str) -> str:
    """Return what stands behind the @, as `dns_name` spells it."""
    return dns_name(email.rpartition("@")[2])


def dns_name(domain: str) -> str:
    """Return the domain in lower case and as the DNS spells it (RFC 5890), if it can."""
    try:
        return domain.lower().encode("idna").decode()
    except UnicodeError:
        return domain.lower()
