"""Fresh proof for what is sensitive: which views ask for it, what satisfies it, how it is given."""

from __future__ import annotations

from datetime import timedelta

import jwt as pyjwt
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from domains.auth import interface as auth
from domains.auth.models import Account, RecoveryCode, Session, SignInThrottle
from domains.auth.services import keys, step_up, tokens
from gateway.policies import policy_of
from kernel import clock as real
from kernel.crypto import hash_secret
from kernel.rest import Public
from tests.auth import test_passkeys as passkey_tests
from tests.auth.answers import EMAIL, code_of, log_in, refresh
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.persons import App, person
from tests.auth.said import said
from tests.auth.test_mfa import RealClock, finish, needed
from tests.auth.test_sign_in import give_passkey
from tests.principals import machine_of

pytestmark = pytest.mark.django_db(databases="__all__")

# Everything that takes fresh proof. Whoever adds a sensitive operation adds it here.
SENSITIVE = {
    "DELETE auth/identities/<uuid:identity_id>",
    "DELETE auth/passkeys/<uuid:passkey_id>",
    "DELETE auth/sessions",
    "DELETE auth/sessions/<uuid:session_id>",
    "DELETE auth/totp",
    "PATCH auth/account",
    "PATCH users/organizations/<uuid:organization_id>/policy",
    "POST auth/account/close",
    "POST auth/api-keys",
    "POST auth/api-keys/<uuid:api_key_id>/rotate",
    "POST auth/email-change",
    "POST auth/federation/<slug:provider>/link",
    "POST auth/passkeys",
    "POST auth/passkeys/registration-options",
    "POST auth/recovery-codes",
    "POST auth/service-accounts",
    "POST auth/totp",
    "POST auth/totp/confirm",
    "POST users/organizations/<uuid:organization_id>/close",
    "POST users/organizations/<uuid:organization_id>/ownership-transfer",
    "POST users/organizations/<uuid:organization_id>/ownership-transfer/accept",
    "POST users/me/erase",
    "POST users/me/export",
    "POST billing/payment-methods",
    "POST billing/portal-sessions",
    "DELETE billing/payment-methods/<uuid:method_id>",
    "PUT auth/password",
    "PUT billing/subscription",
}


def views(patterns=None, prefix=""):
    """Yield every view's path and itself."""
    for pattern in get_resolver("config.urls").url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def test_the_sensitive_operations_are_these():
    found = {
        f"{method} {path.removeprefix('api/v1/')}"
        for path, view in views()
        if path.startswith("api/")
        for method in policy_of(view).step_up
    }
    assert found == SENSITIVE


def test_only_who_is_known_is_asked_for_fresh_proof():
    for path, view in views():
        if policy_of(view).step_up:
            assert Public not in view.cls.permission_classes, path


@pytest.fixture
def clock(monkeypatch) -> RealClock:
    return RealClock(monkeypatch)


@pytest.fixture
def account() -> Account:
    auth.ensure_account(email=EMAIL, password=PASSWORD)
    return Account.objects.get()


@pytest.fixture
def me(account, api, deliver_events):
    deliver_events()
    return api.as_(token=log_in(api).json()["access_token"])


def grow_old():
    """Have the proof of all sessions be eleven minutes old."""
    for row in Session.objects.all():
        row.proven_at -= timedelta(minutes=11)
        row.save()


def stale(api):
    """A client whose token is valid, while its proof is too old."""
    session = Session.objects.latest("created_at", "id")
    access = tokens.make_access(
        signer=keys.get_signer(now=real.now()), session=session, now=real.now()
    )
    return api.as_(token=access.access_token)


def prove(client, answer=PASSWORD, method="password"):
    return client.post("auth/step-up", {"method": method, "answer": answer})


def test_a_fresh_sign_in_is_proof(me):
    assert me.post("auth/totp").status_code == 201


def test_ten_minutes_later_it_is_not_and_the_answer_says_what_is(me, api):
    grow_old()
    answer = stale(api).post("auth/totp")
    assert code_of(answer) == (401, "auth.step_up_required")
    assert answer.json()["methods"] == ["password"]
    assert "WWW-Authenticate" in answer


def test_proving_it_gives_a_token_that_says_so(me, api, account):
    grow_old()
    old = stale(api)
    answer = prove(old)
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"access_token", "token_type", "expires_in"}
    token = answer.json()["access_token"]
    claims = pyjwt.decode(token, options={"verify_signature": False})
    session = Session.objects.get()
    assert claims["auth_time"] == int(session.proven_at.timestamp())
    assert claims["amr"] == ["pwd"]
    assert claims["sid"] == str(session.id)
    assert api.as_(token=token).post("auth/totp").status_code == 201
    assert [payload for _, payload in said("auth.stepped_up.v1")] == [
        {"account_id": str(account.id), "session_id": str(session.id), "method": "password"}
    ]


def test_a_token_from_before_the_proof_does_not_count(me, api):
    grow_old()
    old = stale(api)
    prove(old)
    assert code_of(old.post("auth/totp")) == (401, "auth.step_up_required")


def test_the_refresh_token_stays_and_brings_the_proof_along(account, api, deliver_events):
    deliver_events()
    tokens = log_in(api).json()
    grow_old()
    prove(api.as_(token=tokens["access_token"]))
    renewed = refresh(api, tokens["refresh_token"]).json()
    assert api.as_(token=renewed["access_token"]).post("auth/totp").status_code == 201


def test_reading_takes_no_fresh_proof(me, api):
    grow_old()
    assert stale(api).get("auth/factors").status_code == 200


def test_what_is_wrong_proves_nothing_and_is_counted(me, api, account):
    grow_old()
    client = stale(api)
    refused = prove(client, OTHER_PASSWORD)
    assert code_of(refused) == (422, "auth.step_up_failed")
    assert refused.json()["methods"] == ["password"]
    assert [e["pointer"] for e in refused.json()["errors"]] == ["/answer"]
    assert [p["method"] for _, p in said("auth.sign_in_failed.v1")] == ["password"]
    assert SignInThrottle.objects.count() == 3
    statuses = [prove(client, OTHER_PASSWORD).status_code for _ in range(10)]
    assert statuses == [422] * 9 + [429]
    assert prove(client).status_code == 429


def test_a_weaker_factor_than_the_strongest_is_no_proof(account, api, me, clock):
    app = App(person(account), clock)
    grow_old()
    client = stale(api)
    assert code_of(prove(client)) == (422, "auth.step_up_failed")
    assert prove(client, app.later_code(), "totp").status_code == 200


def test_a_session_begun_before_the_factor_has_not_proven_it(account, api, me, clock):
    other = api.as_(token=log_in(api).json()["access_token"])
    session = Session.objects.latest("created_at", "id")
    App(person(account, session), clock)
    refused = me.post("auth/recovery-codes")
    assert code_of(refused) == (401, "auth.step_up_required")
    assert refused.json()["methods"] == ["totp", "recovery_code"]
    assert other.post("auth/recovery-codes").status_code == 201


def test_a_new_passkey_is_the_strongest_from_then_on(account, api, me, clock):
    App(person(account), clock)
    give_passkey(account, clock)
    refused = me.delete("auth/totp")
    assert code_of(refused) == (401, "auth.step_up_required")
    assert refused.json()["methods"] == ["passkey", "recovery_code"]
    asked = me.post("auth/step-up/passkey-options")
    assert asked.status_code == 200
    assert len(asked.json()["allowCredentials"]) == 1


def test_the_last_recovery_code_is_proof_enough_to_replace_what_was_lost(account, api, me, clock):
    app = App(person(account), clock)
    last = app.recovery_codes[0]
    others = RecoveryCode.objects.exclude(code_hash=hash_secret(last.replace("-", "")))
    others.update(used_at=clock.now)
    signed_in = finish(api, needed(api)["ticket"], last, "recovery_code").json()
    assert api.as_(token=signed_in["access_token"]).delete("auth/totp").status_code == 204


def test_a_passkey_that_there_is_not_is_not_asked_for(me):
    assert code_of(me.post("auth/step-up/passkey-options")) == (422, "auth.step_up_failed")


def impersonate():
    Session.objects.update(
        impersonator=Account.objects.get(), impersonation_reason="a ticket of the support"
    )


def test_staff_who_act_as_somebody_do_nothing_sensitive(me):
    impersonate()
    for answer in (me.post("auth/totp"), prove(me), me.post("auth/step-up/passkey-options")):
        assert code_of(answer) == (403, "auth.impersonation_forbids")


def test_an_api_key_does_nothing_sensitive(me, api):
    made = me.post("auth/api-keys", {"name": "CI", "permissions": ["auth.api_key:write"]})
    machine = api.as_(token=made.json()["secret"])
    for answer in (machine.post("auth/totp"), prove(machine)):
        assert code_of(answer) == (403, "auth.session_required")


def test_a_machine_has_nothing_to_prove(account):
    with pytest.raises(auth.SessionRequired):
        step_up.step_up(
            machine_of(account.id),
            method=auth.Method.PASSWORD,
            answer=PASSWORD,
            client=CLIENT,
            now=real.now(),
        )


def test_the_document_says_which_operations_take_fresh_proof(me):
    from gateway.openapi.document import document

    answer = document()["paths"]["/api/v1/auth/totp"]["post"]["responses"]["401"]
    name = answer["$ref"].rpartition("/")[2]
    content = document()["components"]["responses"][name]["content"]
    assert "auth.step_up_required" in content["application/problem+json"]["examples"]


def test_a_passkey_proves_it_anew(account, api, me, clock):
    phone = passkey_tests.register(account, clock)
    grow_old()
    client = stale(api)
    assert client.delete("auth/totp").json()["methods"] == ["passkey", "recovery_code"]
    credential = phone.get(client.post("auth/step-up/passkey-options").json())
    proven = prove(client, credential, "passkey")
    assert proven.status_code == 200, proven.content
    again = api.as_(token=proven.json()["access_token"])
    assert again.post("auth/recovery-codes").status_code == 201
    assert prove(client, credential, "passkey").status_code == 422
