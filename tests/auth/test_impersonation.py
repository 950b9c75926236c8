"""Staff who act as somebody."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from uuid import UUID

import jwt as pyjwt
import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import resolve, reverse

from domains.auth.contract.errors import ImpersonationForbids, RefreshTokenInvalid
from domains.auth.models import KnownDevice, Session
from domains.auth.services import bans, impersonation, refresh, sessions
from kernel import clock as real
from kernel.models import Outbox
from tests.auth.conftest import CLIENT
from tests.auth.said import names, said
from tests.auth.test_admin import change
from tests.auth.test_admin_actions import an_account, client_of
from tests.auth.test_step_up import SENSITIVE
from tests.paths import described, filled

pytestmark = pytest.mark.django_db(databases="__all__")
REASON = "Ticket 4711: their export is empty"
STARTED, ENDED = "auth.impersonation_started.v1", "auth.impersonation_ended.v1"


@pytest.fixture
def root():
    return an_account("root", is_staff=True, is_superuser=True)


@pytest.fixture
def customer(deliver_events):
    account = an_account("customer")
    deliver_events()
    return account


def start(account, root, now=None):
    return impersonation.start(
        account, staff_id=root.id, reason=REASON, client=CLIENT, now=now or real.now()
    )


def claims_of(tokens) -> dict:
    return pyjwt.decode(tokens.access_token, options={"verify_signature": False})


def test_the_token_says_who_acts_as_whom_and_proves_nothing(root, customer):
    claims = claims_of(start(customer, root))
    assert (claims["sub"], claims["act"]) == (str(customer.id), {"sub": str(root.id)})
    assert claims["amr"] == []
    session = Session.objects.get()
    assert (session.impersonator_id, session.impersonation_reason) == (root.id, REASON)
    assert not KnownDevice.objects.exists()


def test_an_impersonation_lasts_an_hour_at_most_however_often_it_is_refreshed(
    root, customer, clock
):
    held = start(customer, root, clock.now)
    began = clock.now
    for _ in range(11):
        clock.advance(minutes=5)
        held = refresh.refresh(refresh_token=held.refresh_token, client=CLIENT, now=clock.now)
    assert claims_of(held)["exp"] <= (began + timedelta(hours=1)).timestamp()
    clock.advance(minutes=5)
    with pytest.raises(RefreshTokenInvalid):
        refresh.refresh(refresh_token=held.refresh_token, client=CLIENT, now=clock.now)
    session = Session.objects.get()
    assert not sessions.get_session_state(session_id=session.id, now=clock.now).active


def test_its_beginning_and_its_end_are_told(root, customer, clock):
    start(customer, root, clock.now)
    session = Session.objects.get()
    told = {
        "account_id": str(customer.id),
        "session_id": str(session.id),
        "staff_id": str(root.id),
    }
    assert said(STARTED) == [(STARTED, {**told, "reason": REASON})]
    assert "auth.session_started.v1" not in names()
    impersonation.end_overdue(now=clock.advance(minutes=59))
    assert said(ENDED) == []
    for _ in range(2):
        impersonation.end_overdue(now=clock.advance(minutes=1))
    assert said(ENDED) == [(ENDED, told)]


def test_staff_are_nobody_to_act_as(root, customer):
    other = an_account("other", is_staff=True)
    banned = an_account("banned", is_active=False)
    unconfirmed = an_account("new", password="!", email_verified_at=None)
    for account in (root, other, banned, unconfirmed):
        with pytest.raises(ImpersonationForbids):
            start(account, root)
    assert not Session.objects.exists()


def test_who_is_banned_acts_as_nobody_any_more(root, customer):
    helper = an_account("helper", is_staff=True)
    start(customer, helper)
    bans.ban(helper, reason="Left", now=real.now())
    assert Session.objects.get().revoked_at
    assert len(said(ENDED)) == 1


def test_who_loses_the_staffs_rights_acts_as_nobody_any_more(root, customer):
    helper = an_account("helper", is_staff=True)
    start(customer, helper)
    assert change(client_of(root), helper, is_staff="").status_code == 302
    helper.refresh_from_db()
    assert not helper.is_staff
    assert Session.objects.get().revoked_at


@pytest.fixture
def acting(api, root, customer):
    """A client of the API that shows the token from the staff's page."""
    path = reverse("admin:domains_auth_account_impersonate", args=[customer.pk])
    answer = client_of(root).post(path, {"reason": REASON})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    shown = re.findall(r"<textarea[^>]*>([^<]*)</textarea>", unescape(answer.content.decode()))
    assert len(shown) == 2
    return api.as_(token=shown[0])


def test_the_page_gives_a_token_that_the_api_takes_and_logs_it(acting, root, customer):
    assert acting.get("users/me").json()["email"] == customer.email
    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.object_id) == (root.id, str(customer.id))
    assert REASON in entry.get_change_message()


def test_every_answer_has_a_visible_marker(acting, api, customer):
    for answer in (
        acting.get("users/me"),
        acting.get(f"files/{customer.pk}"),
        acting.post("auth/api-keys", {}),
        acting.post("users/organizations", {"name": 1}),
        acting.get("billing/plans"),
        acting.get("nothing"),
    ):
        assert answer["Impersonated-By"] == "staff"
    assert "Impersonated-By" not in api.get("users/me")


def sensitive():
    for path, methods in described().items():
        at = filled(path, UUID(int=7))
        for method in sorted(getattr(resolve(at).func.cls, "step_up", ())):
            if method.lower() in methods:
                yield pytest.param(method, at, id=f"{method} {path}")


def test_the_sensitive_operations_are_found():
    assert len(list(sensitive())) == len(SENSITIVE)


@pytest.mark.parametrize(("method", "path"), list(sensitive()))
def test_nothing_sensitive_is_let_through(acting, method, path):
    answer = acting.request(method, path, {} if method != "DELETE" else None)
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.impersonation_forbids")


def test_all_that_happens_names_the_member_of_staff(acting, root, customer):
    answer = acting.post("users/organizations", {"name": "Acme"})
    assert answer.status_code == 201
    event = Outbox.objects.using("users").get(aggregate_id=answer.json()["id"])
    assert (event.name, event.actor_id) == ("users.organization_created.v1", root.id)


def test_signing_out_ends_it(acting, root, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(using="auth", execute=True):
        assert acting.post("auth/logout").status_code == 204
    assert acting.get("users/me").status_code == 401
    assert Outbox.objects.using("auth").get(name=ENDED).actor_id == root.id


def test_whoever_may_not_is_refused(customer):
    helper = an_account("helper", is_staff=True)
    path = reverse("admin:domains_auth_account_impersonate", args=[customer.pk])
    assert client_of(helper).post(path, {"reason": REASON}).status_code == 403
    assert Client().post(path, {"reason": REASON}).status_code == 302
    assert not Session.objects.exists()
