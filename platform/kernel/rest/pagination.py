"""Lists by keyset cursors: no offset, no COUNT, stable while rows come and go."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.fields import Field
from rest_framework.request import Request

from kernel.crypto import sign, verify
from kernel.errors import Malformed
from kernel.rest.serializers import Serializer

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
_NUMBER = re.compile(r"[0-9]{1,3}\Z")
_RESERVED = frozenset({"limit", "cursor", "sort"})


class ParameterInvalid(Malformed):
    code = "kernel.parameter_invalid"
    title = "A query parameter can't be read"


class CursorInvalid(Malformed):
    code = "kernel.cursor_invalid"
    title = "The cursor doesn't belong to this list"


@dataclass(frozen=True)
class Filter:
    """A declared filter: how its text is read, and the ORM lookup that it becomes.

    Without a lookup the view reads it with `parameter`, and the service applies it.
    """

    field: Field
    lookup: str | None
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list as a view declares it, for `paginate` and for the OpenAPI document.

    `sort` names the model fields that it can be sorted by, `-` first for descending, the first
    being the default; none may be null. The id settles what is equal.
    """

    sort: tuple[str, ...] = ("-id",)
    filters: Mapping[str, Filter] = field(default_factory=dict)


def paginate(
    request: Request,
    queryset: QuerySet[Any],
    *,
    listing: Listing,
    represent: type[Serializer] | Callable[[list[Any]], list[Any]],
) -> dict[str, Any]:
    """Return one page as `{"data": […], "next_cursor": "…" or None}`.

    `represent` is a serializer, or a function from the page's rows to JSON objects. Raises
    `ParameterInvalid` for a parameter that is not declared or can't be read and `CursorInvalid`
    for a cursor that was altered or belongs to another list, sort or filter.
    """
    parameters = _parameters(request, listing)
    limit, sort = _limit(parameters), _sort(parameters, listing)
    scope = _scope(request, parameters, sort)
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    step = "lt" if descending else "gt"
    rows = queryset.filter(**_filters(parameters, listing))
    if "cursor" in parameters:
        rows = rows.filter(_after(parameters["cursor"], scope, queryset.model, name, step))
    order = [sort] if name == "id" else [sort, "-id" if descending else "id"]
    found = list(rows.order_by(*order)[: limit + 1])
    page, more = found[:limit], len(found) > limit
    show = getattr(represent, "render_all", represent)
    return {"data": show(page), "next_cursor": _cursor(page[-1], name, scope) if more else None}


def parameter(request: Request, name: str, *, listing: Listing) -> Any:
    """Return the value of one of the list's filters, or None if it is left out.

    Raises `ParameterInvalid` as `paginate` does.
    """
    return _value(name, listing.filters[name], _parameters(request, listing))


def _parameters(request: Request, listing: Listing) -> dict[str, str]:
    given = {}
    for name, values in request.query_params.lists():
        if name not in _RESERVED and name not in listing.filters:
            raise ParameterInvalid("This list has no such parameter.", parameter=name[:100])
        if len(values) != 1:
            raise ParameterInvalid("Give the parameter once.", parameter=name)
        given[name] = values[0]
    return given


def _limit(parameters: Mapping[str, str]) -> int:
    text = parameters.get("limit", str(DEFAULT_LIMIT))
    if _NUMBER.match(text) and 1 <= int(text) <= LARGEST_LIMIT:
        return int(text)
    raise ParameterInvalid(f"limit is a number from 1 to {LARGEST_LIMIT}.", parameter="limit")


def _sort(parameters: Mapping[str, str], listing: Listing) -> str:
    sort = parameters.get("sort", listing.sort[0])
    if sort not in listing.sort:
        raise ParameterInvalid(f"sort is one of {', '.join(listing.sort)}.", parameter="sort")
    return sort


def _filters(parameters: Mapping[str, str], listing: Listing) -> dict[str, Any]:
    return {
        declared.lookup: _value(name, declared, parameters)
        for name, declared in listing.filters.items()
        if name in parameters and declared.lookup
    }


def _value(name: str, declared: Filter, parameters: Mapping[str, str]) -> Any:
    if name not in parameters:
        return None
    try:
        return declared.field.run_validation(parameters[name])
    except ValidationError as error:
        detail = " ".join(map(str, error.detail))
        raise ParameterInvalid(detail, parameter=name) from error


def _scope(request: Request, parameters: Mapping[str, str], sort: str) -> bytes:
    """What a cursor is good for: this list of this organization in this order, so filtered."""
    filters = sorted((n, v) for n, v in parameters.items() if n not in _RESERVED)
    organization = getattr(request.user, "organization_id", None)
    return repr((request.path, str(organization), sort, filters)).encode()


def _cursor(row: Model, name: str, scope: bytes) -> str:
    value = _column(type(row), name).value_to_string(row)
    position = f"{row.pk}|{value}".encode()
    signature = bytes.fromhex(sign("cursor", position + b"\0" + scope))
    return urlsafe_b64encode(position + signature).decode().rstrip("=")


def _after(cursor: str, scope: bytes, model: type[Model], name: str, step: str) -> Q:
    key, value = _position(cursor, scope, model, name)
    if name == "id":
        return Q(**{f"id__{step}": key})
    # The first condition is implied by the second and lets PostgreSQL use the index.
    return Q(**{f"{name}__{step}e": value}) & (
        Q(**{f"{name}__{step}": value}) | Q(**{f"id__{step}": key})
    )


def _position(cursor: str, scope: bytes, model: type[Model], name: str) -> tuple[Any, Any]:
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        position, signature = raw[:-32], raw[-32:].hex()
    except ValueError as error:
        raise CursorInvalid("Start again without a cursor.") from error
    if not verify("cursor", position + b"\0" + scope, signature):
        raise CursorInvalid("Start again without a cursor.")
    key, _, value = position.decode().partition("|")
    return model._meta.pk.to_python(key), _column(model, name).to_python(value)


def _column(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)
