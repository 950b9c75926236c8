"""`?cookie=1`: the refresh token in a cookie that no script and no other site gets at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.auth import interface as auth
from domains.auth.api import cookies, urls
from domains.auth.models import Session
from kernel import clock as real
from tests.auth.conftest import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")

CREDENTIALS = {"email": "ada@example.com", "password": PASSWORD}
OURS = "http://testserver"
APP = "https://app.example.com"


@pytest.fixture(autouse=True)
def _account(settings):
    settings.CORS_ALLOWED_ORIGINS = [APP]
    auth.ensure_account(**CREDENTIALS)


def log_in(api, origin=OURS, **headers):
    return api.post("auth/login?cookie=1", CREDENTIALS, Origin=origin, **headers)


def refresh(api, origin=OURS, body=None, **headers):
    return api.post("auth/refresh?cookie=1", body, Origin=origin, **headers)


def code_of(answer):
    return answer.status_code, answer.json()["code"]


def test_the_refresh_token_is_in_the_cookie_alone(api):
    answer = log_in(api)
    assert set(answer.json()) == {"access_token", "token_type", "expires_in"}
    cookie = answer.cookies[cookies.NAME]
    assert len(cookie.value) == 86
    assert cookie.value not in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert cookie["secure"] is cookie["httponly"] is True
    assert cookie["samesite"] == "Strict"
    assert cookie["max-age"] == 14 * 24 * 3600


def test_without_it_no_cookie_is_set(api):
    answer = api.post("auth/login", CREDENTIALS)
    assert "refresh_token" in answer.json()
    assert not answer.cookies


def test_the_cookie_is_exchanged_for_the_next(api):
    first = log_in(api).cookies[cookies.NAME].value
    answer = refresh(api)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in"}
    second = answer.cookies[cookies.NAME].value
    assert second not in (first, "")
    assert refresh(api).cookies[cookies.NAME].value not in (first, second)
    assert Session.objects.get().rotations == 2


def test_a_used_cookie_shown_later_ends_the_session(api, monkeypatch):
    used = log_in(api).cookies[cookies.NAME].value
    refresh(api)
    later = real.now() + timedelta(minutes=1)
    monkeypatch.setattr("domains.auth.api.sessions.now", lambda: later)
    api.client.cookies[cookies.NAME] = used
    assert code_of(refresh(api)) == (401, "auth.refresh_token_invalid")
    assert Session.objects.get().revoked_reason == Session.Reason.REUSE


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://testserver.evil.example", "https://testserver"],
)
def test_pages_of_other_origins_get_nothing(api, origin):
    log_in(api)
    before = Session.objects.get().rotations
    for answer in (log_in(api, origin), refresh(api, origin)):
        assert code_of(answer) == (403, "auth.origin_not_allowed")
        assert not answer.cookies
    assert Session.objects.get().rotations == before, "no session began, none went on"


def test_who_does_not_say_its_origin_gets_nothing(api):
    log_in(api)
    answers = api.post("auth/login?cookie=1", CREDENTIALS), api.post("auth/refresh?cookie=1")
    assert {code_of(a) for a in answers} == {(403, "auth.origin_not_allowed")}
    assert Session.objects.count() == 1


def test_pages_of_an_allowed_origin_may_send_the_cookie(api):
    log_in(api, APP)
    answer = refresh(api, APP)
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == APP
    assert answer["Access-Control-Allow-Credentials"] == "true"
    foreign = refresh(api, "https://evil.example")
    assert "Access-Control-Allow-Origin" not in foreign
    assert "Access-Control-Allow-Credentials" not in foreign


def test_without_a_cookie_there_is_nothing_to_exchange(api):
    assert code_of(refresh(api)) == (401, "auth.refresh_token_invalid")


def test_a_token_in_the_body_does_not_stand_in_for_the_cookie(api):
    token = api.post("auth/login", CREDENTIALS).json()["refresh_token"]
    assert refresh(api, body={"refresh_token": token}).status_code == 422


def test_the_cookie_is_not_looked_at_unless_asked_for(api):
    log_in(api)
    assert api.post("auth/refresh", {}).status_code == 422
    assert api.get("users/me").status_code == 401


def test_signing_out_clears_it(api):
    token = log_in(api).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = api.post("auth/logout?cookie=1", Origin=OURS, **headers)
    assert answer.status_code == 204
    cookie = answer.cookies[cookies.NAME]
    assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", 0, "/")
    assert cookie["secure"] is True
    assert code_of(refresh(api)) == (401, "auth.refresh_token_invalid")


def test_a_repeated_sign_in_gets_its_cookie_again(api):
    answers = [log_in(api, Idempotency_Key="once") for _ in range(2)]
    assert answers[1]["Idempotency-Replayed"] == "true"
    first, second = (a.cookies[cookies.NAME] for a in answers)
    assert first.OutputString() == second.OutputString()
    assert "Set-Cookie" not in answers[1].headers
    assert Session.objects.count() == 1


def test_every_way_of_signing_in_knows_the_flow():
    """Whatever answers with tokens checks the origin before it begins anything."""
    for path in urls._paths:
        view = path.callback.cls
        handler = getattr(view, "post", None)
        if handler and "signed_in" in handler.__code__.co_names:
            assert issubclass(view, cookies.CookieFlow), path
            assert "cookie" in handler.operation.query, path
