"""What may come in: type and size by the headers alone, then depth, keys and text of the JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError

from kernel.errors import FieldError, Malformed, TooLarge, Unsupported, ValidationFailed
from kernel.rest import Body
from kernel.rest.serializers import reference_token

MAX_DEPTH = 32
MAX_CONTAINERS = 20_000
# A string is consumed whole, ended or not, so that every byte is looked at once.
_TOKENS = re.compile(r'"(?:[^"\\]|\\.|\\\Z)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


class BodyTooLarge(TooLarge):
    code = "gateway.body_too_large"
    title = "The body is too large"


class ContentTypeUnsupported(Unsupported):
    code = "gateway.content_type_unsupported"
    title = "This operation doesn't take this content type"


class JSONInvalid(Malformed):
    code = "gateway.json_invalid"
    title = "The body isn't valid JSON"


class JSONTooComplex(Malformed):
    code = "gateway.json_too_complex"
    title = "The JSON is nested too deeply or has too many members"


class BodyCutShort(Malformed):
    code = "gateway.body_cut_short"
    title = "The body ended too early"


class LengthRequired(Malformed):
    code = "gateway.length_required"
    title = "Say how long the body is"


def check(request: HttpRequest, body: Body) -> None:
    """Refuse a body by its headers, before a byte of it is read.

    Raises `LengthRequired`, `BodyTooLarge` or `ContentTypeUnsupported`.
    """
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        raise LengthRequired("Send Content-Length.")
    length = _length(request)
    if length > body.max_bytes:
        raise BodyTooLarge(f"At most {body.max_bytes} bytes are taken.", max_bytes=body.max_bytes)
    accepted = body.content_types
    if length and request.content_type not in accepted and "*/*" not in accepted:
        raise ContentTypeUnsupported(f"Send {' or '.join(sorted(accepted))}.")


def read_json(request: HttpRequest, *, max_members: int) -> Any:
    """Return the body's JSON with so many members at most; an empty body is an empty object.

    Raises `JSONInvalid`, `JSONTooComplex`, and `ValidationFailed` for text that can't be stored.
    """
    if not _length(request):
        return {}
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JSONInvalid("JSON is UTF-8 (RFC 8259, 8.1).") from error
    except (UnreadablePostError, RawPostDataException) as error:
        raise JSONInvalid("The body ended too early.") from error
    return parse(text, max_members=max_members)


def read_whole(request: HttpRequest) -> None:
    """Take a body that isn't JSON into `request.body`.

    Raises `BodyCutShort` where its sender went away: half a list would look like a list.
    """
    try:
        complete = len(request.body) == _length(request)
    except (UnreadablePostError, RawPostDataException) as error:
        raise BodyCutShort("The rest of it never came.") from error
    if not complete:
        raise BodyCutShort("Less came than Content-Length says.")


def parse(text: str, *, max_members: int = Body.max_members) -> Any:
    """Return the JSON document of the text; raise as `read_json` does."""
    _check_nesting(text)
    try:
        document = json.loads(
            text,
            object_pairs_hook=_Members(max_members),
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:
        raise JSONInvalid(_reason(error)) from error
    if "\\u" in text:
        _check_text(document)
    return document


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    if not (text.isascii() and text.isdigit()):
        raise LengthRequired("Content-Length is a number.")
    return int(text)


def _check_nesting(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = containers = 0
    for token in _TOKENS.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            containers += 1
        elif first != '"':
            depth -= 1
        if depth > MAX_DEPTH or containers > MAX_CONTAINERS:
            raise JSONTooComplex(f"At most {MAX_DEPTH} levels are read.")


class _Members:
    """Builds the objects of one document, counting their members and refusing doubles."""

    def __init__(self, most: int) -> None:
        self.most = self.left = most

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self.left -= len(pairs)
        if self.left < 0:
            raise JSONTooComplex(f"At most {self.most} members are read.")
        members = dict(pairs)
        if len(members) != len(pairs):
            raise JSONInvalid("A name stands twice in one object (RFC 7493, 2.3).")
        return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("A number is out of range")
    return number


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}."
    return "A number in it can't be read."


def _check_text(document: Any) -> None:
    wrong = [
        FieldError(pointer=pointer, code="text", detail="It holds a character that isn't text.")
        for pointer, text in _texts(document, "")
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
    ]
    if wrong:
        raise ValidationFailed("Text can't hold NUL or half a surrogate pair.", errors=wrong)


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield pointer, name
            yield from _texts(item, pointer + reference_token(name))
