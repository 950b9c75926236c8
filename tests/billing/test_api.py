"""Billing over HTTP, through the whole gateway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest

from domains.auth import interface as auth
from domains.billing.contract.errors import PaymentProviderUnavailable
from domains.billing.models import Coupon, OfflineCharge, PaymentIntent
from domains.billing.services.payments import providers
from domains.billing.services.payments.offline import OfflineProvider
from domains.users import interface as users
from gateway import credentials
from kernel import clock
from kernel.ids import uuid7
from tests.billing.conftest import at_once, charges
from tests.client import Api

pytestmark = pytest.mark.django_db(databases="__all__")

PASSWORD = "correct horse battery staple"
PRO = {"plan": "pro", "payment_method": "pm_card_visa"}


@pytest.fixture(autouse=True)
def _keys_of_this_test():
    """Signing keys are rolled back with each test; what the gateway remembers of them isn't."""
    credentials.verifier.cache_clear()


@dataclass(frozen=True)
class Team:
    """An organization, and its members' clients by role."""

    id: UUID
    clients: dict[str, Api]

    def get(self, path="billing/subscription", role="owner", **headers):
        return self.clients[role].get(path, **headers)

    def put(self, body, role="owner", key=None, **headers):
        headers["Idempotency_Key"] = key or str(uuid7())
        return self.clients[role].put("billing/subscription", body, **headers)


def signed_in(api, name, organization_id=None):
    account = auth.ensure_account(email=f"{name}@example.com", password=PASSWORD)
    answer = api.post("auth/login", {"email": account.email, "password": PASSWORD})
    token = answer.json()["access_token"]
    return account.id, lambda organization: api.as_(token=token, organization_id=organization)


@pytest.fixture
def team(api):
    owner_id, owner = signed_in(api, "owner")
    organization = users.ensure_organization(account_id=owner_id, name="Team").id
    clients = {"owner": owner(organization)}
    for role in ("admin", "member"):
        account_id, client = signed_in(api, role)
        users.ensure_member(organization_id=organization, account_id=account_id, role=role)
        clients[role] = client(organization)
    return Team(organization, clients)


def problem(response, status, code):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document["code"] == code
    return document


def pointers(document):
    return [error["pointer"] for error in document["errors"]]


def test_anybody_may_read_the_plans(api):
    response = api.get("billing/plans")
    assert response.status_code == 200
    pro = response.json()["data"][1]
    assert {name: pro[name] for name in ("name", "title", "price", "interval", "entitlements")} == {
        "name": "pro",
        "title": "Pro",
        "price": {"amount": 2900, "currency": "EUR"},
        "interval": "month",
        "entitlements": {
            "seats": 25,
            "storage_bytes": 10737418240,
            "requests_per_minute": 3000,
            "audit_retention_days": 365,
        },
    }
    assert api.get("billing/plans", If_None_Match=response["ETag"]).status_code == 304


@pytest.mark.parametrize("path", ["billing/subscription", "billing/entitlements"])
def test_nobody_else_is_told_anything(api, path):
    assert api.get(path).status_code == 401


def test_an_organization_begins_on_free(team):
    assert team.get().json() == {
        "organization_id": str(team.id),
        "plan": "free",
        "status": "active",
        "activated_at": None,
        "pending_payment": None,
        "state": None,
        "interval": None,
        "interval_count": None,
        "currency": None,
        "current_period": None,
        "quantity": None,
        "add_ons": None,
        "trial_end": None,
        "resumes_at": None,
        "cancel_at": None,
        "scheduled_changes": None,
    }
    allowed = team.get("billing/entitlements").json()
    del allowed["features"]
    assert allowed == {
        "organization_id": str(team.id),
        "plan": "free",
        "seats": 3,
        "storage_bytes": 104857600,
        "requests_per_minute": 1000,
        "audit_retention_days": 30,
    }


def test_a_plan_is_bought(team):
    response = team.put(PRO)
    assert response.status_code == 200, response.content
    bought = response.json()
    assert (bought["plan"], bought["status"]) == ("pro", "active")
    assert bought["activated_at"].endswith("Z")
    assert datetime.fromisoformat(bought["activated_at"]).tzinfo
    seen = team.get()
    assert seen.json() == bought
    assert seen["ETag"] == response["ETag"]
    assert team.get("billing/entitlements", role="member").json()["seats"] == 25


def test_a_coupon_is_redeemed_with_the_plan_in_force_and_shown(team):
    make = {"title": "Welcome", "duration": "repeating", "periods": 2, "created_at": clock.now()}
    Coupon.objects.create(code="WELCOME", percent=15, **make)
    Coupon.objects.create(code="FIVER", amounts={"USD": 600, "EUR": 500}, **make)
    assert pointers(team.put({**PRO, "coupon": "NONE"}).json()) == ["/coupon"]
    assert team.put({**PRO, "coupon": "welcome"}).status_code == 200
    assert team.put({"plan": "pro", "coupon": "FIVER"}).status_code == 200
    again = team.put({"plan": "pro", "coupon": "FIVER"})
    assert pointers(problem(again, 422, "billing.coupon_not_for_you")) == ["/coupon"]
    euros, dollars = ({"amount": n, "currency": c} for n, c in ((500, "EUR"), (600, "USD")))
    shown = team.get("billing/coupons", role="member").json()["data"]
    assert [(c["code"], c["percent"], c["amounts"], c["invoices_left"]) for c in shown] == [
        ("WELCOME", "15", [], 1),
        ("FIVER", None, [euros, dollars], 2),
    ]
    assert OfflineCharge.objects.get().amount == 2465


def test_an_admin_may_buy_and_a_member_may_look(team):
    problem(team.put(PRO, role="member"), 403, "kernel.forbidden")
    assert team.put(PRO, role="admin").status_code == 200
    assert team.get(role="member").json()["plan"] == "pro"


def test_money_does_not_move_without_an_idempotency_key(team):
    response = team.clients["owner"].put("billing/subscription", PRO)
    problem(response, 400, "kernel.idempotency_key_required")
    assert not PaymentIntent.objects.exists()


def test_a_repeated_request_is_answered_as_before_and_charges_once(team):
    first, again = (team.put(PRO, key="the-same") for _ in range(2))
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert charges() == 1


def test_a_repeated_decline_is_the_same_decline(team):
    body = {"plan": "pro", "payment_method": "pm_card_insufficient_funds"}
    for _ in range(2):
        declined = problem(team.put(body, key="the-same"), 422, "billing.payment_declined")
        assert declined["reason"] == "insufficient_funds"
        assert pointers(declined) == ["/payment_method"]
    assert PaymentIntent.objects.count() == 1
    assert team.get().json()["plan"] == "free"


def test_the_same_plan_again_answers_the_same(team):
    assert team.put(PRO).content == team.put(PRO).content
    assert charges() == 1


def test_a_payment_to_confirm_says_what_to_do(team):
    body = {"plan": "pro", "payment_method": "pm_card_requires_confirmation"}
    answer = team.put(body).json()
    assert (answer["plan"], answer["status"]) == ("free", "incomplete")
    pending = answer["pending_payment"]
    assert pending["status"] == "requires_action"
    assert pending["price"] == {"amount": 2900, "currency": "EUR"}
    line = OfflineCharge.objects.get()
    assert pending["next_action"] == {
        "type": "confirm_with_provider",
        "provider": "test",
        "reference": str(line.id),
    }
    assert team.get().json() == answer


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/plan"),
        ({"plan": None}, "/plan"),
        ({"plan": ""}, "/plan"),
        ({"plan": 7}, "/plan"),
        ({"plan": True}, "/plan"),
        ({"plan": ["pro"]}, "/plan"),
        ({"plan": {"name": "pro"}}, "/plan"),
        ({"plan": "p" * 65}, "/plan"),
        ({"plan": "PRO"}, "/plan"),
        ({"plan": "pro\u0000"}, "/plan"),
        ({"plan": "gold", "payment_method": "pm_card_visa"}, "/plan"),
        ({"plan": "pro"}, "/payment_method"),
        ({"plan": "pro", "payment_method": None}, "/payment_method"),
        ({"plan": "pro", "payment_method": ""}, "/payment_method"),
        ({"plan": "pro", "payment_method": 1}, "/payment_method"),
        ({"plan": "pro", "payment_method": {}}, "/payment_method"),
        ({"plan": "pro", "payment_method": "4242424242424242"}, "/payment_method"),
        ({"plan": "pro", "payment_method": "pm_" + "x" * 300}, "/payment_method"),
        ({"plan": "pro", "payment_method": "pm_of_nobody"}, "/payment_method"),
        ({**PRO, "amount": 1}, "/amount"),
        ({**PRO, "price": {"amount": 1, "currency": "EUR"}}, "/price"),
        ({**PRO, "organization_id": str(uuid7())}, "/organization_id"),
        ([], ""),
        ("pro", ""),
    ],
)
def test_wrong_content_is_refused_where_it_is_wrong_and_charges_nothing(team, body, pointer):
    response = team.put(body)
    assert response.status_code == 422, response.content
    assert pointer in pointers(response.json())
    assert b"4242" not in response.content
    assert charges() == 0
    assert team.get().json()["plan"] == "free"


def test_a_client_can_not_choose_what_it_pays(team):
    team.put({**PRO, "amount": 1, "currency": "JPY"})
    assert charges() == 0


def test_a_foreign_organization_is_like_one_that_never_was(team, api):
    _, stranger = signed_in(api, "stranger")
    clients = [stranger(organization_id) for organization_id in (team.id, uuid7())]
    answers = [
        *(client.get("billing/subscription") for client in clients),
        *(client.get("billing/entitlements") for client in clients),
        *(
            client.put("billing/subscription", PRO, Idempotency_Key=str(uuid7()))
            for client in clients
        ),
    ]
    refused = [problem(answer, 404, "users.organization_not_found") for answer in answers]
    said = {(document["title"], document["detail"]) for document in refused}
    assert len(said) == 1
    assert charges() == 0


def test_an_outdated_etag_is_refused(team):
    seen = team.get()["ETag"]
    assert team.put(PRO, If_Match=seen).status_code == 200
    body = {"plan": "business", "payment_method": "pm_card_visa"}
    problem(team.put(body, If_Match=seen), 412, "kernel.precondition_failed")
    assert charges() == 1
    assert team.put(body, If_Match=team.get()["ETag"]).status_code == 200


def test_who_has_seen_it_already_is_told_so(team):
    assert team.get(If_None_Match=team.get()["ETag"]).status_code == 304


def test_an_unreachable_provider_is_retried_without_charging_twice(
    team, monkeypatch, deliver_events
):
    class Away(OfflineProvider):
        def charge(self, request):
            super().charge(request)
            raise PaymentProviderUnavailable(retry_after=30)

    monkeypatch.setitem(providers.PROVIDERS, "test", Away())
    response = team.put(PRO, key="the-same")
    problem(response, 503, "billing.payment_provider_unavailable")
    assert response["Retry-After"] == "30"
    monkeypatch.undo()
    waiting = team.put(PRO, key="the-same")
    problem(waiting, 409, "billing.payment_in_progress")
    assert waiting["Retry-After"] == "1"
    PaymentIntent.objects.update(due_at="2026-01-01T00:00:00Z")
    deliver_events(sweeps=True)
    assert team.put(PRO, key="the-same").json()["plan"] == "pro"
    assert charges() == 1


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_many_requests_at_once_charge_once(team):
    assert team.get().status_code == 200
    answers = at_once(6, lambda _: team.put(PRO))
    assert {a.status_code for a in answers} <= {200, 409}
    assert charges() == 1
    assert team.get().json()["plan"] == "pro"


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_one_key_at_once_is_one_request(team):
    assert team.get().status_code == 200
    answers = at_once(6, lambda _: team.put(PRO, key="the-same"))
    assert {a.status_code for a in answers} <= {200, 409}
    assert PaymentIntent.objects.count() == 1
