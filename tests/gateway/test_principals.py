"""Who asks, and what the gateway knows of them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from domains.auth.models import ApiKey, Session
from domains.billing.interface import Entitlements
from domains.users import interface as users
from domains.users.models import Membership
from kernel import api_key_format, facts
from kernel.clock import now
from kernel.errors import Unavailable
from kernel.redis import connection

pytestmark = pytest.mark.django_db(databases="__all__")


def test_the_principal_is_the_account_in_its_personal_organization(ada):
    said = ada.api.get("t/me").json()
    assert said["kind"] == "account"
    assert said["organization_id"] in said["organizations"]
    assert "users.organization:write" in said["permissions"]


def test_the_context_says_who_acts_in_which_request(ada):
    response = ada.api.get("t/me", X_Request_Id="r-1")
    said = response.json()
    assert said["actor_id"] == str(ada.account_id)
    assert said["request_id"] == "r-1"
    assert said["traceparent"] == response["traceparent"]


def test_the_header_chooses_the_organization(ada):
    other = users.ensure_organization(account_id=ada.account_id, name="Other")
    said = ada.api.get("t/me", Organization_Id=str(other.id)).json()
    assert said["organization_id"] == str(other.id)


def test_a_foreign_organization_looks_like_none_at_all(ada, sign_in):
    bob = sign_in("bob")
    foreign = bob.api.get("t/me").json()["organization_id"]
    answers = [ada.api.get("t/me", Organization_Id=o) for o in (foreign, str(uuid4()))]
    assert [a.status_code for a in answers] == [404, 404]
    bodies = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("wrong", ["x", "1", "' OR 1=1", "0" * 100])
def test_an_organization_that_is_no_uuid_is_malformed(ada, wrong):
    response = ada.api.get("t/me", Organization_Id=wrong)
    assert response.status_code == 400
    assert response.json()["code"] == "gateway.organization_id_malformed"


def test_a_session_is_asked_for_once_and_then_known(ada, django_assert_num_queries):
    ada.api.get("t/me")
    session = Session.objects.get(account_id=ada.account_id)
    assert facts.get(f"session:{session.id}") == "active"
    with django_assert_num_queries(0, using="auth"):
        ada.api.get("t/me")


def test_a_revoked_session_is_refused_at_once(ada, django_capture_on_commit_callbacks):
    assert ada.api.get("t/me").status_code == 200
    with django_capture_on_commit_callbacks(using="auth", execute=True):
        assert ada.api.post("auth/logout").status_code == 204
    response = ada.api.get("t/me")
    assert (response.status_code, response.json()["code"]) == (401, "gateway.session_ended")


def test_a_revoked_session_stays_revoked_when_redis_has_forgotten(ada):
    ada.api.post("auth/logout")
    connection().flushdb()
    assert ada.api.get("t/me").status_code == 401


def test_a_session_that_never_was_is_refused(ada):
    Session.objects.all().delete()
    assert ada.api.get("t/me").status_code == 401


def test_asking_does_not_undo_a_revocation_that_came_between(ada, monkeypatch):
    from gateway import principals

    session = Session.objects.get(account_id=ada.account_id)
    ask = principals.auth.get_session_state

    def ask_and_be_overtaken(**arguments):
        state = ask(**arguments)
        facts.put(f"session:{session.id}", "revoked", ttl=600)
        return state

    monkeypatch.setattr(principals.auth, "get_session_state", ask_and_be_overtaken)
    ada.api.get("t/me")
    assert facts.get(f"session:{session.id}") == "revoked"
    assert ada.api.get("t/me").status_code == 401


@pytest.fixture
def key_of(ada):
    """Return a function that makes an API key of ada's organization and a client that shows it."""

    def make(*permissions, **headers):
        body = {"name": "k", "permissions": list(permissions), "expires_at": None}
        made = ada.api.post("auth/api-keys", body, **headers)
        assert made.status_code == 201, made.content
        return ada.api.as_(token=made.json()["secret"])

    return make


def test_an_api_key_may_do_what_it_was_given(ada, key_of):
    client = key_of("users.member:read")
    said = client.get("t/me").json()
    assert said["kind"] == "api_key"
    assert said["permissions"] == ["users.member:read"]
    assert said["organizations"] == [ada.api.get("t/me").json()["organization_id"]]


def test_an_api_key_may_not_do_more_than_its_account(ada, key_of, sign_in):
    other = users.ensure_organization(account_id=ada.account_id, name="Other")
    bob = sign_in("bob")
    users.ensure_member(organization_id=other.id, account_id=bob.account_id, role="owner")
    client = key_of("users.member:read", "users.member:invite", Organization_Id=str(other.id))
    Membership.objects.filter(account_id=ada.account_id, organization_id=other.id).update(
        role="viewer"
    )
    assert client.get("t/me").json()["permissions"] == ["users.member:read"]
    Membership.objects.filter(account_id=ada.account_id, organization_id=other.id).delete()
    assert client.get("t/me").json()["code"] == "auth.api_key_invalid"


def test_an_api_key_belongs_to_one_organization(ada, key_of):
    other = users.ensure_organization(account_id=ada.account_id, name="Other")
    client = key_of("users.member:read")
    response = client.get("t/me", Organization_Id=str(other.id))
    assert (response.status_code, response.json()["code"]) == (404, "users.organization_not_found")
    own = client.get("t/me").json()["organization_id"]
    assert client.get("t/me", Organization_Id=own).status_code == 200


def test_a_revoked_api_key_is_refused_at_once(key_of):
    client = key_of("users.member:read")
    assert client.get("t/me").status_code == 200
    ApiKey.objects.update(revoked_at=now())
    assert client.get("t/me").json()["code"] == "auth.api_key_invalid"


def test_a_key_with_a_wrong_checksum_is_refused_like_an_unknown_one_but_without_a_query(
    api, django_assert_num_queries
):
    known = api_key_format.new_api_key()
    slipped = known[:-1] + ("0" if known[-1] != "0" else "1")
    with django_assert_num_queries(1, using="auth"):
        unknown = api.as_(token=known).get("t/me")
    with django_assert_num_queries(0, using="auth"):
        refused = api.as_(token=slipped).get("t/me")
    shown = [{**a.json(), "request_id": ""} for a in (unknown, refused)]
    assert shown[0] == shown[1]
    assert refused.json()["code"] == "auth.api_key_invalid"


def test_an_api_key_has_a_limit_of_its_own(key_of, settings):
    client = key_of("users.member:read")
    settings.RATE_LIMIT_ACCOUNT = (2, 60)
    assert [client.get("t/me").status_code for _ in range(3)] == [200, 200, 429]


class TestPlans:
    @pytest.fixture
    def rate(self, monkeypatch):
        """Return a function that sets what every organization's plan allows a minute."""
        from gateway import principals

        asked = []

        def set_rate(requests_per_minute):
            def get_entitlements(*, organization_ids):
                asked.append(organization_ids)
                real = Entitlements(
                    organization_id=organization_ids[0],
                    plan="test",
                    seats=1,
                    storage_bytes=1,
                    requests_per_minute=requests_per_minute,
                )
                return [real]

            monkeypatch.setattr(principals.billing, "get_entitlements", get_entitlements)
            return asked

        return set_rate

    def test_the_plan_limits_the_whole_organization(self, ada, sign_in, rate):
        shared = users.ensure_organization(account_id=ada.account_id, name="Shared")
        bob = sign_in("bob")
        users.ensure_member(organization_id=shared.id, account_id=bob.account_id, role="member")
        asked = rate(3)
        header = {"Organization_Id": str(shared.id)}
        callers = [ada, bob, ada, bob, ada]
        statuses = [caller.api.get("t/me", **header).status_code for caller in callers]
        assert statuses == [200, 200, 200, 429, 429]
        assert len(asked) == 2
        assert ada.api.get("t/me").status_code == 200

    def test_the_plan_is_told_beside_the_account(self, ada, rate):
        rate(5)
        for _ in range(2):
            response = ada.api.get("t/me")
        assert response["RateLimit-Policy"].endswith('"plan";q=5;w=60')
        assert '"plan";r=3;t=' in response["RateLimit"]

    def test_a_new_plan_counts_from_the_next_request(self, ada, rate):
        rate(1)
        organization = ada.api.get("t/me").json()["organization_id"]
        assert ada.api.get("t/me").status_code == 429
        facts.put(f"plan-rate:{organization}", "10", ttl=60)
        assert ada.api.get("t/me").status_code == 200

    def test_without_billing_only_the_plan_is_not_applied(self, ada, monkeypatch):
        from gateway import principals

        def fail(**_):
            raise Unavailable("away")

        monkeypatch.setattr(principals.billing, "get_entitlements", fail)
        response = ada.api.get("t/me")
        assert response.status_code == 200
        assert "plan" not in response["RateLimit"]

    def test_naming_an_organization_does_not_use_up_its_limit(self, ada, sign_in, rate):
        bob = sign_in("bob")
        foreign = bob.api.get("t/me").json()["organization_id"]
        rate(2)
        for _ in range(3):
            assert ada.api.get("t/me", Organization_Id=foreign).status_code == 404
        connection().delete(f"fact:plan-rate:{foreign}")
        assert bob.api.get("t/me").status_code == 200
