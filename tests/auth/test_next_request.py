"""What takes somebody's rights away does so for the next request, although tokens are JWTs.

Every access token here lives for minutes yet, and Redis has been told that its session is active.
"""

from __future__ import annotations

from functools import partial

import pytest

from domains.auth import interface as auth
from domains.auth.models import Account, MailProof, Session
from domains.auth.services import bans, sessions, totp
from domains.users import interface as users
from gateway.limits import admission
from kernel import clock as real
from kernel import facts
from kernel.principal import Principal
from kernel.redis import connection
from tests.auth.conftest import OTHER_PASSWORD, PASSWORD
from tests.client import Api

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

EMAIL = "ada@example.com"


class Person:
    """Ada in two sessions that have both been used."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.id = auth.ensure_account(email=EMAIL, password=PASSWORD).id
        self.account = Account.objects.get(id=self.id)

    def sign_in(self) -> Api:
        answer = self.api.post("auth/login", {"email": EMAIL, "password": PASSWORD})
        signed_in = self.api.as_(token=answer.json()["access_token"])
        signed_in.refresh_token = answer.json()["refresh_token"]
        assert signed_in.get("users/me").status_code == 200
        session = Session.objects.latest("id")
        assert facts.get(f"session:{session.id}") == "active"
        signed_in.principal = Principal(
            kind="account",
            account_id=self.id,
            session_id=session.id,
            organization_id=session.id,
            memberships={},
        )
        return signed_in


@pytest.fixture
def ada(api, deliver_events) -> Person:
    person = Person(api)
    deliver_events()
    return person


@pytest.fixture
def here(ada) -> Api:
    return ada.sign_in()


@pytest.fixture
def there(ada) -> Api:
    return ada.sign_in()


def is_in(client: Api) -> bool:
    """Return whether the very next request is let in; who is not gets no new token either."""
    answer = client.get("users/me")
    if answer.status_code == 200:
        return True
    assert answer.status_code == 401
    assert answer.json()["code"] == "gateway.session_ended"
    refreshed = client.post("auth/refresh", {"refresh_token": client.refresh_token})
    assert refreshed.status_code == 401
    return False


def test_logout(here, there):
    assert here.post("auth/logout").status_code == 204
    assert not is_in(here)
    assert is_in(there)


def test_ending_another_session(here, there):
    assert here.delete(f"auth/sessions/{there.principal.session_id}").status_code == 204
    assert not is_in(there)
    assert is_in(here)


def test_ending_all_others(here, there):
    assert here.delete("auth/sessions").status_code == 204
    assert not is_in(there)
    assert is_in(here)


def test_a_password_change(here, there):
    body = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    assert here.put("auth/password", body).status_code == 204
    assert not is_in(there)


def test_a_password_reset(ada, here, there, api):
    assert api.post("auth/forgot-password", {"email": EMAIL}).status_code == 202
    proof = MailProof.objects.get(purpose=MailProof.Purpose.PASSWORD_RESET)
    token = auth.issue_mail_secret(proof_id=proof.id).token
    body = {"token": token, "password": OTHER_PASSWORD}
    assert api.post("auth/reset-password", body).status_code == 204
    assert not is_in(here)
    assert not is_in(there)


def test_an_email_change(here, there, api):
    assert here.post("auth/email-change", {"email": "new@example.com"}).status_code == 202
    proof = MailProof.objects.get(purpose=MailProof.Purpose.EMAIL_CHANGE)
    token = auth.issue_mail_secret(proof_id=proof.id).token
    assert is_in(here)
    assert api.post("auth/email-change/confirm", {"token": token}).status_code == 204
    assert not is_in(here)
    assert not is_in(there)


def test_a_ban(ada, here, there):
    bans.ban(ada.account, reason="Spam", now=real.now())
    assert not is_in(here)
    assert not is_in(there)


def test_closing_the_account(here, there):
    assert here.post("auth/account/close").status_code == 202
    assert not is_in(here)
    assert not is_in(there)


def test_the_removal_of_a_factor(here, there):
    begun = here.post("auth/totp").json()
    code = partial(totp.code_at, begun["secret"])
    shown = code(totp.step_at(real.now()))
    assert here.post("auth/totp/confirm", {"code": shown}).status_code == 200
    assert is_in(there)
    assert here.delete("auth/totp").status_code == 204
    assert not is_in(there)
    assert is_in(here)


def test_a_change_of_role(here, api, deliver_events):
    bob = auth.ensure_account(email="bob@example.com", password=PASSWORD)
    deliver_events()
    login = api.post("auth/login", {"email": "bob@example.com", "password": PASSWORD})
    bobs = api.as_(token=login.json()["access_token"])
    engines = users.ensure_organization(account_id=bob.id, name="Engines")
    ada_id = here.principal.account_id
    users.ensure_member(organization_id=engines.id, account_id=ada_id, role="admin")
    member = f"users/organizations/{engines.id}/members/{ada_id}"

    def lists_keys() -> int:
        return here.get("auth/api-keys", Organization_Id=str(engines.id)).status_code

    assert lists_keys() == 200
    assert bobs.patch(member, {"role": "member"}).status_code == 200
    assert lists_keys() == 403
    assert bobs.patch(member, {"role": "admin"}).status_code == 200
    assert lists_keys() == 200
    assert bobs.delete(member).status_code == 204
    assert lists_keys() == 404


class TestRedisCouldNotBeTold:
    """The process that revokes is cut off from Redis; the one that is asked is not."""

    @pytest.fixture
    def revoked(self, here, monkeypatch) -> Api:
        with monkeypatch.context() as patch:
            patch.setattr("domains.auth.services.sessions.facts.put", lambda *_, **__: False)
            sessions.log_out(here.principal, now=real.now())
        return here

    def test_the_event_tells_it_again(self, revoked, deliver_events):
        assert revoked.get("users/me").status_code == 200, "the gap that is left"
        deliver_events()
        assert not is_in(revoked)

    def test_nobody_trusts_it_for_longer_than_seconds(self, revoked):
        fact = f"fact:session:{revoked.principal.session_id}"
        assert 0 < connection().ttl(fact) <= 10
        connection().delete(fact)
        assert not is_in(revoked)

    def test_without_redis_every_request_asks(self, revoked, monkeypatch):
        monkeypatch.setattr(admission, "try_shared", lambda *_, **__: None)
        assert not is_in(revoked)
