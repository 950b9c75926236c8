"""The one look-up of a name, whose addresses are then the only ones that are connected to."""

from __future__ import annotations

import socket
import threading
from ipaddress import ip_address
from typing import Any

from domains.notifications.services.outbound.deadlines import Deadline
from domains.notifications.services.outbound.errors import Unreachable
from domains.notifications.services.outbound.networks import Address, check
from domains.notifications.services.outbound.urls import Target


def resolve(*, target: Target, deadline: Deadline, connect: float) -> tuple[Address, ...]:
    """Return the addresses of the target's host, all of them allowed, in the resolver's order.

    Raises `Refused` if one of them is not: a name that also leads inside is not to be trusted
    with any. Raises `Unreachable` if it has none, or not within `connect` seconds.
    """
    if target.address is not None:
        return (target.address,)
    found = _look_up(target, min(deadline.left(), connect))
    addresses = tuple(dict.fromkeys(ip_address(row[4][0]) for row in found))
    for address in addresses:
        check(address)
    if not addresses:
        raise Unreachable(f"The name {target.host} has no address.")
    return addresses


def _look_up(target: Target, seconds: float) -> list[Any]:
    """Ask the system's resolver, which has no time limit of its own that could be given."""
    outcome: list[Any] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            outcome.append(found)
        except (OSError, UnicodeError) as error:
            outcome.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not outcome:
        raise Unreachable(f"The name {target.host} was not resolved in time.")
    if isinstance(outcome[0], Exception):
        raise Unreachable(f"The name {target.host} has no address.") from outcome[0]
    return list(outcome[0])
