"""The endpoints as a client meets them, through the whole gateway."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import jwt as pyjwt
import pytest

from domains.auth import interface as auth
from domains.auth.models import Account, ApiKey, Session, VerificationToken
from kernel import clock as real
from kernel import facts
from tests.auth.answers import EMAIL, code_of, log_in, refresh, register, same_but_for_the_request
from tests.auth.conftest import OTHER_PASSWORD, PASSWORD
from tests.auth.said import names, said
from tests.auth.threads import at_once
from tests.client import Api

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def tokens(account, api) -> dict:
    return log_in(api).json()


@pytest.fixture
def me(tokens, api, deliver_events) -> Api:
    deliver_events()
    return api.as_(token=tokens["access_token"])


def test_a_stranger_registers_confirms_and_signs_in(api):
    assert register(api).status_code == 202
    assert code_of(log_in(api)) == (403, "auth.email_not_verified")
    token = auth.issue_email_verification(account_id=Account.objects.get().id)
    assert api.post("auth/verify-email", {"token": token}).status_code == 204
    answer = log_in(api)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert code_of(api.post("auth/verify-email", {"token": token})) == (
        422,
        "auth.verification_token_invalid",
    )


def test_registering_answers_the_same_for_known_and_unknown(api, account):
    answers = [register(api, email) for email in ("new@example.com", "new@example.com", EMAIL)]
    assert {a.status_code for a in answers} == {202}
    assert len({a.content for a in answers}) == 1
    varying = {"x-request-id", "ratelimit", "ratelimit-policy", "traceparent"}
    shown = [{k: v for k, v in a.headers.items() if k.lower() not in varying} for a in answers]
    assert shown[0] == shown[1] == shown[2]


def test_an_unacceptable_password_answers_the_same_for_known_and_unknown(api, account):
    answers = [register(api, email, "short") for email in ("new@example.com", EMAIL)]
    assert {a.status_code for a in answers} == {422}
    (error,) = answers[0].json()["errors"]
    assert (error["pointer"], error["code"]) == ("/password", "auth.password_too_short")
    assert same_but_for_the_request(answers[0]) == same_but_for_the_request(answers[1])


def test_a_wrong_password_answers_the_same_for_known_and_unknown(api, account):
    answers = [log_in(api, email, OTHER_PASSWORD) for email in ("new@example.com", EMAIL)]
    assert [code_of(a) for a in answers] == [(401, "auth.credentials_invalid")] * 2
    assert all("WWW-Authenticate" in a for a in answers)
    assert same_but_for_the_request(answers[0]) == same_but_for_the_request(answers[1])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": EMAIL}, "/password"),
        ({"password": PASSWORD}, "/email"),
        ({"email": EMAIL, "password": 1}, "/password"),
        ({"email": [EMAIL], "password": PASSWORD}, "/email"),
        ({"email": EMAIL, "password": None}, "/password"),
        ({"email": EMAIL, "password": PASSWORD, "is_staff": True}, "/is_staff"),
        ({"email": EMAIL, "password": "a" * 1025}, "/password"),
        ({"email": EMAIL, "password": "nul\0" * 5}, "/password"),
        ({"email": EMAIL, "password": "\ud800" * 15}, "/password"),
        ({"email": "a" * 300 + "@example.com", "password": PASSWORD}, "/email"),
        ({"email": "a\0@example.com", "password": PASSWORD}, "/email"),
        ([], ""),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(api, body, pointer):
    for path in ("auth/register", "auth/login"):
        answer = api.post(path, body)
        assert answer.status_code in (400, 422), answer.content
        if answer.status_code == 422:
            assert pointer in {e["pointer"] for e in answer.json()["errors"]}
    assert not Account.objects.exists()


@pytest.mark.parametrize("token", ["", "x", 5, None, "a" * 5000, "\0", {"a": 1}])
def test_a_wrong_token_of_any_kind_is_refused(api, account, token):
    assert api.post("auth/verify-email", {"token": token}).status_code == 422
    assert refresh(api, token).status_code in (401, 422)


def test_nobody_can_have_a_stranger_written_to_without_end(api):
    """Five mails, and five more if Redis falls silent in between and PostgreSQL stands in."""
    answers = [register(api).status_code for _ in range(11)]
    assert answers[:5] == [202] * 5
    assert answers[-1] == 429
    assert len(said("auth.account_registered.v1")) == answers.count(202)


def test_tokens_are_exchanged_and_a_used_one_ends_the_session(api, tokens, monkeypatch):
    renewed = refresh(api, tokens["refresh_token"]).json()
    assert refresh(api, tokens["refresh_token"]).json()["refresh_token"] == renewed["refresh_token"]
    later = real.now() + timedelta(minutes=1)
    monkeypatch.setattr("domains.auth.api.sessions.now", lambda: later)
    assert code_of(refresh(api, tokens["refresh_token"])) == (401, "auth.refresh_token_invalid")
    assert code_of(refresh(api, renewed["refresh_token"])) == (401, "auth.refresh_token_invalid")
    assert Session.objects.get().revoked_reason == Session.Reason.REUSE
    assert names().count("auth.session_revoked.v1") == 1


def test_signing_out_leaves_other_sessions_alone(me, api):
    other = api.as_(token=log_in(api).json()["access_token"])
    assert me.post("auth/logout").status_code == 204
    assert other.get("users/me").status_code == 200


def test_who_is_not_signed_in_can_not_sign_out(api):
    assert api.post("auth/logout").status_code == 401


def test_the_key_set_verifies_what_was_signed(api, tokens, account):
    answer = api.get("/.well-known/jwks.json")
    assert answer["Cache-Control"] == "public, max-age=300"
    key_set = pyjwt.PyJWKSet.from_dict(answer.json())
    key = key_set[pyjwt.get_unverified_header(tokens["access_token"])["kid"]]
    claims = pyjwt.decode(tokens["access_token"], key, algorithms=["ES256"], audience="tenon")
    assert claims["sub"] == str(account.id)
    unchanged = api.get("/.well-known/jwks.json", If_None_Match=answer["ETag"])
    assert unchanged.status_code == 304


def test_repeating_a_login_with_its_key_starts_no_second_session(api, account):
    body = {"email": EMAIL, "password": PASSWORD}
    answers = [api.post("auth/login", body, Idempotency_Key="once") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Session.objects.count() == 1


def grantable(me) -> str:
    answer = me.post("auth/api-keys", {"name": "CI", "permissions": ["auth.api_key:write"]})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_an_api_key_is_created_used_listed_and_revoked(me, api):
    created = grantable(me)
    machine = api.as_(token=created["secret"])
    (listed,) = machine.get("auth/api-keys").json()["data"]
    assert (listed["last_used_at"], listed["networks"]) != (None, [])
    used = {"last_used_at", "networks"}
    assert {k: v for k, v in created.items() if k not in used | {"secret"}} == {
        k: v for k, v in listed.items() if k not in used
    }
    assert listed["created_at"].endswith("Z")
    assert me.delete(f"auth/api-keys/{created['id']}").status_code == 204
    assert machine.get("auth/api-keys").status_code == 401
    assert code_of(me.delete(f"auth/api-keys/{created['id']}")) == (404, "auth.api_key_not_found")
    assert me.get("auth/api-keys").json() == {"data": [], "next_cursor": None}


def test_an_api_key_makes_no_other_and_has_no_session_to_end(me, api):
    machine = api.as_(token=grantable(me)["secret"])
    body = {"name": "More", "permissions": ["auth.api_key:write"]}
    assert code_of(machine.post("auth/api-keys", body)) == (403, "auth.session_required")
    assert code_of(machine.post("auth/logout")) == (403, "auth.session_required")
    assert ApiKey.objects.count() == 1


def test_api_keys_are_listed_page_by_page(me):
    made = [grantable(me)["id"] for _ in range(3)]
    first = me.get("auth/api-keys?limit=2").json()
    second = me.get(f"auth/api-keys?limit=2&cursor={first['next_cursor']}").json()
    assert [key["id"] for key in first["data"] + second["data"]] == made[::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "n" * 101}, "/name"),
        ({"permissions": []}, "/permissions"),
        ({"permissions": "auth.api_key:write"}, "/permissions"),
        ({"permissions": ["nonsense"]}, "/permissions/0"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "tomorrow"}, "/expires_at"),
        ({"account_id": "0"}, "/account_id"),
    ],
)
def test_an_api_key_that_does_not_fit_is_refused_with_its_place(me, change, pointer):
    body = {"name": "CI", "permissions": ["auth.api_key:write"], **change}
    answer = me.post("auth/api-keys", body)
    assert answer.status_code == 422
    assert pointer in {e["pointer"] for e in answer.json()["errors"]}


def test_another_organizations_key_is_as_unknown_as_none(me, api, deliver_events):
    created = grantable(me)
    auth.ensure_account(email="eve@example.com", password=PASSWORD)
    deliver_events()
    eve = api.as_(token=log_in(api, "eve@example.com").json()["access_token"])
    foreign = eve.delete(f"auth/api-keys/{created['id']}")
    unknown = eve.delete("auth/api-keys/01930000-0000-7000-8000-000000000000")
    assert code_of(foreign) == code_of(unknown) == (404, "auth.api_key_not_found")
    assert same_but_for_the_request(foreign) == same_but_for_the_request(unknown)
    assert eve.get("auth/api-keys").json()["data"] == []
    assert me.get("auth/api-keys").json()["data"] != []


def test_the_answer_to_nobody_shows_nothing_secret(me, tokens):
    """What is stored for repeats and events never shows a token or a password."""
    from kernel.models import IdempotencyRecord, Outbox

    me.post("auth/api-keys", {"name": "CI", "permissions": ["auth.api_key:write"]})
    stored = json.dumps(
        [list(model.objects.using("auth").values()) for model in (Outbox, IdempotencyRecord)],
        default=str,
    )
    for secret in (PASSWORD, tokens["refresh_token"], tokens["access_token"]):
        assert secret not in stored


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestCommitted:
    def test_a_logout_is_known_to_all_processes(self, account, api, deliver_events):
        deliver_events()
        token = log_in(api).json()["access_token"]
        me = api.as_(token=token)
        assert me.get("users/me").status_code == 200
        session = Session.objects.get()
        assert me.post("auth/logout").status_code == 204
        assert facts.get(f"session:{session.id}") == "revoked"
        assert me.get("users/me").status_code == 401
        assert me.post("auth/logout").status_code == 401

    def test_a_logout_counts_although_redis_forgot_it(self, account, api, deliver_events):
        deliver_events()
        tokens = log_in(api).json()
        me = api.as_(token=tokens["access_token"])
        assert me.post("auth/logout").status_code == 204
        facts.forget(f"session:{Session.objects.get().id}")
        assert me.get("users/me").status_code == 401
        assert refresh(api, tokens["refresh_token"]).status_code == 401

    def test_parallel_refreshes_over_the_gateway_get_one_successor(self, account, api):
        token = log_in(api).json()["refresh_token"]
        answers = at_once(*[partial(refresh, Api(), token) for _ in range(4)])
        assert {a.status_code for a in answers} == {200}
        assert len({a.json()["refresh_token"] for a in answers}) == 1

    def test_a_theft_is_remembered_although_the_answer_is_an_error(self, account, api, monkeypatch):
        token = log_in(api).json()["refresh_token"]
        refresh(api, token)
        later = real.now() + timedelta(minutes=1)
        monkeypatch.setattr("domains.auth.api.sessions.now", lambda: later)
        assert refresh(api, token).status_code == 401
        session = Session.objects.get()
        assert session.revoked_reason == Session.Reason.REUSE
        assert facts.get(f"session:{session.id}") == "revoked"

    def test_registering_at_once_makes_one_account(self, api):
        answers = at_once(*[partial(register, Api()) for _ in range(4)])
        assert {a.status_code for a in answers} == {202}
        assert Account.objects.count() == 1
        assert VerificationToken.objects.count() == 0
