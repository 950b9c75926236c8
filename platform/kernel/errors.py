"""The one root of every error that a caller may see.

An error says what is wrong in the domain's words and carries a code. Its kind (the class it
inherits) is what the gateway turns into an HTTP status; nothing here knows HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

by_code: dict[str, type[DomainError]] = {}


class DomainError(Exception):
    """What a domain answers instead of a result.

    `code` is stable and unique (`billing.plan_unknown`), `title` the same for every occurrence,
    `detail` about this one and safe to show, `details` further plain JSON members.
    """

    code: ClassVar[str]
    title: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            return
        known = by_code.setdefault(cls.code, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"The code {cls.code} is taken by {known.__qualname__}")
        by_code[cls.code] = cls

    def __init__(self, detail: str = "", *, pointer: str | None = None, **details: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.pointer = pointer
        self.details = details


class Malformed(DomainError):
    """The request can't be parsed."""

    code = "kernel.malformed"
    title = "The request can't be read"


class Unauthenticated(DomainError):
    """Nobody knows who asks."""

    code = "kernel.unauthenticated"
    title = "Sign in first"


class Forbidden(DomainError):
    """Known, but not allowed."""

    code = "kernel.forbidden"
    title = "Not allowed"


class NotFound(DomainError):
    """It doesn't exist, or not for this caller: the two are told apart by nobody."""

    code = "kernel.not_found"
    title = "Not found"


class Conflict(DomainError):
    """The present state refuses it."""

    code = "kernel.conflict"
    title = "The present state doesn't allow this"


class PreconditionFailed(DomainError):
    """The caller saw an older version than the present one."""

    code = "kernel.precondition_failed"
    title = "It has changed since it was read"


class PreconditionRequired(DomainError):
    """The caller must say which version it saw."""

    code = "kernel.precondition_required"
    title = "Say which version you saw"


class TooLarge(DomainError):
    """More than is taken."""

    code = "kernel.too_large"
    title = "Too large"


class Unsupported(DomainError):
    """A format that isn't taken here."""

    code = "kernel.unsupported"
    title = "This format isn't taken here"


class Invalid(DomainError):
    """It can be parsed, but its content is wrong; `pointer` (RFC 6901) says where."""

    code = "kernel.invalid"
    title = "The content is invalid"


class _RetryLater(DomainError):
    def __init__(self, detail: str = "", *, retry_after: int = 1, **details: Any) -> None:
        super().__init__(detail, retry_after=retry_after, **details)
        self.retry_after = retry_after


class TooMany(_RetryLater):
    """Too often; `retry_after` is in seconds."""

    code = "kernel.too_many"
    title = "Too many requests"


class Unavailable(_RetryLater):
    """Something needed is away; `retry_after` is in seconds."""

    code = "kernel.unavailable"
    title = "Not available at the moment"


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One wrong field: `pointer` is a JSON pointer (RFC 6901) into the request's body."""

    pointer: str
    code: str
    detail: str


class ValidationFailed(Invalid):
    """Several fields are wrong at once."""

    code = "kernel.validation_failed"
    title = "Some fields are invalid"

    def __init__(self, detail: str = "", *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)
