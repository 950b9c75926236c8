"""The headers of every answer, and who may call from a browser."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db(databases="__all__")

EVERYWHERE = ("t/public", "t/me", "nothing", "/livez", "/api/docs", "/admin/login/", "t/break/x")


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_is_named_and_safe(api, path):
    response = api.get(path)
    assert response["X-Request-Id"]
    assert response["traceparent"].startswith("00-")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["Content-Length"] == str(len(response.content))
    for header in ("Server", "X-Powered-By", "Set-Cookie"):
        assert header not in response or path.startswith("/admin")


@pytest.mark.parametrize("path", ["t/me", "t/public", "users/me", "notifications"])
def test_what_is_private_is_stored_nowhere(ada, path):
    assert ada.api.get(path)["Cache-Control"] == "no-store"


def test_hsts_is_said_where_there_is_https(api, settings):
    assert "Strict-Transport-Security" not in api.get("t/public")
    settings.HTTPS = True
    assert api.get("t/public")["Strict-Transport-Security"].startswith("max-age=31536000")


def test_no_page_may_run_a_script_that_stands_in_it(api):
    for path in ("/api/docs", "/api/docs/errors", "/api/docs/errors/kernel.forbidden"):
        page = api.get(path)
        policy = page["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        content = page.content.decode()
        assert "<script>" not in content
        assert "onload" not in content
        assert "http://" not in content
        assert "https://" not in content


class TestCors:
    @pytest.fixture(autouse=True)
    def _allowed(self, settings):
        settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]

    def preflight(self, api, origin, path="/api/v1/t/me"):
        return api.client.options(
            path,
            HTTP_ORIGIN=origin,
            HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
            HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,idempotency-key",
        )

    def test_a_listed_origin_may_ask(self, api):
        response = self.preflight(api, "https://app.example")
        assert response.status_code == 200
        assert response["Access-Control-Allow-Origin"] == "https://app.example"
        for header in ("authorization", "idempotency-key", "organization-id", "if-match"):
            assert header in response["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in response

    def test_it_may_send_the_cookie_where_it_asks_for_it(self, api):
        response = self.preflight(api, "https://app.example", "/api/v1/auth/refresh?cookie=1")
        assert response["Access-Control-Allow-Credentials"] == "true"
        other = self.preflight(api, "https://evil.example", "/api/v1/auth/refresh?cookie=1")
        assert "Access-Control-Allow-Credentials" not in other

    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "http://app.example",
            "https://app.example.evil.example",
            "https://app.example:444",
            "null",
            "",
        ],
    )
    def test_no_other_origin_may(self, api, origin):
        for response in (
            self.preflight(api, origin),
            api.client.get("/api/v1/t/public", HTTP_ORIGIN=origin),
        ):
            assert "Access-Control-Allow-Origin" not in response

    def test_a_browser_may_read_what_clients_need(self, api):
        response = api.get("t/public", Origin="https://app.example")
        exposed = response["Access-Control-Expose-Headers"]
        for header in ("etag", "retry-after", "ratelimit", "x-request-id", "idempotency-replayed"):
            assert header in exposed
        assert "origin" in response["Vary"]

    def test_errors_can_be_read_too(self, api):
        response = api.get("t/me", Origin="https://app.example")
        assert response.status_code == 401
        assert response["Access-Control-Allow-Origin"] == "https://app.example"

    def test_the_admin_is_nobodys_to_call(self, api):
        response = self.preflight(api, "https://app.example", "/admin/login/")
        assert "Access-Control-Allow-Origin" not in response


def test_api_paths_have_no_session_and_no_csrf(api, ada):
    response = ada.api.client.post(
        "/api/v1/t/me", "{}", content_type="application/json", headers=ada.api.headers
    )
    assert response.status_code == 201
    assert not response.cookies


def test_a_staff_session_is_no_credential_for_the_api(api):
    from django.contrib.auth import get_user_model

    from domains.auth import interface as auth

    account = auth.ensure_account(
        email="staff@example.com", password="correct horse battery staple", staff=True
    )
    api.client.force_login(get_user_model().objects.get(id=account.id))
    assert api.client.get("/admin/").status_code == 200
    assert api.get("t/me").status_code == 401
