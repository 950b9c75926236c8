"""The one client of Stripe's API, and what its errors mean here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import stripe
from django.conf import settings

from domains.billing.contract.errors import PaymentProviderUnavailable

log = logging.getLogger(__name__)

CONNECT_SECONDS, ANSWER_SECONDS = 4, 20
RETRIES = 2  # by Stripe's library, with the same idempotency key


def client() -> stripe.StripeClient:
    """Return the client for the present settings."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@cache
def _client(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base} if base else {},
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
    )


@contextmanager
def asking() -> Iterator[None]:
    """Raise `PaymentProviderUnavailable` for every error of Stripe's that the block doesn't catch.

    A wrong key is one as well: what was to be paid waits until the settings are right.
    """
    try:
        yield
    except stripe.StripeError as error:
        log.warning("Stripe: %s (request %s)", error.user_message or error.code, error.request_id)
        raise PaymentProviderUnavailable from error


def body_of(error: stripe.StripeError) -> dict[str, Any]:
    """Return Stripe's error object as plain JSON."""
    document: Any = error.json_body or {}
    body: dict[str, Any] = document.get("error") or {}
    return body


def is_missing(error: stripe.InvalidRequestError) -> bool:
    """Return whether Stripe says that there is no such object."""
    return error.code == "resource_missing" or error.http_status == 404  # noqa: PLR2004  not found
