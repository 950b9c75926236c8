"""Fresh proof from a provider, for accounts that have nothing stronger."""

from __future__ import annotations

import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from domains.auth.models import FederationFlow, Identity, Session, Totp
from domains.auth.services.expiry import delete_expired
from kernel.clock import now
from tests.auth.answers import refresh
from tests.auth.federation.browser import REDIRECT_URI, Browser
from tests.auth.federation.steps import by_password, code_of, finish, sign_in, signed_in, start
from tests.auth.said import said

pytestmark = pytest.mark.django_db(databases="__all__")
START = {"redirect_uri": REDIRECT_URI}


def grow_old() -> None:
    Session.objects.update(proven_at=now() - timedelta(minutes=11))


def enter(api, issuer):
    started = start(api, "odd")
    return signed_in(api, finish(api, started, issuer.went(started["authorization_url"]), "odd"))


def step_up(me, issuer, **claims):
    issuer.claims.update(claims)
    started = start(me, "odd", action="step-up")
    brought = issuer.went(started["authorization_url"])
    return finish(me, started, brought, "odd", action="step-up/finish")


@pytest.mark.node
def test_who_signs_in_anew_at_the_provider_may_do_what_is_sensitive(api, providers, person):
    answer = sign_in(api, person)
    grow_old()
    me = signed_in(api, refresh(api, answer.json()["refresh_token"]))
    refused = me.post("auth/federation/other/link", START)
    assert code_of(refused) == (401, "auth.step_up_required")
    assert refused.json()["methods"] == ["federated"]
    started = start(me, action="step-up")
    person.pages.clear()
    brought = person.visit(started["authorization_url"], login="ada")
    assert "login" in person.pages  # though the provider's session goes on
    answer = finish(me, started, brought, action="step-up/finish")
    assert answer["Cache-Control"] == "no-store"
    assert "refresh_token" not in answer.json()
    assert me.post("auth/federation/other/link", START).status_code == 401
    assert signed_in(api, answer).post("auth/federation/other/link", START).status_code == 200
    assert said("auth.stepped_up.v1")[0][1]["method"] == "federated"


@pytest.mark.node
def test_somebody_else_at_the_provider_proves_nothing(api, providers, person):
    me = signed_in(api, sign_in(api, person))
    started = start(me, action="step-up")
    brought = Browser().visit(started["authorization_url"], login="ada2")
    refused = finish(me, started, brought, action="step-up/finish")
    assert code_of(refused) == (422, "auth.step_up_failed")


def test_the_provider_is_asked_for_a_new_sign_in(api, issuer):
    started = start(enter(api, issuer), "odd", action="step-up")
    asked = parse_qs(urlsplit(started["authorization_url"]).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])


@pytest.mark.parametrize("auth_time", [None, 0, "now", True, -1, 1e40, "an hour ago"])
def test_a_sign_in_that_may_be_an_old_one_proves_nothing(api, issuer, auth_time):
    me = enter(api, issuer)
    grow_old()
    shown = int(time.time()) - 3600 if auth_time == "an hour ago" else auth_time
    refused = step_up(me, issuer, auth_time=shown)
    assert code_of(refused) == (401, "auth.federation_failed")
    assert not said("auth.stepped_up.v1")


def test_a_fresh_one_is_taken_whatever_the_clocks_say(api, issuer):
    me = enter(api, issuer)
    for difference in (-20, 3600):
        assert step_up(me, issuer, auth_time=int(time.time()) + difference).status_code == 200
        assert Session.objects.get().proven_at <= now()


def test_a_provider_that_knew_them_for_hours_is_no_fresh_proof(api, issuer):
    issuer.claims["auth_time"] = int(time.time()) - 3600
    me = enter(api, issuer)
    refused = me.post("auth/federation/odd/link", START)
    assert code_of(refused) == (401, "auth.step_up_required")
    assert step_up(me, issuer, auth_time=int(time.time())).status_code == 200


def test_only_the_session_that_began_can_finish(api, issuer):
    me, elsewhere = enter(api, issuer), enter(api, issuer)
    started = start(me, "odd", action="step-up")
    issuer.claims["auth_time"] = int(time.time())
    brought = issuer.went(started["authorization_url"])
    refused = finish(elsewhere, started, brought, "odd", action="step-up/finish")
    assert code_of(refused) == (401, "auth.ticket_invalid")


def test_what_is_stronger_is_not_got_round(api, issuer, account):
    me = by_password(api)
    refused = me.post("auth/federation/odd/step-up", START)
    assert code_of(refused) == (404, "auth.identity_not_found")
    Identity.objects.create(
        account_id=account.id, provider="odd", issuer=issuer.url, subject="eve", created_at=now()
    )
    refused = me.post("auth/federation/odd/step-up", START)
    assert code_of(refused) == (422, "auth.step_up_failed")
    assert refused.json()["methods"] == ["password"]


def test_a_factor_added_meanwhile_counts(api, issuer):
    """What is proven at the provider is recorded, and is not enough."""
    me = enter(api, issuer)
    started = start(me, "odd", action="step-up")
    Totp.objects.create(
        account=Session.objects.get().account,
        secret_encrypted="a",
        created_at=now(),
        confirmed_at=now(),
    )
    issuer.claims["auth_time"] = int(time.time())
    brought = issuer.went(started["authorization_url"])
    answer = finish(me, started, brought, "odd", action="step-up/finish")
    refused = signed_in(api, answer).post("auth/federation/odd/link", START)
    assert code_of(refused) == (401, "auth.step_up_required")
    assert refused.json()["methods"] == ["totp"]


def test_staff_who_act_as_somebody_may_not(api, issuer, account):
    me = enter(api, issuer)
    Session.objects.update(impersonator=account.id, impersonation_reason="helping")
    for action in ("step-up", "link"):
        refused = me.post(f"auth/federation/odd/{action}", START)
        assert code_of(refused) == (403, "auth.impersonation_forbids")


def test_visits_that_nobody_can_finish_are_deleted(api, issuer):
    start(api, "odd")
    delete_expired(now=now())
    assert FederationFlow.objects.count() == 1
    delete_expired(now=now() + timedelta(minutes=10))
    assert not FederationFlow.objects.exists()
