"""Every error has one form, and tells nothing but what it should."""

from __future__ import annotations

import re

import pytest
from django.http import Http404
from django.test import Client

from gateway.errors import status_of
from kernel import errors
from kernel.errors import by_code
from tests.gateway.views import MARKER

pytestmark = pytest.mark.django_db(databases="__all__")

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def problem(response, status, code):
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document.keys() >= MEMBERS
    assert (document["status"], document["code"]) == (status, code)
    assert document["type"] == f"http://testserver/api/docs/errors/{code}"
    assert document["request_id"] == response["X-Request-Id"]
    return document


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.Malformed, 400),
        (errors.Unauthenticated, 401),
        (errors.Forbidden, 403),
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.PreconditionFailed, 412),
        (errors.TooLarge, 413),
        (errors.Unsupported, 415),
        (errors.Invalid, 422),
        (errors.ValidationFailed, 422),
        (errors.PreconditionRequired, 428),
        (errors.TooMany, 429),
        (errors.Unavailable, 503),
    ],
)
def test_each_kind_of_error_has_its_status(api, kind, status):
    response = api.get(f"t/raise/{kind.code}")
    document = problem(response, status, kind.code)
    assert (document["title"], document["detail"]) == (kind.title, "what happened")
    assert document["instance"] == f"/api/v1/t/raise/{kind.code}"
    assert response.has_header("Retry-After") == (status in (429, 503))
    assert response.has_header("WWW-Authenticate") == (status == 401)


def test_every_error_of_every_domain_is_answered_by_its_kind(api):
    assert len(by_code) > 50
    for code, kind in by_code.items():
        problem(api.get(f"t/raise/{code}"), status_of(kind), code)


def test_every_problems_page_explains_it(api):
    for code, kind in by_code.items():
        page = api.get(f"/api/docs/errors/{code}")
        assert page.status_code == 200, code
        assert code in page.content.decode()
        assert str(status_of(kind)) in page.content.decode()
        assert code in api.get("/api/docs/errors").content.decode()
        if code.startswith("kernel"):
            break


def test_an_unknown_problem_has_no_page(api):
    problem(api.get("/api/docs/errors/no.such"), 404, "gateway.path_not_found")
    problem(api.get("/api/docs/errors/<script>"), 404, "gateway.path_not_found")


@pytest.mark.parametrize("path", ["/", "/nothing", "/api", "/api/v1/", "/api/v2/users/me", "/adm"])
def test_a_path_that_does_not_exist_is_a_problem(api, path):
    document = problem(api.get(path), 404, "gateway.path_not_found")
    assert document["instance"] == path


def test_a_wrong_method_is_told_the_right_ones(api):
    response = api.delete("t/public")
    problem(response, 405, "gateway.method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "X" * 100])
def test_odd_methods_are_refused(api, method):
    response = api.client.generic(method, "/api/v1/t/public")
    assert response.status_code == 405


def test_options_names_the_methods(api):
    response = api.request("OPTIONS", "t/public")
    assert (response.status_code, response["Allow"]) == (204, "GET, POST, HEAD, OPTIONS")


def test_head_is_answered_like_get_without_a_body(api):
    response = api.request("HEAD", "t/public")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("host", ["evil.example", "testserver:80:80", "", "test server", "a" * 300])
def test_a_foreign_host_is_a_problem(host):
    response = Client(raise_request_exception=False).get("/api/v1/t/public", HTTP_HOST=host or " ")
    document = problem(response, 400, "gateway.host_not_allowed")
    assert host not in document["detail"] or not host


def test_the_probes_answer_any_host():
    assert Client().get("/livez", HTTP_HOST="10.1.2.3").status_code == 200


@pytest.mark.parametrize("how", ["anyhow", "sql"])
def test_our_own_mistakes_tell_nothing(api, how, caplog):
    response = api.get(f"t/break/{how}")
    problem(response, 500, "gateway.internal_error")
    said = response.content.decode()
    inside = ("SELECT", "Traceback", "RuntimeError", "psycopg")
    for secret in (MARKER, MARKER.replace("-", "_"), *inside):
        assert secret not in said
    assert not re.search(r"django|python|gunicorn|\d+\.\d+\.\d+", said, re.IGNORECASE)
    assert "Unhandled" in caplog.text


def test_debug_mode_tells_nothing_either(api, settings):
    settings.DEBUG = True
    response = api.get("t/break/anyhow")
    problem(response, 500, "gateway.internal_error")
    assert MARKER not in response.content.decode()
    problem(api.get("nothing"), 404, "gateway.path_not_found")


def test_a_database_that_is_away_is_unavailable_not_broken(api, caplog):
    response = api.get("t/break/operational")
    problem(response, 503, "kernel.unavailable")
    assert response["Retry-After"] == "1"
    assert MARKER not in response.content.decode()
    assert "10.0.0.7" not in response.content.decode()
    assert MARKER in caplog.text


def test_a_pool_without_a_free_connection_is_unavailable(api, monkeypatch):
    from django.db.utils import OperationalError
    from psycopg_pool import PoolTimeout

    from tests.gateway import views

    def wait(*_):
        raise OperationalError("no connection") from PoolTimeout("after 3.00 sec")

    monkeypatch.setattr(views.PublicEcho, "get", wait)
    problem(api.get("t/public"), 503, "kernel.unavailable")


def test_wrong_fields_are_named_one_by_one(api):
    document = problem(
        api.post("t/public", {"text": 7, "number": "7", "nothing": 1}),
        422,
        "kernel.validation_failed",
    )
    found = {(item["pointer"], item["code"]) for item in document["errors"]}
    assert found == {("/text", "type"), ("/number", "type"), ("/nothing", "unknown")}


def test_one_wrong_field_found_by_a_service_is_named_too(api):
    document = problem(api.post("t/no-effect", {"refuse": True}), 422, "kernel.invalid")
    assert document["errors"] == [{"pointer": "/refuse", "code": "kernel.invalid", "detail": "no"}]


@pytest.mark.parametrize(
    ("foreign", "status"),
    [
        ("rest_framework.exceptions.ParseError", 400),
        ("rest_framework.exceptions.NotAuthenticated", 401),
        ("rest_framework.exceptions.PermissionDenied", 403),
        ("rest_framework.exceptions.NotFound", 404),
        ("rest_framework.exceptions.UnsupportedMediaType", 415),
        ("rest_framework.exceptions.APIException", 500),
        ("django.core.exceptions.PermissionDenied", 403),
        ("django.core.exceptions.BadRequest", 400),
        ("django.core.exceptions.TooManyFieldsSent", 400),
        ("django.core.exceptions.RequestDataTooBig", 413),
        ("django.core.exceptions.SuspiciousOperation", 400),
        ("django.http.request.RawPostDataException", 500),
        ("redis.ConnectionError", 503),
    ],
)
def test_the_frameworks_errors_are_put_into_our_words(rf, foreign, status):
    from django.utils.module_loading import import_string

    from gateway.errors import problem as answer

    kind = import_string(foreign)
    error = kind("text/x") if "MediaType" in foreign else kind(MARKER)
    response = answer(error, rf.get("/x"))
    assert response.status_code == status
    assert MARKER not in response.content.decode()


def test_http404_is_not_found(rf):
    from gateway.errors import problem as answer

    assert answer(Http404(MARKER), rf.get("/x")).status_code == 404


def test_what_is_reflected_is_escaped(api):
    response = api.get("/api/v1/%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert response.status_code == 404
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
