"""Which IP addresses belong to the public internet.

The special purpose registries of the IANA (RFC 6890) are the source; they are written down here
because what the standard library calls global differs between its versions.
"""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
)

from django.conf import settings

from domains.notifications.services.outbound.errors import Refused

Address = IPv4Address | IPv6Address

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's host, inside of it
        "169.254.0.0/16",  # link-local, and clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# What IPv6 has for hosts of the internet: neither ::/96, mapped addresses, NAT64 (64:ff9b::/96 and
# 64:ff9b:1::/48), unique local, link-local nor multicast addresses are in it.
_GLOBAL_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def check(address: Address) -> None:
    """Raise `Refused` if the address is neither public nor in OUTBOUND_NETWORKS."""
    if not is_public(address) and not _is_allowed(address):
        raise Refused(f"{address} is not an address of the public internet.")


def is_public(address: Address) -> bool:
    """Return whether the address is one of the public internet that names one host by itself."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if address.scope_id or address not in _GLOBAL_V6:
        return False
    return not any(address in network for network in _NOT_PUBLIC_V6)


def _is_allowed(address: Address) -> bool:
    return any(address in ip_network(text) for text in settings.OUTBOUND_NETWORKS)
