"""SMS: a port with two adapters, the offline book and an HTTP API."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

import httpx
from django.conf import settings

from domains.notifications.models import Delivery, Failure, PhoneNumber, SentSms
from domains.notifications.services.channels import http_answers, segments
from domains.notifications.services.channels.port import (
    AttemptFailed,
    DestinationGone,
    Parcel,
    Provider,
    Route,
)
from kernel.clock import now
from kernel.db import transaction

BOOK = "book:"
SECONDS = 10.0
LONGEST_SAID = 200


class Adapter(Provider, Protocol):
    """What sends SMS: by a `reference` that is the same for every attempt."""

    def send(self, *, reference: str, number: str, text: str) -> None:
        """Send the text to the number (E.164), once per reference; raise `AttemptFailed`."""


class _Gateway(ABC):
    """What both adapters share."""

    def __init__(self, name: str) -> None:
        self.name = name[:40]
        self.key = f"sms:{name}"[:200]

    @property
    def rate(self) -> tuple[int, int] | None:
        """SMS_RATE."""
        return settings.SMS_RATE

    @contextlib.contextmanager
    def connected(self) -> Iterator[_Gateway]:
        """Give itself: a connection is made with each message."""
        yield self

    def hand_over(self, parcel: Parcel) -> None:
        """Send the text of the parcel, no longer than SMS may be."""
        text = segments.bounded(parcel.content.text)
        self.send(reference=parcel.reference, number=parcel.address, text=text)

    @abstractmethod
    def send(self, *, reference: str, number: str, text: str) -> None:
        """Send it, as the port says."""


class Book(_Gateway):
    """Sends nothing: it writes down what would have been sent, for development and tests."""

    def send(self, *, reference: str, number: str, text: str) -> None:
        """Write it into the book, once per reference."""
        entry = {
            "recipient": number,
            "text": text,
            "segments": segments.count(text),
            "created_at": now(),
        }
        with transaction("notifications", final=False):
            SentSms.objects.get_or_create(reference=reference, defaults=entry)


class HttpApi(_Gateway):
    """Sends by a POST with To, From and Body as Twilio has them, as a form or as JSON."""

    def __init__(self, parts: SplitResult) -> None:
        super().__init__(parts.hostname or "")
        netloc = parts.netloc.rpartition("@")[2]
        self._url = parts._replace(netloc=netloc).geturl()
        self._account = (unquote(parts.username or ""), unquote(parts.password or ""))

    def send(self, *, reference: str, number: str, text: str) -> None:
        """Send it; a repeat carries the same Idempotency-Key."""
        told = {"To": number, "From": settings.SMS_FROM, "Body": text}
        written: dict[str, Any] = {"json" if settings.SMS_FORMAT == "json" else "data": told}
        try:
            answer = httpx.post(
                self._url,
                auth=self._account if any(self._account) else None,
                headers={"Idempotency-Key": reference},
                timeout=SECONDS,
                **written,
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise AttemptFailed(Failure.UNREACHABLE, _words(error)) from error
        except httpx.HTTPError as error:
            raise AttemptFailed(Failure.UNCERTAIN, _words(error)) from error
        if not answer.is_success:
            failure, wait = http_answers.meaning(answer.status_code, answer.headers)
            said = f"{answer.status_code} {answer.text[:LONGEST_SAID]}"
            raise AttemptFailed(failure, said, wait=wait)


def adapter() -> Adapter | None:
    """Return what SMS_URL names; None where nobody sends SMS."""
    if not settings.SMS_URL:
        return None
    if settings.SMS_URL == BOOK:
        return Book("book")
    return HttpApi(urlsplit(settings.SMS_URL))


def route(*, delivery: Delivery, organization_id: UUID | None) -> Route:  # noqa: ARG001  the port's
    """Return the way to the person's proven number; raise `DestinationGone` without one."""
    gateway = adapter()
    if gateway is None or delivery.account_id is None:
        raise DestinationGone("no SMS are sent here, or to nobody in person")
    phone = PhoneNumber.objects.filter(account_id=delivery.account_id).exclude(number="").first()
    if phone is None:
        raise DestinationGone("the person has no phone number any more")
    return Route(address=phone.number, providers=(gateway,))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
