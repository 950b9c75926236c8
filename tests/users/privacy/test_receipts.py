"""Whoever is erased gets a receipt: what every domain erased, made anonymous or kept, and why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as django_settings

from domains.auth.models import Account, MailProof
from domains.auth.services import closing, erasure, mail_proofs
from domains.users.models import ErasureAnswer, ErasureReceipt
from kernel.clock import now
from kernel.db import transaction
from kernel.events import publish
from tests.erasures import account_erased
from tests.users.people import person
from tests.users.privacy.conftest import problem

pytestmark = pytest.mark.django_db(databases="__all__")
WEEK = timedelta(days=7, minutes=1)


def receipt_of(api, token) -> dict:
    answer = api.post("users/erasure-receipts", {"token": token})
    assert answer.status_code == 200
    return answer.json()


def test_who_asks_is_erased_after_a_week_and_shown_what_became_of_it(ada, me, api, deliver_events):
    asked = me.post("users/me/erase", {"immediately": False})
    assert asked.status_code == 202
    token = asked.json()["receipt_token"]
    deliver_events()
    assert me.get("users/me").status_code == 401
    waiting = receipt_of(api, token)
    assert (waiting["erased_at"], waiting["complete"], waiting["answers"]) == (None, False, [])

    assert erasure.erase_due(now=now() + WEEK) == 1
    deliver_events()
    shown = receipt_of(api, token)
    assert shown["complete"]
    assert {a["domain"] for a in shown["answers"]} == set(django_settings.ALL_DOMAINS)
    items = {(a["domain"], i["what"]): i for a in shown["answers"] for i in a["items"]}
    assert items["users", "profile"]["how"] == "erased"
    assert items["users", "profile"]["count"] == 1
    assert items["auth", "account"]["how"] == "anonymized"
    assert "law" in items["billing", "payments"]["why"]
    assert ada.email not in str(shown)


def test_who_asks_for_it_is_erased_at_once(ada, me, api, deliver_events):
    asked = me.post("users/me/erase", {"immediately": True})
    assert asked.status_code == 202
    assert Account.objects.get(id=ada.account_id).erased_at is not None
    deliver_events()
    assert receipt_of(api, asked.json()["receipt_token"])["complete"]
    assert me.get("users/me").status_code == 401


def test_a_week_to_think_again_is_what_nobody_has_to_ask_for(ada, me):
    answer = me.post("users/me/erase", {})
    assert answer.status_code == 202
    assert Account.objects.get(id=ada.account_id).erase_at > now() + timedelta(days=6)


def test_the_token_is_stored_nowhere(ada, me):
    token = me.post("users/me/erase", {}).json()["receipt_token"]
    row = ErasureReceipt.objects.get()
    assert token not in str(vars(row))
    assert len(token) >= 43


@pytest.mark.parametrize("token", ["", "x", "a" * 43])
def test_a_token_that_was_never_given_shows_nothing(ada, me, api, token, deliver_events):
    account_erased(person("eve").account_id)
    deliver_events()
    answer = api.post("users/erasure-receipts", {"token": token})
    if token:
        problem(answer, 404, "users.erasure_receipt_not_found")
    else:
        assert answer.status_code == 422


def test_staff_stay_and_get_no_token(ada, me):
    Account.objects.filter(id=ada.account_id).update(is_staff=True)
    problem(me.post("users/me/erase", {"immediately": True}), 409, "auth.staff_stays")
    assert not ErasureReceipt.objects.exists()
    assert Account.objects.get(id=ada.account_id).erased_at is None


def test_closing_the_account_gives_a_receipt_without_a_token(ada, me, deliver_events):
    assert me.post("auth/account/close").status_code == 202
    erasure.erase_due(now=now() + WEEK)
    deliver_events()
    row = ErasureReceipt.objects.get(account_id=ada.account_id)
    assert (row.token_hash, row.requested_at) == ("", None)
    assert row.erased_at is not None
    assert row.answers.count() == len(django_settings.ALL_DOMAINS)


def test_who_takes_it_back_has_no_receipt_any_more(ada, me, api, deliver_events):
    token = me.post("users/me/erase", {}).json()["receipt_token"]
    proof = MailProof.objects.get(purpose=MailProof.Purpose.CLOSING_UNDO)
    secret = mail_proofs.issue_secret(proof_id=proof.id, now=now()).token
    closing.reopen(token=secret, now=now())
    deliver_events()
    problem(
        api.post("users/erasure-receipts", {"token": token}), 404, "users.erasure_receipt_not_found"
    )


def test_hearing_of_it_again_changes_nothing(ada, me, api, deliver_events):
    token = me.post("users/me/erase", {"immediately": True}).json()["receipt_token"]
    deliver_events()
    before = receipt_of(api, token)
    account_erased(ada.account_id, ada.email)
    deliver_events()
    assert receipt_of(api, token) == before
    assert ErasureAnswer.objects.count() == len(django_settings.ALL_DOMAINS)


def test_a_domain_that_has_not_answered_leaves_it_incomplete(ada, me, api, deliver_events):
    token = me.post("users/me/erase", {"immediately": True}).json()["receipt_token"]
    deliver_events()
    ErasureAnswer.objects.filter(domain="files").delete()
    assert not receipt_of(api, token)["complete"]


def test_an_answer_that_comes_first_is_no_trouble(deliver_events):
    from domains.files import interface as files

    gone = person("gone").account_id
    with transaction("files"):
        publish(files.PersonErased(account_id=gone, items=()))
    deliver_events()
    account_erased(gone)
    deliver_events()
    assert ErasureReceipt.objects.get(account_id=gone).erased_at is not None
