"""Signing out at the provider, and being signed out from there."""

from __future__ import annotations

import time
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.test import TestCase

from domains.auth.models import Identity, Session, SignInTicket
from domains.auth.services.federation.assertions import LOGOUT_EVENT
from kernel.clock import now
from tests import patience
from tests.auth.conftest import PASSWORD
from tests.auth.federation.browser import AFTER_LOGOUT, Browser
from tests.auth.federation.conftest import CLIENT_ID
from tests.auth.federation.steps import by_password, code_of, finish, sign_in, signed_in, start

pytestmark = pytest.mark.django_db(databases="__all__")


def tell(api, token, provider="odd"):
    with TestCase.captureOnCommitCallbacks(using="auth", execute=True):
        return api.client.post(
            f"/api/v1/auth/federation/{provider}/backchannel-logout",
            f"logout_token={token}",
            content_type="application/x-www-form-urlencoded",
        )


def enter(api, issuer, **claims):
    """Sign in with the misbehaving provider."""
    issuer.claims.update(claims)
    started = start(api, "odd")
    return signed_in(api, finish(api, started, issuer.went(started["authorization_url"]), "odd"))


def logout_token(issuer, *, typ="logout+jwt", **more):
    moment = int(time.time())
    claims = {
        "iss": issuer.url,
        "aud": CLIENT_ID,
        "iat": moment,
        "exp": moment + 120,
        "jti": f"{time.perf_counter_ns()}",
        "events": {LOGOUT_EVENT: {}},
        "sub": "eve",
        **more,
    }
    known = {name: value for name, value in claims.items() if value is not None}
    return issuer.signed(known, **({"typ": typ} if typ else {}))


@pytest.mark.node
def test_who_signs_out_at_the_provider_is_signed_out_here(api, providers, person):
    me = signed_in(api, sign_in(api, person))
    elsewhere = signed_in(api, sign_in(api, Browser()))
    answer = me.post("auth/federation/logout-url")
    assert answer["Cache-Control"] == "no-store"
    url = answer.json()["url"]
    assert parse_qs(urlsplit(url).query) == {
        "client_id": [CLIENT_ID],
        "post_logout_redirect_uri": [AFTER_LOGOUT],
    }
    person.visit(url, logout="yes")
    told = dict(parse_qsl(providers.logout_tokens.get(timeout=patience.SECONDS)))
    answer = tell(api, told["logout_token"], "acme")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert me.get("auth/identities").status_code == 401
    assert elsewhere.get("auth/identities").status_code == 200
    assert Session.objects.exclude(revoked_at=None).get().revoked_reason == "provider"
    assert code_of(tell(api, told["logout_token"], "acme")) == (400, "auth.logout_token_invalid")


@pytest.mark.node
def test_a_session_without_a_provider_has_nowhere_to_sign_out(api, providers, account):
    assert by_password(api).post("auth/federation/logout-url").json() == {"url": None}


def test_a_provider_without_such_a_page_has_none(api, issuer):
    issuer.document["end_session_endpoint"] = None
    assert enter(api, issuer).post("auth/federation/logout-url").json() == {"url": None}


def test_a_session_is_ended_by_its_id_or_by_its_person(api, issuer):
    first, second = (enter(api, issuer, sid=sid) for sid in ("one", "two"))
    assert tell(api, logout_token(issuer, sub=None, sid="one")).status_code == 200
    assert first.get("auth/identities").status_code == 401
    assert second.get("auth/identities").status_code == 200
    assert tell(api, logout_token(issuer, sub="adam", sid="two")).status_code == 200
    assert second.get("auth/identities").status_code == 200
    assert tell(api, logout_token(issuer)).status_code == 200
    assert second.get("auth/identities").status_code == 401


def test_a_sign_in_that_waits_for_its_second_factor_ends_too(api, issuer, account):
    identity = Identity.objects.create(
        account_id=account.id, provider="odd", issuer=issuer.url, subject="eve", created_at=now()
    )
    SignInTicket.objects.create(
        account_id=account.id,
        ticket_hash="a",
        proven=["federated"],
        identity=identity,
        provider_session="one",
        created_at=now(),
        expires_at=now() + timedelta(minutes=5),
    )
    assert tell(api, logout_token(issuer, sid="one")).status_code == 200
    assert SignInTicket.objects.get().used_at is not None


def test_another_providers_people_stay_signed_in(api, issuer, account):
    me = by_password(api)
    Session.objects.update(provider_session="one")
    assert tell(api, logout_token(issuer, sid="one", sub=None)).status_code == 200
    assert me.get("auth/identities").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another client"},
        {"iss": "https://accounts.google.com"},
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"iat": None},
        {"jti": None},
        {"events": None},
        {"events": {}},
        {"events": {LOGOUT_EVENT: "yes"}},
        {"events": [LOGOUT_EVENT]},
        {"nonce": "a"},
        {"sub": None},
        {"sub": ["eve"]},
        {"typ": "at+jwt"},
    ],
)
def test_a_token_that_tells_no_logout_ends_nothing(api, issuer, wrong):
    me = enter(api, issuer)
    assert code_of(tell(api, logout_token(issuer, **wrong))) == (400, "auth.logout_token_invalid")
    assert me.get("auth/identities").status_code == 200


def test_an_id_token_ends_nothing_and_a_logout_token_signs_nobody_in(api, issuer):
    me = enter(api, issuer)
    assert tell(api, issuer.id_token()).status_code == 400
    assert me.get("auth/identities").status_code == 200
    issuer.sign = None
    issuer.header = {"typ": "logout+jwt"}
    started = start(api, "odd")
    refused = finish(api, started, issuer.went(started["authorization_url"]), "odd")
    assert code_of(refused) == (401, "auth.federation_failed")


@pytest.mark.parametrize("token", ["", "a.b.c", "%00", "a" * 10_000], ids=range(4))
def test_what_is_no_token_ends_nothing(api, issuer, token):
    assert code_of(tell(api, token)) == (400, "auth.logout_token_invalid")


def test_only_forms_of_a_sane_size_are_read(api, issuer):
    path = "/api/v1/auth/federation/odd/backchannel-logout"
    assert api.post(path, {"logout_token": "a"}).status_code == 415
    assert tell(api, "a" * 20_000).status_code == 413
    assert tell(api, "a", "evil").status_code == 404


def test_a_password_still_signs_in_after_the_provider_signed_out(api, issuer, account):
    assert tell(api, logout_token(issuer)).status_code == 200
    login = api.post("auth/login", {"email": "ada@example.com", "password": PASSWORD})
    assert login.status_code == 200
