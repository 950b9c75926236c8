"""Another address and the end of an account as a client of the API meets them."""

from __future__ import annotations

import json

import pytest
from django.urls import resolve

from domains.auth import interface as auth
from domains.auth.models import Account, MailProof, Session
from gateway.policies import policy_of
from kernel import clock as real
from kernel.ids import uuid7
from kernel.models import IdempotencyRecord, Outbox
from tests.auth.answers import EMAIL, code_of, log_in
from tests.auth.conftest import OTHER_PASSWORD, PASSWORD
from tests.auth.test_passwords_api import shown
from tests.client import Api

pytestmark = pytest.mark.django_db(databases="__all__")
NEW = "ada@lovelace.example"
Purpose = MailProof.Purpose


def token_for(purpose) -> str:
    proof = MailProof.objects.filter(purpose=purpose, used_at=None).latest("created_at", "id")
    return auth.issue_mail_secret(proof_id=proof.id).token


def test_an_address_is_changed_confirmed_and_taken_back(me, api):
    assert me.post("auth/email-change", {"email": NEW}).status_code == 202
    body = {"token": token_for(Purpose.EMAIL_CHANGE)}
    answer = api.post("auth/email-change/confirm", body)
    assert (answer.status_code, answer.content) == (204, b"")
    assert code_of(api.post("auth/email-change/confirm", body)) == (422, "auth.mail_token_invalid")
    assert log_in(api, NEW).status_code == 200
    body = {"token": token_for(Purpose.EMAIL_CHANGE_UNDO)}
    assert api.post("auth/email-change/undo", body).status_code == 204
    assert code_of(api.post("auth/email-change/undo", body)) == (422, "auth.mail_token_invalid")
    assert log_in(api, NEW).status_code == 401
    assert code_of(log_in(api)) == (403, "auth.password_reset_required")
    body = {"token": token_for(Purpose.PASSWORD_RESET), "password": OTHER_PASSWORD}
    assert api.post("auth/reset-password", body).status_code == 204
    assert log_in(api, password=OTHER_PASSWORD).status_code == 200


def test_asking_for_an_address_answers_the_same_whosever_it_is(me):
    auth.ensure_account(email="bob@example.com", password=PASSWORD)
    addresses = ("new@example.com", "bob@example.com")
    answers = [shown(me.post("auth/email-change", {"email": email})) for email in addresses]
    assert answers[0][0] == 202
    assert answers[0] == answers[1]


def test_an_address_that_was_lost_meanwhile_is_said_to_be(me, api):
    me.post("auth/email-change", {"email": NEW})
    body = {"token": token_for(Purpose.EMAIL_CHANGE)}
    auth.ensure_account(email=NEW, password=PASSWORD)
    assert code_of(api.post("auth/email-change/confirm", body)) == (409, "auth.email_unavailable")


def test_no_strangers_mailbox_is_filled(me):
    answers = [me.post("auth/email-change", {"email": NEW}).status_code for _ in range(11)]
    assert answers[:5] == [202] * 5
    assert answers[-1] == 429


def test_an_account_is_closed_and_opened_again(me, api):
    answer = me.post("auth/account/close")
    assert answer.status_code == 202
    account = Account.objects.get()
    assert answer.json() == {"erase_at": account.erase_at.isoformat().replace("+00:00", "Z")}
    assert code_of(log_in(api)) == (403, "auth.account_closing")
    body = {"token": token_for(Purpose.CLOSING_UNDO)}
    assert api.post("auth/account/reopen", body).status_code == 204
    assert code_of(api.post("auth/account/reopen", body)) == (422, "auth.mail_token_invalid")
    assert log_in(api).status_code == 200


def test_staff_hear_why_their_account_stays(me):
    Account.objects.update(is_staff=True)
    assert code_of(me.post("auth/account/close")) == (409, "auth.staff_stays")


@pytest.mark.parametrize("path", ["email-change", "account/close"])
def test_a_change_of_the_account_takes_fresh_proof(path):
    assert policy_of(resolve(f"/api/v1/auth/{path}").func).step_up == {"POST"}


@pytest.mark.parametrize(
    "path",
    ["email-change/confirm", "email-change/undo", "account/reopen", "reset-password"],
)
@pytest.mark.parametrize("token", ["", "x", 5, None, "a" * 5000, "\0", {"a": 1}])
def test_a_wrong_token_of_any_kind_proves_nothing(api, account, path, token):
    body = {"token": token}
    if path == "reset-password":
        body["password"] = OTHER_PASSWORD
    assert api.post(f"auth/{path}", body).status_code == 422


def test_a_token_is_of_no_use_for_anything_else(me, api):
    api.post("auth/forgot-password", {"email": EMAIL})
    token = token_for(Purpose.PASSWORD_RESET)
    for path in ("email-change/confirm", "email-change/undo", "account/reopen", "verify-email"):
        assert api.post(f"auth/{path}", {"token": token}).status_code == 422
    assert api.as_(token=token).get("auth/account").status_code == 401
    assert api.post("auth/refresh", {"refresh_token": token}).status_code == 401


def test_nothing_secret_of_a_mail_is_stored_or_told(me, api):
    api.post("auth/forgot-password", {"email": EMAIL})
    token = token_for(Purpose.PASSWORD_RESET)
    body = {"token": token, "password": OTHER_PASSWORD}
    assert api.post("auth/reset-password", body, Idempotency_Key=str(uuid7())).status_code == 204
    rows = [
        list(model.objects.using("auth").values())
        for model in (Outbox, IdempotencyRecord, MailProof, Account)
    ]
    stored = json.dumps(rows, default=str)
    assert token not in stored
    assert OTHER_PASSWORD not in stored


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestCommitted:
    @pytest.fixture
    def other(self, account, api, deliver_events) -> Api:
        deliver_events()
        return api.as_(token=log_in(api).json()["access_token"])

    @pytest.mark.parametrize(
        "change",
        [
            lambda me: me.put(
                "auth/password", {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
            ),
            lambda me: me.post("auth/account/close"),
        ],
    )
    def test_a_change_ends_other_sessions_with_their_next_request(
        self, account, api, other, change
    ):
        me = api.as_(token=log_in(api).json()["access_token"])
        assert other.get("auth/account").status_code == 200
        assert change(me).status_code in (202, 204)
        assert other.get("auth/account").status_code == 401

    def test_a_confirmed_address_ends_sessions_with_their_next_request(self, account, api, other):
        other.post("auth/email-change", {"email": NEW})
        body = {"token": token_for(Purpose.EMAIL_CHANGE)}
        assert api.post("auth/email-change/confirm", body).status_code == 204
        assert other.get("auth/account").status_code == 401
        assert Session.objects.get().revoked_at <= real.now()
