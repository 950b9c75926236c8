"""Clients of the API for tests: people who are signed in, and what they are refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel.models import Outbox
from tests.client import Api
from tests.users.people import PASSWORD, Person


def signed_in(someone: Person, organization_id: UUID | None = None) -> Api:
    """Return a client with a session of the person's, in the organization."""
    answer = Api().post("auth/login", {"email": someone.email, "password": PASSWORD})
    return Api().as_(token=answer.json()["access_token"], organization_id=organization_id)


def problem(answer: Any, status: int, code: str, pointer: str | None = None) -> dict[str, Any]:
    """Check that the answer is this problem; return the document."""
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["code"]) == (status, code), document
    if pointer is not None:
        assert pointer in str(document), document
    return document


def told(name: str) -> list[dict[str, Any]]:
    """Return what users published under this name."""
    events = Outbox.objects.using("users").filter(name=f"users.{name}.v1").order_by("id")
    return [event.payload for event in events]
