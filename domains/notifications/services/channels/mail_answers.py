"""What the answers of mail servers and of providers' APIs mean."""

from __future__ import annotations

import smtplib
import ssl
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.mail.message import BadHeaderError

from domains.notifications.models import Failure
from domains.notifications.services.channels import http_answers
from domains.notifications.services.channels.port import AttemptFailed

PERMANENT_FROM = 500
API = "anymail."
SECONDS = 10


def options_of(backend: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return what the backend is made with: bounded in time, and never repeating by itself."""
    if backend.endswith("amazon_ses.EmailBackend"):
        from botocore.config import Config

        bounds = Config(
            connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 1}
        )
        return {**options, "client_params": {**options.get("client_params", {}), "config": bounds}}
    return options


def before_hand_over(error: Exception) -> AttemptFailed:
    """Nothing was handed over for certain; the server is away, or doesn't want us."""
    ours = (
        smtplib.SMTPAuthenticationError,
        smtplib.SMTPNotSupportedError,
        ssl.SSLError,
        ImproperlyConfigured,
    )
    if isinstance(error, ours) or _is_permanent(error):
        return AttemptFailed(Failure.CONFIGURATION, _reason(error))
    return AttemptFailed(Failure.UNREACHABLE, _reason(error))


def after_hand_over(error: Exception) -> AttemptFailed:
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
    if type(error).__name__.startswith("Anymail"):
        return _of_api(error)
    if isinstance(error, BadHeaderError | ValueError | smtplib.SMTPNotSupportedError):
        return AttemptFailed(Failure.PERMANENT, _reason(error))
    return AttemptFailed(Failure.UNCERTAIN, _reason(error))


def _of_api(error: Exception) -> AttemptFailed:
    """Say what an error of a provider's API means; only now are its libraries needed."""
    from anymail.exceptions import AnymailRecipientsRefused
    from requests.exceptions import ConnectTimeout
    from urllib3.exceptions import NameResolutionError, NewConnectionError

    status = getattr(error, "status_code", None)
    if status is not None:
        failure, wait = http_answers.meaning(status, _headers(error))
        return AttemptFailed(failure, _reason(error), wait=wait)
    if isinstance(error, AnymailRecipientsRefused | ValueError | TypeError):
        return AttemptFailed(Failure.PERMANENT, _reason(error))
    never_left = (NewConnectionError, NameResolutionError)
    if isinstance(error, ConnectTimeout) or any(isinstance(e, never_left) for e in _roots(error)):
        return AttemptFailed(Failure.UNREACHABLE, _reason(error))
    return AttemptFailed(Failure.UNCERTAIN, _reason(error))


def _roots(error: BaseException | None) -> list[object]:
    """Return what lies beneath the error: requests wraps what urllib3 raised in its own."""
    found: list[object] = []
    while error is not None:
        inner = error.args[0] if error.args else None
        found += [error, inner, getattr(inner, "reason", None)]
        error = error.__cause__
    return found


def _headers(error: Exception) -> dict[str, str]:
    response = getattr(error, "response", None)
    return dict(getattr(response, "headers", None) or {})


def _is_permanent(error: Exception) -> bool:
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= PERMANENT_FROM


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
