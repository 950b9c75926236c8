"""The parts of a URL that a customer gave, in one spelling only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urlsplit

import idna
from django.conf import settings

from domains.notifications.services.outbound.errors import Refused
from domains.notifications.services.outbound.networks import Address, check

MOST_CHARACTERS = 2048
PORTS = {"https": 443, "http": 80}
_MOST_OF_A_NAME = 253
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# What may stand in a path or a query as it is (RFC 3986, 3.3 and 3.4); % is taken as written.
_PLAIN = "/:@!$&'()*+,;=%-._~?"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a request goes: the host in ASCII, and its address where the host is one."""

    scheme: str
    host: str
    port: int
    path: str
    address: Address | None

    @property
    def authority(self) -> str:
        """What the Host header says (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def parse(url: str) -> Target:
    """Return the parts of the URL; raise `Refused` where it is not one that we send to."""
    parts = _split(url)
    if parts.scheme not in _schemes():
        raise Refused(f"The address must begin with {' or '.join(_schemes())}.")
    if "@" in parts.netloc:
        raise Refused("The address must not hold a user name or a password.")
    address, host = _host(parts.hostname or "")
    if address is not None:
        check(address)
    return Target(
        scheme=parts.scheme,
        host=host,
        port=_port(parts),
        path=_path(parts),
        address=address,
    )


def _schemes() -> tuple[str, ...]:
    return ("https", "http") if settings.OUTBOUND_HTTP else ("https",)


def _split(url: str) -> SplitResult:
    if len(url) > MOST_CHARACTERS:
        raise Refused(f"The address is longer than {MOST_CHARACTERS} characters.")
    # Parsers differ over what these mean; nobody needs them.
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise Refused("The address holds a space, a control character or a backslash.")
    try:
        return urlsplit(url)
    except ValueError as error:
        raise Refused("The address is not a URL.") from error


def _port(parts: SplitResult) -> int:
    try:
        port = PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError as error:
        raise Refused("The port is not a number.") from error
    if str(port) not in settings.OUTBOUND_PORTS:
        raise Refused(f"Port {port} is not among {', '.join(settings.OUTBOUND_PORTS)}.")
    return port


def _path(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_PLAIN)
    return f"{path}?{quote(parts.query, safe=_PLAIN)}" if parts.query else path


def _host(text: str) -> tuple[Address | None, str]:
    if ":" in text:
        return _version_6(text)
    name = _ascii(text).removesuffix(".")
    labels = name.split(".")
    # One that ends in a number is an address, in whatever notation (WHATWG URL, "ends in a number
    # checker"); only the plain one is taken.
    if _NUMBER.fullmatch(labels[-1]):
        return _version_4(name)
    if len(name) > _MOST_OF_A_NAME or not all(map(_LABEL.fullmatch, labels)):
        raise Refused("The address has no valid host name.")
    return None, name


def _ascii(text: str) -> str:
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode()
    except idna.IDNAError as error:
        raise Refused("The address has no valid host name.") from error


def _version_4(text: str) -> tuple[Address, str]:
    try:
        address = IPv4Address(text)
    except ValueError as error:
        raise Refused("An IP address must be written as four decimal numbers.") from error
    return address, str(address)


def _version_6(text: str) -> tuple[Address, str]:
    try:
        address = IPv6Address(text)
    except ValueError as error:
        raise Refused("The address has no valid host name.") from error
    if address.scope_id:
        raise Refused("An IP address must not name a zone.")
    return address, str(address)
