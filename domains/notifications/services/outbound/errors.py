"""How a request to a customer's address can fail, as far as it decides what happens next."""

from __future__ import annotations


class OutboundError(Exception):
    """The request had no answer; the text may be shown to whoever gave the address."""


class Refused(OutboundError):
    """Nothing was sent, nor will be: the address is not one that we send to."""


class Unreachable(OutboundError):
    """Nothing was sent: the name, the connection or TLS failed; it may succeed later."""


class Uncertain(OutboundError):
    """The request was begun and has no whole answer; it may have arrived."""
