"""Use and entitlements over HTTP, through the whole gateway."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.auth import interface as auth
from domains.billing.services.catalogue import ensure_published
from domains.billing.services.entitlements import grants
from domains.users import interface as users
from gateway import credentials
from kernel import clock
from kernel.ids import uuid7
from kernel.rest import timestamp
from tests.client import Api

pytestmark = pytest.mark.django_db(databases="__all__")

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _keys_of_this_test():
    """Signing keys are rolled back with each test; what the gateway remembers of them isn't."""
    credentials.verifier.cache_clear()


@pytest.fixture
def organization_id():
    account = auth.ensure_account(email="ada@example.com", password=PASSWORD)
    return users.ensure_organization(account_id=account.id, name="Engines").id


@pytest.fixture
def owner(organization_id):
    ensure_published()
    sign_in = {"email": "ada@example.com", "password": PASSWORD}
    answer = Api().post("auth/login", sign_in)
    token = answer.json()["access_token"]
    return Api().as_(token=token, organization_id=organization_id)


def call(id_="one", **changed):
    at = timestamp(clock.now())
    return {"id": id_, "meter": "api-calls", "value": "2.5", "occurred_at": at, **changed}


def test_what_is_told_is_taken_once_and_shown(owner):
    late = timestamp(clock.now() - timedelta(days=35))
    batch = {"events": [call(), call(), call("two"), call("three", occurred_at=late)]}
    expected = ["accepted", "duplicate", "accepted", "too_late"]
    answer = owner.post("billing/usage", batch)
    assert [each["verdict"] for each in answer.json()["data"]] == expected
    owner.post("billing/usage", batch)
    shown = owner.get("billing/usage").json()
    [calls] = [each for each in shown["data"] if each["meter"] == "api-calls"]
    assert (calls["quantity"], calls["events"]) == ("5", 2)


def test_usage_is_shown_of_the_period_that_is_named(owner):
    owner.post("billing/usage", {"events": [call()]})
    until = timestamp(clock.now() - timedelta(hours=1))
    start = timestamp(clock.now() - timedelta(days=1))
    shown = owner.get(f"billing/usage?from={start}&until={until}").json()
    assert (shown["period_start"], shown["period_end"]) == (start, until)
    assert {each["quantity"] for each in shown["data"]} == {"0"}


@pytest.mark.parametrize("query", ["from=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "x=1"])
def test_what_is_no_period_is_refused(owner, query):
    assert owner.get(f"billing/usage?{query}").status_code == 400


def test_a_thousand_events_are_taken_at_once_and_no_more(owner):
    whole = [call(str(n), property="p") for n in range(1000)]
    answer = owner.post("billing/usage", {"events": whole})
    assert {each["verdict"] for each in answer.json()["data"]} == {"accepted"}
    assert owner.post("billing/usage", {"events": [*whole, call()]}).status_code == 422


def test_features_are_used_up_and_shown(owner, organization_id):
    grants.give(
        organization_id=organization_id,
        feature="exports",
        amount=2,
        reason="a gift",
        now=clock.now(),
    )
    use = {"feature": "exports", "amount": 2, "key": str(uuid7())}
    used = owner.post("billing/entitlements/consume", use)
    assert (used.status_code, used.json()["remaining"]) == (200, 0)
    again = owner.post("billing/entitlements/consume", {**use, "key": "another"})
    assert (again.status_code, again.json()["code"]) == (409, "billing.entitlement_exceeded")
    check = owner.post("billing/entitlements/check", {"feature": "exports"})
    assert check.json()["allowed"] is False
    shown = owner.get("billing/entitlements").json()
    assert shown["plan"] == "free"
    used = {each["feature"]: each["used"] for each in shown["features"]}
    assert used["exports"] == 2
    assert {"seats", "storage_bytes"} <= set(used)
