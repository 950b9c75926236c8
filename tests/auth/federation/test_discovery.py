"""A provider that is away, broken or led astray: an answer of its own, and no harm."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from domains.auth.contract.errors import ProviderUnavailable
from domains.auth.services.federation import discovery, memory, providers, transport
from tests import patience
from tests.auth.federation.steps import code_of, finish, start
from tests.auth.threads import at_once

DOCUMENT = "/.well-known/openid-configuration"
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def metadata(now=NOW):
    return discovery.metadata(providers.get("odd"), now=now)


def unavailable(now=NOW) -> str:
    with pytest.raises(ProviderUnavailable) as refused:
        metadata(now)
    return refused.value.detail


def test_the_document_is_kept_for_an_hour(issuer):
    metadata()
    metadata(NOW + timedelta(minutes=59))
    assert issuer.asked.count(DOCUMENT) == 1
    metadata(NOW + timedelta(minutes=60))
    assert issuer.asked.count(DOCUMENT) == 2


def test_many_at_once_ask_once(issuer, monkeypatch):
    assert len(set(at_once(*[metadata] * 8))) == 1
    assert issuer.asked.count(DOCUMENT) == 1


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("issuer", "https://accounts.google.com", "names another issuer"),
        ("issuer", None, "names another issuer"),
        ("authorization_endpoint", "http://example.com/auth", "authorization_endpoint"),
        ("token_endpoint", "http://169.254.169.254/token", "token_endpoint"),
        ("token_endpoint", None, "token_endpoint"),
        ("jwks_uri", "file:///etc/passwd", "jwks_uri"),
        ("jwks_uri", ["a"], "jwks_uri"),
        ("jwks_uri", "https://[", "jwks_uri"),
        ("userinfo_endpoint", "http://10.0.0.1/", "userinfo_endpoint"),
        ("end_session_endpoint", "javascript:alert(1)", "end_session_endpoint"),
        ("id_token_signing_alg_values_supported", ["none", "HS256"], "no algorithm"),
    ],
)
def test_a_document_that_can_not_be_right_is_refused(issuer, name, value, why):
    issuer.document[name] = value
    assert why in unavailable()


def respond(status: int, body: bytes, **headers: str):
    def answer(handler):
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (respond(500, b"{}"), "answered 500"),
        (respond(302, b"", Location="http://169.254.169.254/latest"), "leads elsewhere"),
        (respond(200, b"<html>"), "no JSON"),
        (respond(200, b"[]"), "no JSON object"),
        (respond(200, b" " * (transport.MOST_BYTES + 1)), "sends too much"),
        (lambda handler: handler.connection.close(), "out of reach"),
    ],
)
def test_an_answer_that_is_none_is_refused(issuer, answer, why):
    issuer.answers[DOCUMENT] = answer
    assert why in unavailable()


def test_one_that_drips_is_not_waited_for(issuer, monkeypatch):
    monkeypatch.setattr(transport, "DEADLINE", -1.0)
    assert "too slow" in unavailable()


def test_one_that_never_answers_is_not_waited_for(issuer, monkeypatch):
    monkeypatch.setattr(transport, "TIMEOUT", 0.2)
    given_up = threading.Event()
    issuer.answers[DOCUMENT] = lambda _: given_up.wait(timeout=patience.SECONDS)
    assert "out of reach" in unavailable()
    given_up.set()


def test_after_a_failure_it_is_left_alone_for_a_moment(issuer):
    issuer.token_status, issuer.answers[DOCUMENT] = 500, respond(500, b"")
    unavailable()
    issuer.answers.clear()
    unavailable(NOW + timedelta(seconds=4))
    assert issuer.asked.count(DOCUMENT) == 1
    assert metadata(NOW + timedelta(seconds=5)).jwks_uri


def test_one_that_hangs_holds_one_thread_alone(issuer, monkeypatch):
    monkeypatch.setattr(memory, "PATIENCE", 0.01)
    asked, answer = threading.Event(), threading.Event()

    def hang(_):
        asked.set()
        answer.wait(timeout=patience.SECONDS)

    issuer.answers[DOCUMENT] = hang
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(unavailable)
        assert asked.wait(timeout=patience.SECONDS)
        assert "slow to answer" in unavailable()
        answer.set()
        assert "out of reach" in first.result()


def test_without_tls_only_where_nothing_is_at_stake(issuer, settings):
    settings.OIDC_LOOPBACK = False
    assert "without TLS" in unavailable()


@pytest.mark.django_db(databases="__all__")
def test_the_caller_hears_that_the_provider_is_away(api, issuer):
    issuer.answers[DOCUMENT] = respond(503, b"")
    answer = api.post(
        "auth/federation/odd/start", {"redirect_uri": "http://testserver/sign-in/callback"}
    )
    assert code_of(answer) == (503, "auth.provider_unavailable")
    assert answer["Retry-After"] == "5"


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize(
    "answer", [respond(502, b"<html>"), respond(429, b"slow down"), respond(302, b"", Location="/")]
)
def test_the_caller_hears_that_the_provider_answers_no_tokens(api, issuer, answer):
    started = start(api, "odd")
    issuer.answers["/token"] = answer
    brought = issuer.went(started["authorization_url"])
    assert code_of(finish(api, started, brought, "odd")) == (503, "auth.provider_unavailable")


@pytest.mark.django_db(databases="__all__")
def test_keys_of_unknown_kinds_are_passed_over(api, issuer):
    good = issuer.key.as_dict(private=False)
    odd = [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "RSA"}, {"kty": "AKP"}, 5, None]
    issuer.answers["/jwks"] = respond(200, json.dumps({"keys": [*odd, good]}).encode())
    started = start(api, "odd")
    answer = finish(api, started, issuer.went(started["authorization_url"]), "odd")
    assert answer.status_code == 200
