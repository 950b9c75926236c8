"""Forgetting, resetting and changing a password as a client of the API meets it."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from domains.auth import interface as auth
from domains.auth.models import Account, MailProof, Session
from domains.auth.services import hashers, registration
from gateway.policies import policy_of
from kernel import clock as real
from kernel.errors import Unavailable
from tests.auth.answers import EMAIL, code_of, log_in, register
from tests.auth.conftest import OTHER_PASSWORD, PASSWORD
from tests.auth.said import said

pytestmark = pytest.mark.django_db(databases="__all__")
VARYING = {"x-request-id", "ratelimit", "ratelimit-policy", "traceparent"}


def token_of_the_mail() -> str:
    proof = MailProof.objects.latest("created_at", "id")
    return auth.issue_mail_secret(proof_id=proof.id).token


def shown(answer) -> tuple:
    headers = {k: v for k, v in answer.headers.items() if k.lower() not in VARYING}
    return answer.status_code, answer.content, headers


def test_a_forgotten_password_is_replaced_and_signs_nobody_in(api, account):
    assert api.post("auth/forgot-password", {"email": EMAIL}).status_code == 202
    body = {"token": token_of_the_mail(), "password": OTHER_PASSWORD}
    answer = api.post("auth/reset-password", body)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not Session.objects.exists()
    assert code_of(api.post("auth/reset-password", body)) == (422, "auth.mail_token_invalid")
    assert log_in(api).status_code == 401
    assert log_in(api, password=OTHER_PASSWORD).status_code == 200


@pytest.mark.parametrize("path", ["auth/forgot-password", "auth/resend-verification"])
def test_asking_answers_the_same_for_every_address(api, account, path):
    registration.register(email="new@example.com", password=PASSWORD, now=real.now())
    addresses = (EMAIL, "new@example.com", "nobody@example.com")
    answers = [shown(api.post(path, {"email": address})) for address in addresses]
    assert answers[0][0] == 202
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("path", ["auth/forgot-password", "auth/resend-verification"])
def test_nobodys_mailbox_is_filled(api, account, path):
    """Five, and five more if Redis falls silent in between and PostgreSQL stands in."""
    registration.register(email="new@example.com", password=PASSWORD, now=real.now())
    email = EMAIL if path == "auth/forgot-password" else "new@example.com"
    answers = [api.post(path, {"email": email}).status_code for _ in range(11)]
    assert answers[:5] == [202] * 5
    assert answers[-1] == 429
    sent = said("auth.password_reset_requested.v1") or said("auth.account_registered.v1")[2:]
    assert len(sent) == answers.count(202)


def test_a_password_is_changed_with_the_present_one(me, api):
    body = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    wrong = {**body, "current_password": OTHER_PASSWORD}
    assert code_of(me.put("auth/password", wrong)) == (422, "auth.password_wrong")
    assert code_of(me.put("auth/password", {**body, "new_password": "short"}))[0] == 422
    answer = me.put("auth/password", body)
    assert (answer.status_code, answer.content) == (204, b"")
    assert me.get("users/me").status_code == 200
    assert log_in(api, password=OTHER_PASSWORD).status_code == 200
    assert api.put("auth/password", body).status_code == 401


def test_guessing_the_present_password_is_limited(me):
    body = {"current_password": OTHER_PASSWORD, "new_password": OTHER_PASSWORD}
    answers = [me.put("auth/password", body) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]


def test_the_owner_sees_the_account_and_allows_sign_in_by_mail(me, account):
    seen = me.get("auth/account").json()
    assert seen["id"] == str(account.id)
    assert seen["email"] == EMAIL
    assert (seen["email_verified"], seen["has_password"], seen["email_sign_in"]) == (
        True,
        True,
        False,
    )
    assert me.patch("auth/account", {"email_sign_in": True}).json()["email_sign_in"] is True
    assert Account.objects.get(id=account.id).email_sign_in
    assert me.patch("auth/account", {"email": "eve@example.com"}).status_code == 422


def test_the_owner_is_told_when_sign_in_by_mail_is_allowed_and_forbidden(me):
    for allowed in (True, True, False, False):
        assert me.patch("auth/account", {"email_sign_in": allowed}).status_code == 200
    changes = [said("auth.factor_added.v1"), said("auth.factor_removed.v1")]
    assert [[payload["method"] for _, payload in told] for told in changes] == [["email"]] * 2


def test_a_machine_sees_no_account(me, api):
    key = me.post("auth/api-keys", {"name": "CI", "permissions": ["auth.api_key:write"]}).json()
    machine = api.as_(token=key["secret"])
    assert machine.get("auth/account").status_code == 403
    body = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    assert machine.put("auth/password", body).status_code == 403


@pytest.mark.parametrize(("path", "methods"), [("password", {"PUT"}), ("account", {"PATCH"})])
def test_what_changes_the_ways_in_takes_fresh_proof(path, methods):
    from django.urls import resolve

    assert policy_of(resolve(f"/api/v1/auth/{path}").func).step_up == methods


def test_while_all_lanes_are_taken_whoever_needs_one_is_told_to_come_back(
    api, account, monkeypatch
):
    monkeypatch.setattr(hashers, "WAIT_SECONDS", 0.0)
    with ExitStack() as busy:
        for _ in range(hashers._lanes._initial_value):
            busy.enter_context(hashers._lane())
        answers = [
            log_in(api),
            log_in(api, "nobody@example.com"),
            register(api, "new@example.com"),
        ]
    assert [code_of(answer) for answer in answers] == [(503, "auth.busy")] * 3
    assert {answer["Retry-After"] for answer in answers} == {"1"}
    assert log_in(api).status_code == 200


class TestTheOwnName:
    """What the owner calls themselves, auth doesn't know: it is asked for."""

    OF_THE_NAME = "Lovelace-Augusta-1815"

    @pytest.fixture
    def me(self, api, account, deliver_events):
        deliver_events()
        me = api.as_(token=log_in(api).json()["access_token"])
        assert me.patch("users/me", {"display_name": "Augusta Lovelace"}).status_code == 200
        return me

    def change(self, me, password):
        body = {"current_password": PASSWORD, "new_password": password}
        return me.put("auth/password", body)

    def test_no_password_is_made_of_it(self, me):
        for password in (self.OF_THE_NAME, "augustalovelace!!", "L0v3lac3 4ugusta 1"):
            refused = self.change(me, password)
            assert code_of(refused)[0] == 422, password
            (error,) = refused.json()["errors"]
            assert error["pointer"] == "/new_password"
            assert error["code"] == "auth.password_too_expected"
        assert self.change(me, "Augusta counts herons at noon").status_code == 204

    def test_no_reset_brings_one(self, me, api):
        api.post("auth/forgot-password", {"email": EMAIL})
        body = {"token": token_of_the_mail(), "password": self.OF_THE_NAME}
        refused = api.post("auth/reset-password", body)
        (error,) = refused.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/password", "auth.password_too_expected")
        assert (
            api.post("auth/reset-password", {**body, "password": OTHER_PASSWORD}).status_code == 204
        )

    def test_without_a_name_the_same_words_are_anybodys(self, me):
        assert me.patch("users/me", {"display_name": ""}).status_code == 200
        assert self.change(me, self.OF_THE_NAME).status_code == 204

    def test_nobody_is_kept_from_a_password_while_names_can_not_be_asked(self, me, monkeypatch):
        def away(*, account_ids):
            raise Unavailable

        monkeypatch.setattr("domains.users.interface.get_profiles", away)
        assert self.change(me, self.OF_THE_NAME).status_code == 204
