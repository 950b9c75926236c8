"""Signing in by mail as a client of the API meets it."""

from __future__ import annotations

import json

import pytest

from domains.auth import interface as auth
from domains.auth.models import Account, MailProof, Session
from tests.auth.answers import code_of, same_but_for_the_request
from tests.auth.conftest import PASSWORD
from tests.auth.said import said

pytestmark = pytest.mark.django_db(databases="__all__")
EMAIL = "ada@example.com"


@pytest.fixture(autouse=True)
def account() -> auth.Account:
    """An account whose owner allows to sign in by mail."""
    known = auth.ensure_account(email=EMAIL, password=PASSWORD)
    Account.objects.update(email_sign_in=True)
    return known


def ask(api, email=EMAIL):
    return api.post("auth/email-sign-in", {"email": email})


def mailed() -> auth.MailSecret:
    (*_, (_, payload)) = said("auth.sign_in_by_email_requested.v1")
    return auth.issue_mail_secret(proof_id=payload["proof_id"])


def show(api, ticket, **secret):
    return api.post("auth/email-sign-in/verify", {"ticket": ticket, **secret})


@pytest.mark.parametrize("kind", ["code", "token"])
def test_a_mail_signs_in(api, account, deliver_events, kind):
    answer = ask(api)
    assert answer.status_code == 202
    assert answer["Cache-Control"] == "no-store"
    assert answer.json().keys() == {"ticket", "expires_in"}
    assert answer.json()["expires_in"] == 600
    deliver_events()
    signed_in = show(api, answer.json()["ticket"], **{kind: getattr(mailed(), kind)})
    assert signed_in.status_code == 200, signed_in.content
    assert signed_in["Cache-Control"] == "no-store"
    me = api.as_(token=signed_in.json()["access_token"])
    assert me.get("users/me").status_code == 200
    assert Session.objects.get().methods == ["email"]


def test_asking_answers_the_same_for_known_and_unknown(api):
    answers = [ask(api, email) for email in (EMAIL, "eda@example.com")]
    assert {a.status_code for a in answers} == {202}
    assert len({len(a.json().pop("ticket")) for a in answers}) == 1
    varying = {"x-request-id", "ratelimit", "ratelimit-policy", "traceparent"}
    shown = [{k: v for k, v in a.headers.items() if k.lower() not in varying} for a in answers]
    assert shown[0] == shown[1]


def test_a_wrong_code_answers_the_same_for_known_and_unknown(api):
    known, unknown = (ask(api, email).json()["ticket"] for email in (EMAIL, "no@example.com"))
    mailed()
    answers = [show(api, ticket, code="00000000") for ticket in (known, unknown, "x")]
    assert {code_of(a) for a in answers} == {(401, "auth.ticket_invalid")}
    first, *others = map(same_but_for_the_request, answers)
    assert all(other == first for other in others)


def test_a_wrong_try_counts_although_the_answer_is_an_error(api):
    ticket = ask(api).json()["ticket"]
    right = mailed().code
    for _ in range(5):
        assert show(api, ticket, code="00000000").status_code == 401
    assert MailProof.objects.get().attempts == 5
    assert show(api, ticket, code=right).status_code == 401


def test_a_stranger_is_not_mailed_without_end(api):
    """Five mails, and five more if Redis falls silent in between and PostgreSQL stands in."""
    answers = [ask(api).status_code for _ in range(11)]
    assert answers[:5] == [202] * 5
    assert answers[-1] == 429
    assert MailProof.objects.count() == answers.count(202)


@pytest.mark.parametrize(
    ("secret", "pointer"),
    [
        ({}, ""),
        ({"code": "12345678", "token": "x"}, ""),
        ({"code": "1234567"}, "/code"),
        ({"code": "123456789"}, "/code"),
        ({"code": "١٢٣٤٥٦٧٨"}, "/code"),
        ({"code": "1234567\n"}, "/code"),
        ({"code": 12345678}, "/code"),
        ({"code": None}, "/code"),
        ({"token": ""}, "/token"),
        ({"token": "x" * 201}, "/token"),
        ({"token": ["x"]}, "/token"),
        ({"code": "12345678", "ticket": "x" * 1001}, "/ticket"),
        ({"code": "12345678", "ticket": ""}, "/ticket"),
        ({"code": "12345678", "more": 1}, "/more"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(api, secret, pointer):
    answer = show(api, **{"ticket": "x", **secret})
    assert answer.status_code == 422, answer.content
    assert pointer in {e["pointer"] for e in answer.json()["errors"]}


@pytest.mark.parametrize("email", ["ada", "", "a@b", "é@", "a" * 250 + "@example.com", None, 5])
def test_what_is_no_address_is_refused(api, email):
    assert ask(api, email).status_code == 422


def test_no_secret_is_told(api):
    from kernel.models import IdempotencyRecord, Outbox

    ticket = api.post("auth/email-sign-in", {"email": EMAIL}, Idempotency_Key="a").json()["ticket"]
    mail = mailed()
    assert show(api, ticket, code=mail.code).status_code == 200
    stored = json.dumps(
        [list(model.objects.using("auth").values()) for model in (Outbox, IdempotencyRecord)],
        default=str,
    )
    for secret in (ticket, mail.code, mail.token):
        assert secret not in stored
