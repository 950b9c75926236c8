"""A client of the API for tests: JSON in, JSON out, through the whole gateway."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client


class Api:
    """Django's test client with the API's conventions; `headers` go with every request."""

    def __init__(self, **headers: str) -> None:
        self.headers = headers
        self.client = Client(raise_request_exception=False)

    def as_(self, *, token: str, organization_id: UUID | None = None) -> Api:
        """Return a client that is signed in by an access token or an API key."""
        headers = {**self.headers, "Authorization": f"Bearer {token}"}
        if organization_id:
            headers["Organization-Id"] = str(organization_id)
        return Api(**headers)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Send the body as JSON to a path under /api/v1/ (or an absolute one)."""
        url = path if path.startswith("/") else f"/api/v1/{path}"
        data = b"" if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method, url, data, content_type="application/json", headers={**self.headers, **named}
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.request("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.request("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.request("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.request("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.request("DELETE", path, **headers)
