"""What people's own words may be: names, language tags, time zones, slugs."""

from __future__ import annotations

import re
from functools import cache
from ipaddress import ip_network
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError

NAME_LENGTH = 100
# RFC 5646, 4.4.1: room for every tag that doesn't pile up extensions.
LOCALE_LENGTH = 35
TIME_ZONE_LENGTH = 64
SLUG_LENGTH = 48
# An IPv6 network at its longest.
NETWORK_LENGTH = 43
# RFC 1035, 2.3.4.
DOMAIN_LENGTH = 253

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# RFC 1123, 2.1: labels of letters, digits and hyphens; Unicode ones as RFC 5890 writes them.
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")

# RFC 5646, 2.1: language (with extended subtags), script, region, variants, extensions and
# private use; tags that are irregular or for private use alone name no language to write in.
_LOCALE = re.compile(
    r"""
    ( [a-z]{2,3} (-[a-z]{3}){0,3} | [a-z]{4,8} )
    (-[a-z]{4})?
    (-([a-z]{2} | [0-9]{3}))?
    (-([a-z0-9]{5,8} | [0-9][a-z0-9]{3}))*
    (-[0-9a-wy-z](-[a-z0-9]{2,8})+)*
    (-x(-[a-z0-9]{1,8})+)?
    """,
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)

# They'd break a mail's subject, or show a name in another order than it is written.
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def validate_locale(tag: str) -> None:
    """Raise `ValidationError` unless the text has the shape of a BCP 47 language tag."""
    if not _LOCALE.fullmatch(tag):
        raise ValidationError("This is no language tag, such as en or pt-BR (BCP 47).", "locale")


def validate_one_line(text: str) -> None:
    """Raise `ValidationError` if the text holds what a name has no use for."""
    if _NOT_IN_A_LINE.search(text):
        raise ValidationError(
            "Line breaks, control characters and changes of direction are refused.", "one_line"
        )


@cache
def _time_zones() -> frozenset[str]:
    # Neither is a zone: what this machine uses, and "not set up yet".
    return frozenset(available_timezones() - {"localtime", "Factory"})


def validate_time_zone(name: str) -> None:
    """Raise `ValidationError` unless the IANA database has a zone of that name."""
    if name not in _time_zones():
        raise ValidationError("This is no time zone, such as Europe/Paris (IANA).", "time_zone")


def validate_slug(slug: str) -> None:
    """Raise `ValidationError` unless the text can stand in an address as it is."""
    if not _SLUG.fullmatch(slug):
        raise ValidationError("Use lower-case letters, digits and single hyphens.", "slug")


def validate_email_domain(name: str) -> None:
    """Raise `ValidationError` unless the text is the part of e-mail addresses after the @."""
    if len(name) > DOMAIN_LENGTH or not _DOMAIN.fullmatch(name):
        raise ValidationError("This is no domain, such as example.com.", "email_domain")


def validate_network(text: str) -> None:
    """Raise `ValidationError` unless the text is an IP network in CIDR notation (RFC 4632)."""
    try:
        ip_network(text)
    except ValueError as error:
        raise ValidationError("This is no network, such as 203.0.113.0/24.", "network") from error
