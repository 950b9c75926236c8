"""Signing in with a real provider, through the whole gateway."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from domains.auth.models import Account, FederationFlow, Identity, Registration, Session
from domains.auth.services import registration
from domains.auth.services.federation import assertions
from kernel.clock import now
from kernel.crypto import encrypt, hash_secret, new_secret
from tests.auth.conftest import PASSWORD
from tests.auth.federation.browser import REDIRECT_URI, Browser
from tests.auth.federation.conftest import CLIENT_ID, OTHER_CLIENT_ID
from tests.auth.federation.steps import code_of, finish, sign_in, signed_in, start
from tests.auth.said import names

pytestmark = [pytest.mark.node, pytest.mark.django_db(databases="__all__")]


def test_somebody_new_gets_a_verified_account_without_a_password(api, providers, person):
    answer = sign_in(api, person)
    assert answer["Cache-Control"] == "no-store"
    me = signed_in(api, answer)
    account = Account.objects.get()
    assert account.email == "ada@example.com"
    assert account.email_verified_at is not None
    assert not account.has_usable_password()
    assert names()[:3] == [
        "auth.account_registered.v1",
        "auth.email_verified.v1",
        "auth.identity_linked.v1",
    ]
    session = Session.objects.get()
    assert session.methods == ["federated"]
    assert session.identity.issuer == providers.acme
    assert session.provider_session
    assert me.get("auth/identities").json()["data"][0]["provider"] == "acme"


def test_who_comes_again_has_the_same_account(api, providers, person):
    sign_in(api, person)
    assert sign_in(api, Browser()).status_code == 200
    assert Account.objects.count() == Identity.objects.count() == 1
    assert Session.objects.count() == 2


def test_an_address_in_the_id_token_is_as_good(api, providers, person):
    assert sign_in(api, person, "other").status_code == 200
    assert Account.objects.get().email == "ada@example.com"


def test_the_same_subject_at_another_provider_is_somebody_else(api, providers, person):
    sign_in(api, person)
    refused = sign_in(api, Browser(), "other")
    assert code_of(refused) == (409, "auth.link_required")
    assert Identity.objects.count() == 1


def test_the_request_has_pkce_state_and_nonce(api, providers):
    asked = parse_qs(urlsplit(start(api)["authorization_url"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == [REDIRECT_URI]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    flow = FederationFlow.objects.get()
    kept = f"{flow.state_hash} {flow.nonce_hash} {flow.ticket_hash} {flow.code_verifier_encrypted}"
    assert not any(value[0] in kept for value in asked.values())


def test_an_unverified_address_opens_no_account(api, providers, person, account):
    assert code_of(sign_in(api, person, login="mallory")) == (
        403,
        "auth.federated_email_unverified",
    )
    assert not Identity.objects.exists()


def test_without_an_address_there_is_no_account(api, providers, person):
    refused = sign_in(api, person, login="nobody")
    assert code_of(refused) == (403, "auth.federated_email_unverified")
    assert not Account.objects.exists()


def test_an_account_of_the_address_is_not_joined_silently(api, providers, person, account):
    assert code_of(sign_in(api, person)) == (409, "auth.link_required")
    assert not Identity.objects.exists()
    assert not Session.objects.exists()


def test_what_a_stranger_prepared_for_the_address_is_gone(api, providers, person):
    registration.register(email="ADA@example.com", password=PASSWORD, now=now())
    assert sign_in(api, person).status_code == 200
    account = Account.objects.get()
    assert not account.has_usable_password()
    assert not Registration.objects.exists()
    login = api.post("auth/login", {"email": "ada@example.com", "password": PASSWORD})
    assert code_of(login) == (401, "auth.credentials_invalid")


def test_what_was_brought_back_counts_once(api, providers, person):
    started = start(api)
    brought = person.visit(started["authorization_url"], login="ada")
    assert finish(api, started, brought).status_code == 200
    assert code_of(finish(api, started, brought)) == (401, "auth.ticket_invalid")
    assert Session.objects.count() == 1


def test_a_code_is_refused_a_second_time_by_the_provider_too(api, providers, person):
    started = start(api)
    brought = person.visit(started["authorization_url"], login="ada")
    assert finish(api, started, brought).status_code == 200
    again = start(api)
    state = parse_qs(urlsplit(again["authorization_url"]).query)["state"][0]
    refused = finish(api, again, {**brought, "state": state})
    assert code_of(refused) == (401, "auth.federation_failed")


def test_a_stranger_without_the_ticket_finishes_nothing(api, providers, person):
    started = start(api)
    brought = person.visit(started["authorization_url"], login="ada")
    refused = finish(api, {"ticket": new_secret()}, brought)
    assert code_of(refused) == (401, "auth.ticket_invalid")
    assert finish(api, started, brought).status_code == 200


def test_after_ten_minutes_it_is_too_late(api, providers, person, monkeypatch):
    started = start(api)
    brought = person.visit(started["authorization_url"], login="ada")
    FederationFlow.objects.update(expires_at=now(), created_at=now() - timedelta(minutes=10))
    assert code_of(finish(api, started, brought)) == (401, "auth.ticket_invalid")


def test_another_code_verifier_is_refused_by_the_provider(api, providers, person):
    started = start(api)
    brought = person.visit(started["authorization_url"], login="ada")
    FederationFlow.objects.update(code_verifier_encrypted=encrypt(new_secret()))
    assert code_of(finish(api, started, brought)) == (401, "auth.federation_failed")


def test_a_token_for_another_nonce_is_refused(api, providers, person):
    started = start(api)
    brought = person.visit(started["authorization_url"], login="ada")
    FederationFlow.objects.update(nonce_hash=hash_secret(new_secret()))
    refused = finish(api, started, brought)
    assert code_of(refused) == (401, "auth.federation_failed")
    assert refused.json()["detail"].endswith(": nonce.")
    assert not Account.objects.exists()


def test_a_token_for_another_client_is_refused(api, providers, person, settings, monkeypatch):
    """It is the provider's and whole, but made for another product that asks there as well."""
    settings.OIDC_PROVIDERS["acme"]["client_id"] = OTHER_CLIENT_ID
    verify = assertions.verify_id_token

    def for_us(provider, token, **asked):
        return verify(replace(provider, client_id=CLIENT_ID), token, **asked)

    with monkeypatch.context() as patch:
        patch.setattr(assertions, "verify_id_token", for_us)
        refused = sign_in(api, person)
    assert code_of(refused) == (401, "auth.federation_failed")
    assert refused.json()["detail"].endswith(": aud.")
    assert not Account.objects.exists()
    assert sign_in(api, Browser()).status_code == 200, "the other product is right to take it"


def test_the_answer_of_another_provider_is_refused(api, providers, person):
    """Mixed up: begun with one, brought back from the other."""
    started = start(api, "acme")
    elsewhere = start(api, "other")
    brought = person.visit(elsewhere["authorization_url"], login="ada")
    state = parse_qs(urlsplit(started["authorization_url"]).query)["state"][0]
    refused = finish(api, started, {**brought, "state": state}, "acme")
    assert code_of(refused) == (401, "auth.federation_failed")
    assert "another provider" in refused.json()["detail"]
    assert code_of(finish(api, elsewhere, brought, "acme")) == (401, "auth.ticket_invalid")


def test_a_provider_that_names_itself_must(api, providers, person):
    started = start(api)
    brought = person.visit(started["authorization_url"], login="ada")
    assert brought.pop("iss") == providers.acme
    refused = finish(api, started, brought)
    assert code_of(refused) == (401, "auth.federation_failed")
    assert not Account.objects.exists()


def test_a_newcomer_is_at_home_everywhere(api, providers, person, deliver_events):
    me = signed_in(api, sign_in(api, person))
    deliver_events()
    assert me.get("users/me").json()["email"] == "ada@example.com"
    assert me.get("notifications").status_code == 200


def test_rotated_keys_are_picked_up(api, providers, person, monkeypatch):
    sign_in(api, person)
    httpx.post(f"{providers.acme}/test/rotate", trust_env=False)
    later = now() + timedelta(minutes=1)
    monkeypatch.setattr("domains.auth.api.federation.now", lambda: later)
    assert sign_in(api, Browser()).status_code == 200


def test_only_listed_uris_are_gone_back_to(api, providers):
    for uri in ("https://evil.example/", f"{REDIRECT_URI}/", f"{REDIRECT_URI}?a=b"):
        refused = api.post("auth/federation/acme/start", {"redirect_uri": uri})
        assert code_of(refused) == (422, "auth.redirect_uri_unknown")


def test_there_is_no_other_provider(api, providers):
    refused = api.post("auth/federation/evil/start", {"redirect_uri": REDIRECT_URI})
    assert code_of(refused) == (404, "auth.provider_not_found")
    listed = api.get("auth/providers").json()
    assert listed == {
        "data": [
            {"provider": "acme", "name": "Acme"},
            {"provider": "other", "name": "Other"},
        ]
    }


def test_a_disabled_account_stays_closed(api, providers, person):
    sign_in(api, person)
    Account.objects.update(is_active=False)
    assert code_of(sign_in(api, Browser())) == (403, "auth.account_disabled")
