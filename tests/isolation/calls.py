"""Calling the API in process as somebody, and what there is to see of the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.test import Client

from kernel.redis import connection
from tests.isolation.operations import Operation
from tests.isolation.places import Values, filled
from tests.isolation.rows import Row

REFUSED = 400
# They differ from answer to answer, whatever is asked.
_OWN_OF_ANSWER = {
    "content-length",
    "date",
    "ratelimit",
    "ratelimit-policy",
    "traceparent",
    "x-request-id",
}


@dataclass(frozen=True)
class Answer:
    """An answer without what the request itself said, and without its number and time."""

    status: int
    headers: str
    body: str
    said: str

    def is_like(self, other: Answer) -> bool:
        """Return whether nobody can tell one from the other: random values aside, byte by byte."""
        if self.status != other.status:
            return False
        return self.shown == other.shown or (self.status < REFUSED and self._keys == other._keys)

    @property
    def _keys(self) -> object:
        """Return how an answer is made whose values are new each time: a challenge, a ticket."""
        document = json.loads(self.said or "null")
        return sorted(document) if isinstance(document, dict) else document

    @property
    def shown(self) -> str:
        """All that its reader sees."""
        return f"{self.headers}\n{self.body}"


def call(
    operation: Operation,
    row: Row,
    values: Values,
    *,
    token: str | None,
    organization_id: UUID | None = None,
    more: dict[str, str] | None = None,
) -> Answer:
    """Send the operation's request with the values in their places; `more` goes to the query."""
    path, query, body = filled(operation, row, values)
    headers = dict(row.headers)
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if organization_id:
        headers["Organization-Id"] = str(organization_id)
    connection().flushdb()
    response = Client(raise_request_exception=False).generic(
        operation.method,
        f"{path}?{urlencode(query | (more or {}))}",
        body if isinstance(body, str) else b"" if body is None else json.dumps(body),
        content_type=row.content_type,
        headers=headers,
    )
    return _answer(response, [*map(str, values.values()), str(organization_id)])


def _answer(response: Any, sent: list[str]) -> Answer:
    content = response.getvalue() if response.streaming else response.content
    said = content.decode(errors="replace")
    kept = {n.lower(): v for n, v in response.items() if n.lower() not in _OWN_OF_ANSWER}
    headers, body = "\n".join(f"{n}: {v}" for n, v in sorted(kept.items())), said
    for number, value in enumerate([response["X-Request-Id"], *sent]):
        headers, body = (t.replace(value, f"<{min(number, 1)}>") for t in (headers, body))
    return Answer(status=response.status_code, headers=headers, body=body, said=said)
