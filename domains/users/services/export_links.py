"""Links to exports: signed, for a quarter of an hour, made anew whenever one is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from domains.users.contract.errors import ExportLinkInvalid
from kernel import crypto

PURPOSE = "users.export"
LIFETIME = timedelta(minutes=15)
LONGEST = 12


def link_to(path: str, *, expires_at: datetime) -> str:
    """Return the URL of a path of this API, good until then."""
    expires = str(int(expires_at.timestamp()))
    signature = crypto.sign(PURPOSE, _signed(path, expires))
    return f"{settings.PUBLIC_URL}/api/v1/{path}?expires={expires}&signature={signature}"


def check_link(path: str, *, expires: str, signature: str, now: datetime) -> None:
    """Raise `ExportLinkInvalid` unless this API signed the link and it has not expired."""
    known = expires.isascii() and expires.isdigit() and len(expires) <= LONGEST
    if not known or not crypto.verify(PURPOSE, _signed(path, expires), signature):
        raise ExportLinkInvalid
    if now.timestamp() >= int(expires):
        raise ExportLinkInvalid("The link has expired.")


def _signed(path: str, expires: str) -> bytes:
    return f"{path}:{expires}".encode()
