"""Where a request comes from."""

from __future__ import annotations

from kernel.addresses import parse


def client_address(peer: str, forwarded_for: str, *, trusted_proxies: int) -> str:
    """Return the client's IP address, or "" where the peer has none (a socket).

    Each trusted proxy has appended the address it was called from to X-Forwarded-For; whatever
    stands before those is the client's own invention.
    """
    if trusted_proxies and forwarded_for:
        hops = forwarded_for.split(",")
        if len(hops) >= trusted_proxies:
            found = parse(hops[-trusted_proxies])
            if found:
                return str(found)
    return str(parse(peer) or "")
