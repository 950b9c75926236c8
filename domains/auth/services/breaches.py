"""A service that knows breached passwords, asked so that it doesn't learn the password.

The protocol is the range search of Have I Been Pwned: it is told five of the forty digits of the
SHA-1, and answers every ending it knows with how often each was seen, and some invented ones
(`Add-Padding`) seen never.
"""

from __future__ import annotations

import hashlib
import logging
from functools import cache
from time import monotonic

import httpx
from django.conf import settings
from django.core.exceptions import ValidationError

from domains.auth.services.normalization import nfkc
from kernel.db import in_transaction

TIMEOUT = 1.0
PREFIX = 5
LARGEST_ANSWER = 1_000_000

log = logging.getLogger(__name__)


class AskedInTransaction(RuntimeError):
    """Somebody else's service must not hold locks up."""


def refuse_breached(password: str) -> None:
    """Raise `ValidationError` if the service has seen the password.

    Without a service, or while it doesn't answer, every password passes: the shipped list has
    been asked before, and nobody is kept from a new password by somebody else's outage.
    """
    if not settings.BREACHED_PASSWORDS_URL:
        return
    if in_transaction("auth"):
        raise AskedInTransaction
    if _is_breached(password):
        raise ValidationError(
            "This password stands in published lists of stolen ones.", code="password_breached"
        )


def _is_breached(password: str) -> bool:
    digest = hashlib.sha1(nfkc(password).encode(), usedforsecurity=False).hexdigest().upper()
    prefix, ending = digest[:PREFIX], digest[PREFIX:]
    try:
        answer = _ask(prefix)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        log.warning("The service of breached passwords can't be asked: %s", type(error).__name__)
        return False
    rows = (line.strip().upper().partition(":") for line in answer.splitlines())
    return any(known == ending and count.strip("0") for known, _, count in rows)


def _ask(prefix: str) -> str:
    url = settings.BREACHED_PASSWORDS_URL.rstrip("/") + "/" + prefix
    deadline = monotonic() + TIMEOUT
    answer = b""
    with _client().stream("GET", url, headers={"Add-Padding": "true"}, timeout=TIMEOUT) as response:
        response.raise_for_status()
        for part in response.iter_bytes():
            answer += part
            if monotonic() > deadline or len(answer) > LARGEST_ANSWER:
                raise httpx.ReadTimeout("The answer doesn't end.")
    return answer.decode("ascii", errors="replace")


@cache
def _client() -> httpx.Client:
    return httpx.Client(headers={"User-Agent": settings.PRODUCT_NAME})
