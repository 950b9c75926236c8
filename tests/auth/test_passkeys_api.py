"""Passkeys as a client of the API meets them."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.db.models import F
from webauthn.helpers import bytes_to_base64url

from domains.auth import interface as auth
from domains.auth.models import Account, Passkey, PasskeyChallenge, Session
from kernel.ids import uuid7
from tests.auth.answers import code_of, log_in, same_but_for_the_request
from tests.auth.authenticator import PRESENT, Authenticator
from tests.auth.conftest import PASSWORD
from tests.auth.said import said
from tests.auth.threads import at_once
from tests.client import Api

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def phone(me) -> Authenticator:
    return register(me)


def an_authenticator(**claims) -> Authenticator:
    right = {"domain": settings.PASSKEY_DOMAIN, "origin": settings.PASSKEY_ORIGINS[0]}
    return Authenticator(**right | claims)


def register(me, name="Phone") -> Authenticator:
    authenticator = an_authenticator()
    options = me.post("auth/passkeys/registration-options")
    assert options["Cache-Control"] == "no-store"
    body = {"name": name, "credential": authenticator.create(options.json())}
    answer = me.post("auth/passkeys", body)
    assert answer.status_code == 201, answer.content
    assert answer["Cache-Control"] == "no-store"
    return authenticator


def shown(api, authenticator) -> dict:
    options = api.post("auth/passkeys/sign-in-options").json()
    return {"credential": authenticator.get(options)}


def sign_in(api, authenticator):
    return api.post("auth/passkeys/sign-in", shown(api, authenticator))


def test_a_passkey_signs_its_owner_in_alone(me, api, phone, account):
    answer = sign_in(api, phone)
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    assert set(answer.json()) >= {"access_token", "refresh_token"}
    session = Session.objects.latest("created_at", "id")
    assert (session.account_id, session.methods) == (account.id, ["passkey"])
    assert api.as_(token=answer.json()["access_token"]).get("users/me").status_code == 200


def test_a_password_alone_is_not_enough_any_more(api, phone):
    assert log_in(api).json()["mfa"]["methods"][0] == "passkey"


def test_sign_in_options_tell_nothing_of_anybody(api, phone):
    first, second = (api.post("auth/passkeys/sign-in-options").json() for _ in range(2))
    assert first.pop("challenge") != second.pop("challenge")
    assert first == second
    assert first["allowCredentials"] == []


def test_an_unknown_passkey_is_answered_as_a_wrong_one(api, phone):
    unknown = an_authenticator(user_handle=phone.user_handle)
    answers = [sign_in(api, unknown), sign_in(api, phone.copied(flags=PRESENT))]
    assert [code_of(a) for a in answers] == [(422, "auth.passkey_invalid")] * 2
    assert same_but_for_the_request(answers[0]) == same_but_for_the_request(answers[1])


def test_a_wrong_answer_is_told_of_and_locks_nobody_out(api, phone, account):
    for _ in range(12):
        assert sign_in(api, phone.copied(flags=PRESENT)).status_code == 422
    failures = said("auth.sign_in_failed.v1")
    assert len(failures) == 12
    assert failures[0][1].keys() == {"account_id", "method", "device", "network", "place"}
    assert failures[0][1]["method"] == "passkey"
    assert sign_in(api, phone).status_code == 200


def test_a_used_answer_signs_nobody_in(api, phone):
    body = shown(api, phone)
    assert api.post("auth/passkeys/sign-in", body).status_code == 200
    assert code_of(api.post("auth/passkeys/sign-in", body)) == (422, "auth.passkey_invalid")


def test_a_refused_answer_has_used_its_challenge_up(api, phone):
    options = api.post("auth/passkeys/sign-in-options").json()
    for authenticator in (phone.copied(flags=PRESENT), phone):
        body = {"credential": authenticator.get(options)}
        assert api.post("auth/passkeys/sign-in", body).status_code == 422


def test_a_banned_account_is_told_so_by_its_passkey_alone(api, phone):
    Account.objects.update(is_active=False)
    assert code_of(sign_in(api, phone)) == (403, "auth.account_disabled")
    assert sign_in(api, phone.copied(flags=PRESENT)).status_code == 422


def test_a_suspected_copy_is_remembered_although_the_answer_is_an_error(api, phone):
    phone.count = 4
    assert sign_in(api, phone).status_code == 200
    assert sign_in(api, phone.copied(count=1)).status_code == 422
    assert Passkey.objects.get().suspected_at is not None
    assert len(said("auth.passkey_suspected.v1")) == 1
    assert sign_in(api, phone).status_code == 422


def test_passkeys_are_listed_and_renamed(me, phone):
    register(me, "Laptop")
    laptop, listed = me.get("auth/passkeys").json()["data"]
    assert (laptop["name"], listed["name"]) == ("Laptop", "Phone")
    assert set(listed) == {
        "id",
        "name",
        "transports",
        "backed_up",
        "created_at",
        "last_used_at",
        "suspected_at",
    }
    answer = me.patch(f"auth/passkeys/{listed['id']}", {"name": "Old phone"})
    assert answer.json() == {**listed, "name": "Old phone"}
    assert me.get("auth/passkeys").json()["data"][1]["name"] == "Old phone"


def test_another_accounts_passkey_is_as_unknown_as_none(me, api, phone, deliver_events):
    auth.ensure_account(email="eve@example.com", password=PASSWORD)
    deliver_events()
    eve = api.as_(token=log_in(api, "eve@example.com").json()["access_token"])
    for passkey_id in (Passkey.objects.get().id, uuid7()):
        answer = eve.patch(f"auth/passkeys/{passkey_id}", {"name": "Mine"})
        assert code_of(answer) == (404, "auth.passkey_not_found")
    assert eve.get("auth/passkeys").json()["data"] == []
    assert Passkey.objects.get().name == "Phone"


def test_an_api_key_neither_sees_nor_makes_passkeys(me, api, phone):
    body = {"name": "CI", "permissions": ["auth.api_key:write"]}
    machine = api.as_(token=me.post("auth/api-keys", body).json()["secret"])
    paths = ("auth/passkeys", f"auth/passkeys/{Passkey.objects.get().id}")
    answers = [
        machine.get(paths[0]),
        machine.post("auth/passkeys/registration-options"),
        machine.post(paths[0], {"name": "x", "credential": {}}),
        machine.patch(paths[1], {"name": "x"}),
    ]
    assert [code_of(a) for a in answers] == [(403, "auth.session_required")] * 4


def test_who_is_not_signed_in_has_no_passkeys(api):
    assert api.get("auth/passkeys").status_code == 401
    assert api.post("auth/passkeys/registration-options").status_code == 401


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "n" * 101}, "/name"),
        ({"name": 5}, "/name"),
        ({"credential": "x"}, "/credential"),
        ({"credential": None}, "/credential"),
        ({"more": 1}, "/more"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(me, change, pointer):
    answer = me.post("auth/passkeys", {"name": "Phone", "credential": {}, **change})
    assert answer.status_code == 422
    assert pointer in {e["pointer"] for e in answer.json()["errors"]}


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": "AAAA"},
        {"rawId": None, "response": None},
        {"rawId": "AAAA", "response": {"clientDataJSON": "AAAA"}},
        {"rawId": "\ud800", "response": {"clientDataJSON": "\ud800", "userHandle": "\ud800"}},
        {"rawId": ["AAAA"], "response": {"clientDataJSON": {"a": 1}, "userHandle": 5}},
        {"rawId": bytes_to_base64url(b"\0" * 3000), "response": []},
    ],
)
def test_an_answer_of_any_kind_is_refused(me, api, credential):
    for answer in (
        api.post("auth/passkeys/sign-in", {"credential": credential}),
        me.post("auth/passkeys", {"name": "x", "credential": credential}),
    ):
        assert answer.status_code in (400, 422), answer.content
    assert not Passkey.objects.exists()


def test_nobody_fills_the_table_of_challenges_without_end(api):
    """As many again if Redis falls silent in between and PostgreSQL stands in."""
    answers = [api.post("auth/passkeys/sign-in-options").status_code for _ in range(121)]
    assert answers[:60] == [200] * 60
    assert answers[-1] == 429
    assert PasskeyChallenge.objects.count() == answers.count(200)


def test_nothing_but_names_is_told_of_a_passkey(me, phone):
    from kernel.models import Outbox

    told = json.dumps(list(Outbox.objects.using("auth").values()), default=str)
    assert bytes_to_base64url(phone.id) not in told


def test_a_removed_passkey_signs_nobody_in(me, api, phone):
    passkey_id = Passkey.objects.get().id
    assert me.delete(f"auth/passkeys/{passkey_id}").status_code == 204
    assert code_of(me.delete(f"auth/passkeys/{passkey_id}")) == (404, "auth.passkey_not_found")
    assert sign_in(api, phone).status_code == 422
    assert "access_token" in log_in(api).json()


def test_only_who_has_just_proven_who_they_are_changes_passkeys(me, phone):
    Session.objects.update(proven_at=F("proven_at") - timedelta(minutes=11))
    one = f"auth/passkeys/{Passkey.objects.get().id}"
    answers = [
        me.post("auth/passkeys/registration-options"),
        me.post("auth/passkeys", {"name": "x", "credential": {}}),
        me.delete(one),
    ]
    assert {code_of(a) for a in answers} == {(401, "auth.step_up_required")}
    assert answers[0].json()["methods"] == ["passkey", "recovery_code"]
    assert me.patch(one, {"name": "x"}).status_code == 200
    assert Passkey.objects.count() == 1


def test_a_passkey_finishes_a_sign_in(api, phone):
    ticket = log_in(api).json()["mfa"]["ticket"]
    options = api.post("auth/mfa/passkey-options", {"ticket": ticket}).json()
    assert [a["id"] for a in options["allowCredentials"]] == [bytes_to_base64url(phone.id)]
    body = {"ticket": ticket, "method": "passkey", "answer": phone.get(options)}
    assert api.post("auth/mfa", body).status_code == 200
    session = Session.objects.latest("created_at", "id")
    assert session.methods == ["password", "passkey"]
    assert api.post("auth/mfa", body).status_code == 401


def test_an_answer_to_another_question_finishes_no_sign_in(me, api, phone):
    for path in ("auth/passkeys/sign-in-options", "auth/step-up/passkey-options"):
        ticket = log_in(api).json()["mfa"]["ticket"]
        options = me.post(path).json()
        body = {"ticket": ticket, "method": "passkey", "answer": phone.get(options)}
        assert code_of(api.post("auth/mfa", body)) == (401, "auth.ticket_invalid")


def test_a_passkey_proves_anew_who_it_is(me, api, phone):
    Session.objects.update(proven_at=F("proven_at") - timedelta(minutes=11))
    options = me.post("auth/step-up/passkey-options").json()
    answer = me.post("auth/step-up", {"method": "passkey", "answer": phone.get(options)})
    assert answer.status_code == 200, answer.content
    proven = api.as_(token=answer.json()["access_token"])
    assert proven.delete(f"auth/passkeys/{Passkey.objects.get().id}").status_code == 204


def test_a_lockout_does_not_keep_a_passkey_out(api, phone):
    for _ in range(12):
        last = log_in(api, password="an entirely different phrase")
    assert code_of(last) == (429, "auth.sign_in_locked")
    assert sign_in(api, phone).status_code == 200


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_one_answer_sent_several_times_at_once_signs_in_once(me, api, phone):
    body = shown(api, phone)
    calls = [partial(Api().post, "auth/passkeys/sign-in", body) for _ in range(4)]
    answers = at_once(*calls)
    assert sorted(a.status_code for a in answers) == [200, 422, 422, 422]
    assert Session.objects.filter(methods=["passkey"]).count() == 1
