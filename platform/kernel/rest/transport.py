"""How JSON enters and leaves a view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class JSONParser(BaseParser):
    """Takes the document that the gateway has parsed and limited already."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the request's document."""
        request: Request = (parser_context or {})["request"]
        return request._request.json  # type: ignore[attr-defined]


class OnlyJSON(BaseContentNegotiation):
    """There is one representation, so there is nothing to negotiate (RFC 9110, 12.4.1)."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Return the parser of the request's content type; None means 415."""
        content_type = (request.content_type or "").partition(";")[0].strip().lower()
        taken = (p for p in parsers if p.media_type in (content_type, "*/*"))
        return next(taken, None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the view's first renderer whatever `Accept` says."""
        first = next(iter(renderers))
        return first, first.media_type
