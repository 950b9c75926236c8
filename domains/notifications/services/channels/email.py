"""E-mail: through SMTP servers or providers' APIs, the next one where the first is away."""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from domains.notifications.models import Delivery, Failure
from domains.notifications.services.channels import mail_answers
from domains.notifications.services.channels.port import AttemptFailed, Parcel, Route


@dataclass(frozen=True, kw_only=True)
class MailProvider:
    """One of EMAIL_URL; without a backend it is what Django's EMAIL_* settings say."""

    name: str
    backend: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What its breaker and its rate are kept under."""
        return f"email:{self.name}"

    @property
    def rate(self) -> tuple[int, int] | None:
        """EMAIL_RATE."""
        return settings.EMAIL_RATE

    @contextlib.contextmanager
    def connected(self) -> Iterator[MailConnection]:
        """Open a connection for the block; raise `AttemptFailed` if it can't be."""
        options = mail_answers.options_of(self.backend or settings.EMAIL_BACKEND, self.options)
        try:
            backend = get_connection(self.backend or None, **options)
            backend.open()
        except Exception as error:
            raise mail_answers.before_hand_over(error) from error
        try:
            yield MailConnection(backend=backend)
        finally:
            # The answer to the mail has come by now: a failing goodbye changes nothing.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                backend.close()


@dataclass(frozen=True, kw_only=True)
class MailConnection:
    """An open way to a mail server or a provider."""

    backend: BaseEmailBackend

    def hand_over(self, parcel: Parcel) -> None:
        """Send the mail; raise `AttemptFailed`, as uncertain where no answer came."""
        message = _compose(parcel, self.backend)
        try:
            sent = self.backend.send_messages([message])
        except Exception as error:
            raise mail_answers.after_hand_over(error) from error
        if not sent:
            raise AttemptFailed(Failure.TEMPORARY, "the mail backend took nothing")


def route(*, delivery: Delivery, organization_id: UUID | None) -> Route:  # noqa: ARG001  the port's
    """Return the providers; where to, is known with the letter."""
    providers = (MailProvider(**each) for each in settings.EMAIL_PROVIDERS)
    return Route(address="", providers=tuple(providers))


def message_id(delivery: Delivery) -> str:
    """Return the Message-ID: the same for every attempt, another when staff sends it anew."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{delivery.id.hex}.{delivery.redrives}@{domain}>"


def _compose(parcel: Parcel, backend: BaseEmailBackend) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=parcel.content.subject,
        body=parcel.content.text,
        to=[parcel.address],
        connection=backend,
        headers={
            "Message-ID": parcel.reference,
            # RFC 3834: no out-of-office answers to what nobody wrote.
            "Auto-Submitted": "auto-generated",
            **_unsubscribing(parcel.unsubscribe),
        },
    )
    message.attach_alternative(parcel.content.html, "text/html")
    return message


def _unsubscribing(url: str) -> dict[str, str]:
    """Return the headers of RFC 2369 and RFC 8058; the latter wants HTTPS."""
    if not url:
        return {}
    headers = {"List-Unsubscribe": f"<{url}>"}
    if url.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
