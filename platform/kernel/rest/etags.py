"""Conditional requests (RFC 9110, 13) on single resources."""

from __future__ import annotations

import json
import re
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from kernel.errors import Malformed
from kernel.preconditions import ANY, Precondition, entity_tag

_TAGS = re.compile(r'\s*((?:W/)?"[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|\Z)')


class EntityTagsMalformed(Malformed):
    code = "kernel.entity_tags_malformed"
    title = "If-Match or If-None-Match can't be read"


def if_match(request: Request) -> Precondition:
    """Return what `If-Match` demands, for the service to check under the row's lock.

    Weak tags never match (RFC 9110, 13.1.1). Raises `EntityTagsMalformed`.
    """
    tags = _tags(request, "If-Match")
    if tags is None:
        return ANY
    return Precondition(frozenset(tag for tag in tags if not tag.startswith("W/")))


def single(
    request: Request, data: dict[str, Any], *, tag: str | None = None, status: int = 200
) -> Response:
    """Return one resource with its strong `ETag`, or 304 if the caller has that one already.

    Without `tag` the tag is made from the representation itself. Raises `EntityTagsMalformed`.
    """
    tag = tag or entity_tag(json.dumps(data, cls=JSONEncoder, sort_keys=True))
    if request.method in ("GET", "HEAD"):
        seen = _tags(request, "If-None-Match")
        if seen is not None and ("*" in seen or tag in {t.removeprefix("W/") for t in seen}):
            return Response(status=304, headers={"ETag": tag})
    return Response(data, status=status, headers={"ETag": tag})


def _tags(request: Request, header: str) -> list[str] | None:
    value = request.headers.get(header)
    if value is None:
        return None
    if value.strip() == "*":
        return ["*"]
    tags, position = [], 0
    while position < len(value):
        match = _TAGS.match(value, position)
        if match is None:
            raise EntityTagsMalformed(f"{header} is a list of quoted entity tags.")
        tags.append(match[1])
        position = match.end()
    return tags
