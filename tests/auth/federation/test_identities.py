"""Linking a provider to an account, and unlinking it, as its owner does it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from domains.auth.contract.data import Method
from domains.auth.contract.errors import CredentialsInvalid, LastWayIn
from domains.auth.models import Account, Identity, Passkey, Session
from domains.auth.services.clients import Client
from domains.auth.services.federation import arrivals, flows, identities
from domains.auth.services.federation import providers as provider_list
from domains.auth.services.federation.assertions import Assertion
from domains.auth.services.sessions import start_session
from domains.auth.services.sign_in import conclude
from kernel.clock import now
from kernel.crypto import new_secret
from kernel.db import transaction
from tests.auth.conftest import PASSWORD
from tests.auth.federation.browser import REDIRECT_URI, Browser
from tests.auth.federation.steps import (
    by_password,
    code_of,
    finish,
    sign_in,
    signed_in,
    start,
)
from tests.auth.persons import person as principal_of
from tests.auth.said import names, said
from tests.auth.threads import at_once

pytestmark = [pytest.mark.node, pytest.mark.django_db(databases="__all__")]


def link(me, person, provider="acme", *, login="ada"):
    started = start(me, provider, action="link")
    brought = person.visit(started["authorization_url"], login=login)
    return finish(me, started, brought, provider, action="link/finish")


def test_the_owner_links_and_signs_in_with_it(api, providers, person, account):
    linked = link(by_password(api), person)
    assert linked.status_code == 201
    assert linked.json()["provider"] == "acme"
    assert linked.json()["email"] == "ada@example.com"
    assert names()[-1] == "auth.identity_linked.v1"
    signed_in(api, sign_in(api, Browser()))
    assert {s.account_id for s in Session.objects.all()} == {account.id}


def test_an_unverified_address_is_no_hindrance_to_the_owner(api, providers, person, account):
    linked = link(by_password(api), person, login="mallory")
    assert (linked.status_code, linked.json()["email"]) == (201, "")
    assert sign_in(api, Browser(), login="mallory").status_code == 200


def test_linking_twice_is_linking_once(api, providers, person, account):
    me = by_password(api)
    first, second = link(me, person), link(me, Browser())
    assert first.json() == second.json()
    assert names().count("auth.identity_linked.v1") == 1


def test_what_belongs_to_another_account_stays_there(api, providers, person, account):
    link(by_password(api), person, login="nobody")
    stranger = signed_in(api, sign_in(api, Browser(), "other", login="ada2"))
    refused = link(stranger, Browser(), login="nobody")
    assert code_of(refused) == (409, "auth.identity_taken")
    assert Identity.objects.get(subject="nobody").account_id == account.id


def test_only_the_session_that_began_can_finish(api, providers, person, account):
    me, elsewhere = by_password(api), by_password(api)
    started = start(me, action="link")
    brought = person.visit(started["authorization_url"], login="ada")
    refused = finish(elsewhere, started, brought, action="link/finish")
    assert code_of(refused) == (401, "auth.ticket_invalid")
    assert not Identity.objects.exists()


def test_a_link_is_no_sign_in_and_a_sign_in_no_link(api, providers, person, account):
    me = by_password(api)
    started = start(me, action="link")
    brought = person.visit(started["authorization_url"], login="ada")
    assert code_of(finish(api, started, brought)) == (401, "auth.ticket_invalid")
    started = start(api)
    brought = person.visit(started["authorization_url"], login="ada")
    refused = finish(me, started, brought, action="link/finish")
    assert code_of(refused) == (401, "auth.ticket_invalid")


def test_who_is_not_signed_in_links_nothing(api, providers):
    assert api.post("auth/federation/acme/link", {}).status_code == 401
    assert api.post("auth/federation/acme/link/finish", {}).status_code == 401
    assert api.get("auth/identities").status_code == 401


def test_an_unlinked_identity_leads_nowhere_and_its_sessions_end(api, providers, person, account):
    me = by_password(api)
    identity_id = link(me, person).json()["id"]
    other = signed_in(api, sign_in(api, Browser()))
    assert me.delete(f"auth/identities/{identity_id}").status_code == 204
    assert other.get("auth/identities").status_code == 401
    assert me.get("auth/identities").json()["data"] == []
    assert names()[-2:] == ["auth.session_revoked.v1", "auth.identity_unlinked.v1"]
    assert said("auth.session_revoked.v1")[0][1]["reason"] == Session.Reason.FACTOR
    assert code_of(sign_in(api, Browser())) == (409, "auth.link_required")


def test_the_present_session_outlives_the_identity_it_began_with(api, providers, person, account):
    link(by_password(api), person)
    me = signed_in(api, sign_in(api, Browser()))
    (identity,) = me.get("auth/identities").json()["data"]
    refused = me.delete(f"auth/identities/{identity['id']}")
    assert code_of(refused) == (401, "auth.step_up_required")  # there is a password
    proof = {"method": "password", "answer": PASSWORD}
    me = signed_in(api, me.post("auth/step-up", proof))
    assert me.delete(f"auth/identities/{identity['id']}").status_code == 204
    assert me.get("auth/identities").status_code == 200


def test_the_last_way_in_can_not_be_unlinked(api, providers, person):
    me = signed_in(api, sign_in(api, person))
    (identity,) = me.get("auth/identities").json()["data"]
    refused = me.delete(f"auth/identities/{identity['id']}")
    assert code_of(refused) == (409, "auth.last_way_in")
    Passkey.objects.create(
        account=Account.objects.get(),
        name="key",
        credential_id=b"1",
        public_key=b"2",
        sign_count=0,
        created_at=now(),
    )
    Session.objects.update(methods=["federated", "passkey"])
    assert me.delete(f"auth/identities/{identity['id']}").status_code == 204


def test_somebody_elses_identity_is_not_there(api, providers, person, account):
    signed_in(api, sign_in(api, person, "other", login="ada2"))
    refused = by_password(api).delete(f"auth/identities/{Identity.objects.get().id}")
    assert code_of(refused) == (404, "auth.identity_not_found")
    assert by_password(api).delete(f"auth/identities/{uuid4()}").status_code == 404


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_of_two_at_once_one_is_left(configured):
    configured(acme="https://acme.example")
    account = Account.objects.create(email="a@example.com", email_verified_at=now(), password="!")
    pair = [
        Identity.objects.create(
            account=account,
            provider="acme",
            issuer="https://acme.example",
            subject=new_secret(),
            created_at=now(),
        )
        for _ in range(2)
    ]
    with transaction("auth"):
        session, _ = start_session(account, methods=(Method.FEDERATED,), client=Client(), now=now())
    caller = principal_of(account, session)
    results = at_once(
        *[
            lambda id_=identity.id: identities.unlink(caller, identity_id=id_, now=now())
            for identity in pair
        ]
    )
    assert sorted(map(type, results), key=str) == sorted([type(None), LastWayIn], key=str)
    assert Identity.objects.count() == 1


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_an_identity_that_is_unlinked_meanwhile_signs_nobody_in():
    account = Account.objects.create(email="a@example.com", email_verified_at=now(), password="!")
    identity = Identity.objects.create(
        account=account, provider="acme", issuer="https://a", subject="a", created_at=now()
    )
    Identity.objects.all().delete()
    identity.id = uuid4()
    with pytest.raises(CredentialsInvalid):
        conclude(
            account,
            proven=(Method.FEDERATED,),
            client=Client(),
            now=now(),
            identity=identity,
            provider_session="",
        )
    assert not Session.objects.exists()


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_two_newcomers_at_once_who_are_one_get_one_account(configured):
    configured(acme="https://acme.example")
    provider = provider_list.get("acme")
    assertion = Assertion(
        issuer=provider.issuer,
        subject="ada",
        session="",
        email="ada@example.com",
        email_is_known=True,
    )
    found = at_once(*[lambda: arrivals.welcome(provider, assertion, now=now())] * 4)
    assert len({identity.id for identity in found}) == 1
    assert Account.objects.count() == 1
    assert names().count("auth.account_registered.v1") == 1
    assert names().count("auth.identity_linked.v1") == 1


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_of_two_accounts_that_link_one_identity_one_has_it(configured):
    configured(acme="https://acme.example")
    provider = provider_list.get("acme")
    assertion = Assertion(
        issuer=provider.issuer, subject="ada", session="", email="", email_is_known=True
    )
    pair = [
        Account.objects.create(email=f"{name}@example.com", email_verified_at=now(), password="!")
        for name in "ab"
    ]

    def link_to(account):
        with transaction("auth"):
            return arrivals.link(account, provider, assertion, now=now())

    results = at_once(*[lambda account=account: link_to(account) for account in pair])
    assert sorted(type(result).__name__ for result in results) == ["Identity", "IdentityTaken"]


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_of_two_that_finish_one_visit_one_may(configured, issuer):
    chosen = provider_list.get("odd")
    started = flows.start(
        chosen, purpose=flows.Purpose.SIGN_IN, redirect_uri=REDIRECT_URI, now=now()
    )
    state = issuer.went(started.authorization_url)["state"]

    def claim():
        return flows.claim(
            chosen,
            purpose=flows.Purpose.SIGN_IN,
            ticket=started.ticket,
            state=state,
            now=now(),
        )

    kinds = sorted(type(result).__name__ for result in at_once(*[claim] * 4))
    assert kinds == ["Claimed", *["TicketInvalid"] * 3]
