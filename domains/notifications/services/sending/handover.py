"""Mail to the mail server: the only code here that talks to it, and what its answers mean."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import BadHeaderError

from domains.notifications.models import Delivery, Failure
from domains.notifications.services.rendering.rendering import Content

PERMANENT_FROM = 500
LONGEST_REASON = 500


class AttemptFailed(Exception):
    """The attempt failed; `failure` decides what happens next, the text is for people."""

    def __init__(self, failure: Failure, reason: str) -> None:
        super().__init__(reason[:LONGEST_REASON])
        self.failure = failure


@dataclass(frozen=True, kw_only=True)
class Connection:
    """An open way to the mail server."""

    backend: BaseEmailBackend

    def hand_over(self, delivery: Delivery, mail: Content, *, address: str) -> None:
        """Send the mail; raise `AttemptFailed`, as uncertain where no answer came."""
        message = _compose(delivery, mail, address, self.backend)
        try:
            sent = self.backend.send_messages([message])
        except Exception as error:
            raise _after_hand_over(error) from error
        if not sent:
            raise AttemptFailed(Failure.TEMPORARY, "the mail backend took nothing")


@contextlib.contextmanager
def connected() -> Iterator[Connection]:
    """Open a connection to the mail server for the block; raise `AttemptFailed` if it can't be."""
    backend = get_connection()
    try:
        backend.open()
    except Exception as error:
        raise _before_hand_over(error) from error
    try:
        yield Connection(backend=backend)
    finally:
        # The answer to the mail has come by now: a failing goodbye changes nothing.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            backend.close()


def message_id(delivery: Delivery) -> str:
    """Return the Message-ID: the same for every attempt, another when staff sends it anew."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{delivery.id.hex}.{delivery.redrives}@{domain}>"


def _compose(
    delivery: Delivery, mail: Content, address: str, backend: BaseEmailBackend
) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[address],
        connection=backend,
        # RFC 3834: no out-of-office answers to what nobody wrote.
        headers={"Message-ID": message_id(delivery), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def _before_hand_over(error: Exception) -> AttemptFailed:
    """Nothing was handed over for certain; the server is away, or doesn't want us."""
    ours = (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, ssl.SSLError)
    if isinstance(error, ours) or _is_permanent(error):
        return AttemptFailed(Failure.CONFIGURATION, _reason(error))
    return AttemptFailed(Failure.UNREACHABLE, _reason(error))


def _after_hand_over(error: Exception) -> AttemptFailed:
    """An answer is certain; an unsendable mail never left; anything else may have arrived."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        failure = Failure.PERMANENT if code >= PERMANENT_FROM else Failure.TEMPORARY
        return AttemptFailed(failure, f"{code} {_text(text)}")
    if isinstance(error, smtplib.SMTPSenderRefused) and _is_permanent(error):
        return AttemptFailed(Failure.CONFIGURATION, _reason(error))
    if isinstance(error, smtplib.SMTPResponseException):
        failure = Failure.PERMANENT if _is_permanent(error) else Failure.TEMPORARY
        return AttemptFailed(failure, _reason(error))
    if isinstance(error, BadHeaderError | ValueError | smtplib.SMTPNotSupportedError):
        return AttemptFailed(Failure.PERMANENT, _reason(error))
    return AttemptFailed(Failure.UNCERTAIN, _reason(error))


def _is_permanent(error: Exception) -> bool:
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= PERMANENT_FROM


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
