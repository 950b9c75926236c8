"""What is going to go says so before it goes (RFC 9745, RFC 8594)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gateway.openapi.schema import OperationSchema
from tests.gateway.views import Leaving, PublicEcho

pytestmark = pytest.mark.django_db(databases="__all__")


def test_what_is_deprecated_says_since_when_and_until_when(api):
    response = api.get("t/leaving")
    assert response.status_code == 200
    assert response["Deprecation"] == "@1767225600"
    assert response["Sunset"] == "Tue, 30 Jun 2026 23:59:59 GMT"


def test_its_errors_say_so_too(api):
    assert api.post("t/leaving", {})["Deprecation"] == "@1767225600"


def test_nothing_else_does(api):
    response = api.get("t/public")
    assert "Deprecation" not in response
    assert "Sunset" not in response


@pytest.mark.parametrize(("kind", "deprecated"), [(Leaving, True), (PublicEcho, False)])
def test_the_document_marks_it(kind, deprecated):
    schema = OperationSchema()
    schema.view = SimpleNamespace(**vars(kind))
    assert schema.is_deprecated() is deprecated
