"""What a request sees of the organizations' rows: those of the principal, and nothing unasked."""

from __future__ import annotations

from uuid import UUID

import pytest

from domains.users import interface as users
from gateway import entry
from kernel import scope

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("nothing_in_context"),
]


@pytest.fixture
def seen(monkeypatch):
    """What was in context when each view was called."""
    scopes, call = [], entry._call

    def look(request, match):
        scopes.append(scope.current())
        return call(request, match)

    monkeypatch.setattr(entry, "_call", look)
    return scopes


def test_a_request_sees_the_organizations_of_its_principal(ada, seen):
    other = users.ensure_organization(account_id=ada.account_id, name="Other")
    said = ada.api.get("t/me").json()
    assert seen == [{other.id, UUID(said["organization_id"])}]


def test_a_request_of_nobody_sees_none(api, seen):
    assert api.get("t/public").status_code == 200
    assert seen == [None]


def test_nothing_of_a_request_is_left_to_the_next(ada):
    ada.api.get("t/me")
    assert scope.current() is None
