"""What gunicorn can't parse, answered on the same way as every request: id, problem, log line."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date
from gunicorn.http import errors as parser

from gateway.errors import (
    ExpectationUnmet,
    HeadersTooLarge,
    RequestLineTooLong,
    RequestUnreadable,
    TransferCodingUnsupported,
    problem,
)
from gateway.middleware import Identity
from kernel.errors import DomainError

OUR_MISTAKES = (
    parser.InvalidResponseHeader,
    parser.InvalidResponseHeaderName,
    parser.ConfigurationProblem,
)


def answer(error: Exception, *, address: str, limits: Any) -> bytes:
    """Return the whole answer to what came from the address; `limits` are gunicorn's settings."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    answered = Identity(partial(problem, _refusal(error, limits)))(request)
    response = cast("HttpResponse", answered)
    head = (
        f"HTTP/1.1 {response.status_code} {response.reason_phrase}\r\n"
        f"Date: {http_date()}\r\nConnection: close\r\n"
    )
    return head.encode("latin-1") + response.serialize()


def _refusal(error: Exception, limits: Any) -> Exception:
    """Return the parser's error in our words; another is a mistake of ours and stays what it is."""
    if isinstance(error, OUR_MISTAKES) or not isinstance(error, parser.ParseException):
        return error
    return _in_words(error, limits)


def _in_words(error: Exception, limits: Any) -> DomainError:
    match error:
        case parser.LimitRequestLine():
            return RequestLineTooLong(f"At most {limits.limit_request_line} bytes are read.")
        case parser.LimitRequestHeaders():
            return HeadersTooLarge(
                f"At most {limits.limit_request_fields} headers are read, "
                f"each of at most {limits.limit_request_field_size} bytes."
            )
        case parser.UnsupportedTransferCoding():
            return TransferCodingUnsupported("Send the body as it is, with Content-Length.")
        case parser.ExpectationFailed():
            return ExpectationUnmet("Expect nothing, or 100-continue.")
    return RequestUnreadable("It breaks the rules of RFC 9112.")
