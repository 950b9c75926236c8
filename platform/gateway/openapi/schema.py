"""From a view's `operation` to an operation of the document; REST framework's schema class."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiRequest, OpenApiResponse
from rest_framework.serializers import Serializer

from gateway.openapi import problems
from kernel.errors import PreconditionFailed
from kernel.rest import Body, IdempotencyKeyRequired, Listing, Operation, Public
from kernel.rest.declarations import JSON, UNSAFE
from kernel.rest.pagination import DEFAULT_LIMIT, LARGEST_LIMIT

BINARY = {"type": "string", "format": "binary"}
BYTES = "application/octet-stream"
OTHER_TYPES = {"binary": BYTES, "event-stream": "text/event-stream"}


class OperationSchema(AutoSchema):
    """Shows what a view declares, and nothing that was guessed."""

    @property
    def described(self) -> Operation:
        """Return the declaration of the view's method."""
        described: Operation = getattr(self.view, self.method.lower()).operation
        return described

    def is_excluded(self) -> bool:
        """Return whether the method declares nothing."""
        return not hasattr(getattr(self.view, self.method.lower(), None), "operation")

    def get_operation_id(self) -> str:
        """Return the stable id."""
        return self.described.id

    def get_summary(self) -> str:
        """Return one line."""
        return self.described.summary

    def get_description(self) -> str:  # type: ignore[override]
        """Return what one line can't say."""
        return self.described.description.strip()

    def is_deprecated(self) -> bool:
        """Return whether the view is going to go."""
        return hasattr(self.view, "retirement")

    def get_tags(self) -> list[str]:
        """Return the domain."""
        return [type(self.view).__module__.split(".")[1]]

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return that a bearer token or API key is needed, or nothing."""
        return [] if Public in self.view.permission_classes else [{"bearer": []}]

    def get_override_parameters(self) -> list[Any]:
        """Return the request headers and the parameters of the query."""
        described = self.described
        query = [
            OpenApiParameter(name, OpenApiTypes.STR, description=text)
            for name, text in described.query.items()
        ]
        return [*self._headers(), *query, *_list_parameters(described.listing)]

    def get_request_serializer(self) -> Any:
        """Return the body's content by type; nothing where no body is read."""
        described = self.described
        body: Body = getattr(self.view, "body", Body())
        if described.request is None:
            return {BYTES: OpenApiRequest(BINARY)} if body.streamed else {}
        example = OpenApiExample("request", value=described.request_example, request_only=True)
        kinds = sorted(body.content_types) if body.streamed else [JSON]
        return {kind: OpenApiRequest(described.request, examples=[example]) for kind in kinds}

    def get_response_serializers(self) -> Any:
        """Return the good answer and every problem."""
        reference = self._problem_component().ref
        good = OpenApiResponse(
            self._content(), description=self.described.summary, examples=self._examples()
        )
        key = (str(self.described.status), self._media_type())
        return {key: good} | problems.responses(self.view, self.method, self.described, reference)

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False

    def _headers(self) -> list[OpenApiParameter]:
        described, found = self.described, dict(self.described.headers)
        if Public not in self.view.permission_classes:
            found["Organization-Id"] = (
                "The organization that this is about; the caller's own if left out"
            )
        if self.method in UNSAFE and getattr(self.view, "body", Body()).repeatable:
            found["Idempotency-Key"] = "A repeat with the same key has one effect and one answer"
        if PreconditionFailed in described.problems:
            found["If-Match"] = "The ETag of the version that was seen"
        required = {"Idempotency-Key"} if IdempotencyKeyRequired in described.problems else set()
        return [
            OpenApiParameter(
                name, OpenApiTypes.STR, "header", required=name in required, description=text
            )
            for name, text in found.items()
        ]

    def _media_type(self) -> str:
        response = self.described.response
        kind = response.get("format") if isinstance(response, dict) else None
        return OTHER_TYPES.get(str(kind), JSON)

    def _content(self) -> Any:
        described = self.described
        if described.listing is None or described.response is None:
            return described.response
        item = described.response
        if isinstance(item, type):
            item = self.resolve_serializer(cast("type[Serializer]", item), "response").ref
        return {
            "type": "object",
            "required": ["data", "next_cursor"],
            "properties": {
                "data": {"type": "array", "items": item},
                "next_cursor": {"type": ["string", "null"]},
            },
        }

    def _examples(self) -> list[OpenApiExample]:
        described = self.described
        value = described.response_example
        if value is None:
            return []
        if described.listing is not None:
            value = {"data": [value], "next_cursor": None}
        return [OpenApiExample("response", value=value, response_only=True)]

    def _problem_component(self) -> ResolvedComponent:
        component = ResolvedComponent(
            name="Problem",
            type=ResolvedComponent.SCHEMA,
            object="Problem",
            schema=problems.SCHEMA,
        )
        self.registry.register_on_missing(component)
        return component


def _list_parameters(listing: Listing | None) -> list[OpenApiParameter]:
    if listing is None:
        return []
    limit = {
        "type": "integer",
        "minimum": 1,
        "maximum": LARGEST_LIMIT,
        "default": DEFAULT_LIMIT,
    }
    sort = {"type": "string", "enum": list(listing.sort), "default": listing.sort[0]}
    return [
        OpenApiParameter("limit", limit, description="How many at most"),
        OpenApiParameter("cursor", OpenApiTypes.STR, description="The last page's `next_cursor`"),
        OpenApiParameter("sort", sort, description="The order; `-` is descending"),
        *(
            OpenApiParameter(name, OpenApiTypes.STR, description=declared.description)
            for name, declared in listing.filters.items()
        ),
    ]
