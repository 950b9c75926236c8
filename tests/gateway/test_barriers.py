"""An organization's policy is obeyed on the next request, wherever that comes from."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import jwt as pyjwt
import pyotp
import pytest

from domains.auth.contract.data import Method
from domains.auth.models import Account, ApiKey, Session
from domains.auth.services import keys, tokens
from domains.users import interface as users
from domains.users.models import Organization
from kernel.api_key_format import new_api_key
from kernel.clock import now
from kernel.crypto import hash_secret
from tests.client import Api
from tests.gateway.conftest import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")

POLICIES = {
    "users.mfa_required": {"mfa_required": True},
    "users.session_too_old": {"session_lifetime": 300},
    "users.network_not_allowed": {"allowed_networks": ["198.51.100.0/24"]},
    "users.email_domain_not_allowed": {"allowed_email_domains": ["example.org"]},
}


@pytest.fixture
def organization_id(ada):
    return users.ensure_organization(account_id=ada.account_id, name="Engines").id


@pytest.fixture
def here(ada, organization_id):
    """The owner's client, asking about the organization."""
    return Api(**ada.api.headers, **{"Organization-Id": str(organization_id)})


def ask(organization_id, **policy):
    Organization.objects.filter(id=organization_id).update(**policy)


def code_of(answer):
    return (answer.status_code, answer.json().get("code"))


def with_token(api, *, methods=None, proven_ago=timedelta()):
    """Return the client with a token of its session as it is now, or was proven some time ago."""
    claims = pyjwt.decode(
        api.headers["Authorization"].split()[1], options={"verify_signature": False}
    )
    session = Session.objects.get(id=claims["sid"])
    if methods is not None:
        session.methods = [method.value for method in methods]
    session.proven_at = now() - proven_ago
    session.save()
    access = tokens.make_access(signer=keys.get_signer(now=now()), session=session, now=now())
    return Api(**{**api.headers, "Authorization": f"Bearer {access.access_token}"})


def grown_old(api):
    return with_token(api, proven_ago=timedelta(seconds=301))


@pytest.mark.parametrize(("code", "policy"), POLICIES.items())
def test_each_rule_is_obeyed_on_the_next_request(here, organization_id, code, policy):
    here = grown_old(here)
    assert here.get("t/me").status_code == 200
    ask(organization_id, **policy)
    assert code_of(here.get("t/me")) == (403, code)
    assert code_of(here.post("t/me")) == (403, code)
    ask(organization_id, mfa_required=False, session_lifetime=None)
    ask(organization_id, allowed_networks=[], allowed_email_domains=[])
    assert here.get("t/me").status_code == 200


@pytest.mark.parametrize(("code", "policy"), POLICIES.items())
def test_whoever_is_barred_reaches_everything_else(ada, organization_id, code, policy):
    other = users.ensure_organization(account_id=ada.account_id, name="Other").id
    api = grown_old(ada.api)
    ask(organization_id, **policy)
    assert api.get("auth/factors").status_code == 200
    assert api.get("t/me", Organization_Id=str(other)).status_code == 200
    shown = {o["id"]: o["barred"] for o in api.get("users/organizations").json()["data"]}
    assert shown.pop(str(organization_id)) == code
    assert set(shown.values()) == {None}
    assert str(organization_id) not in api.get("t/me").json()["organizations"]


@pytest.mark.parametrize(("code", "policy"), POLICIES.items())
def test_its_own_path_says_what_bars_and_a_strangers_path_nothing(
    ada, organization_id, sign_in, code, policy
):
    eve, api = sign_in("eve"), grown_old(ada.api)
    ask(organization_id, **policy)
    path = f"users/organizations/{organization_id}"
    for refused in (api.get(path), api.patch(path, {"name": "X"}), api.get(f"{path}/members")):
        assert code_of(refused) == (403, code)
    assert code_of(eve.api.get(path)) == (404, "users.organization_not_found")


def test_what_belongs_to_it_is_as_unknown_as_what_is_anothers(here, ada, organization_id):
    body = {"name": "a.txt", "size": 1, "content_type": "text/plain", "sha256": "0" * 64}
    made = here.post("files", body)
    assert made.status_code == 201, made.content
    path = f"files/{made.json()['id']}"
    assert ada.api.get(path).status_code == 200
    ask(organization_id, mfa_required=True)
    refused, unknown = ada.api.get(path), ada.api.get(f"files/{uuid4()}")
    assert (refused.status_code, unknown.status_code) == (404, 404)
    assert refused.json()["code"] == unknown.json()["code"]


class TestFactors:
    @pytest.mark.parametrize(
        ("methods", "enough"),
        [
            ([Method.PASSWORD], False),
            ([Method.EMAIL], False),
            ([Method.FEDERATED], False),
            ([Method.PASSWORD, Method.EMAIL], False),
            ([Method.FEDERATED, Method.EMAIL], False),
            ([Method.FEDERATED, Method.PASSWORD], False),
            ([], False),
            ([Method.TOTP], False),
            ([Method.TOTP, Method.RECOVERY_CODE], False),
            ([Method.PASSWORD, Method.TOTP], True),
            ([Method.EMAIL, Method.RECOVERY_CODE], True),
            ([Method.FEDERATED, Method.TOTP], True),
            ([Method.PASSKEY], True),
            ([Method.PASSWORD, Method.PASSKEY], True),
        ],
    )
    def test_a_passkey_or_a_second_factor_is_asked_for(
        self, here, organization_id, methods, enough
    ):
        ask(organization_id, mfa_required=True)
        answer = with_token(here, methods=methods).get("t/me")
        assert answer.status_code == (200 if enough else 403)

    def test_an_app_is_set_up_and_a_step_up_with_it_lifts_the_barrier(
        self, ada, here, organization_id
    ):
        ask(organization_id, mfa_required=True)
        app = pyotp.TOTP(ada.api.post("auth/totp").json()["secret"])
        enrolled = ada.api.post("auth/totp/confirm", {"code": app.now()})
        assert enrolled.status_code == 200, enrolled.content
        assert code_of(here.get("t/me")) == (403, "users.mfa_required")
        codes = enrolled.json()["recovery_codes"]
        body = {"method": "recovery_code", "answer": codes[0]}
        stepped = ada.api.post("auth/step-up", body)
        assert stepped.status_code == 200, stepped.content
        token = stepped.json()["access_token"]
        again = Api(**{**here.headers, "Authorization": f"Bearer {token}"})
        assert again.get("t/me").status_code == 200

    def test_stepping_up_by_the_password_alone_does_not(self, ada, here, organization_id):
        ask(organization_id, mfa_required=True)
        stepped = ada.api.post("auth/step-up", {"method": "password", "answer": PASSWORD})
        token = stepped.json()["access_token"]
        again = Api(**{**here.headers, "Authorization": f"Bearer {token}"})
        assert code_of(again.get("t/me")) == (403, "users.mfa_required")

    def test_whoever_removed_the_factor_is_asked_again(self, here, organization_id):
        proven = with_token(here, methods=[Method.PASSWORD, Method.TOTP])
        ask(organization_id, mfa_required=True)
        assert proven.get("t/me").status_code == 200
        assert with_token(proven, methods=[Method.PASSWORD]).get("t/me").status_code == 403


class TestSessions:
    def test_stepping_up_lifts_the_barrier(self, here, organization_id):
        ask(organization_id, session_lifetime=300)
        old = grown_old(here)
        assert code_of(old.get("t/me")) == (403, "users.session_too_old")
        personal = Api(Authorization=old.headers["Authorization"])
        stepped = personal.post("auth/step-up", {"method": "password", "answer": PASSWORD})
        token = stepped.json()["access_token"]
        again = Api(**{**here.headers, "Authorization": f"Bearer {token}"})
        assert again.get("t/me").status_code == 200

    @pytest.mark.parametrize(("seconds", "status"), [(290, 200), (301, 403)])
    def test_the_age_is_that_of_the_proof(self, here, organization_id, seconds, status):
        ask(organization_id, session_lifetime=300)
        aged = with_token(here, proven_ago=timedelta(seconds=seconds))
        assert aged.get("t/me").status_code == status


class TestNetworks:
    @pytest.mark.parametrize(
        ("address", "networks", "status"),
        [
            ("203.0.113.7", ["203.0.113.0/24"], 200),
            ("203.0.114.7", ["203.0.113.0/24"], 403),
            ("203.0.114.7", ["203.0.113.0/24", "203.0.114.7/32"], 200),
            ("::ffff:203.0.113.7", ["203.0.113.0/24"], 200),
            ("2001:db8::1", ["2001:db8::/32"], 200),
            ("2001:db9::1", ["2001:db8::/32"], 403),
            ("203.0.113.7", ["2001:db8::/32"], 403),
            ("", ["0.0.0.0/0", "::/0"], 403),
        ],
    )
    def test_the_client_is_in_one_of_them(self, here, organization_id, address, networks, status):
        ask(organization_id, allowed_networks=networks)
        here.client.defaults["REMOTE_ADDR"] = address
        assert here.get("t/me").status_code == status

    def test_an_invented_header_moves_nobody(self, here, organization_id):
        ask(organization_id, allowed_networks=["203.0.113.0/24"])
        moved = here.get("t/me", X_Forwarded_For="203.0.113.7", Forwarded="for=203.0.113.7")
        assert code_of(moved) == (403, "users.network_not_allowed")


class TestEmailDomains:
    @pytest.mark.parametrize(
        ("email", "domains", "status"),
        [
            ("ada@example.com", ["example.com"], 200),
            ("ada@EXAMPLE.com", ["example.org", "example.com"], 200),
            ("ada@sub.example.com", ["example.com"], 403),
            ("ada@notexample.com", ["example.com"], 403),
            ("ada@bücher.example", ["xn--bcher-kva.example"], 200),
        ],
    )
    def test_the_verified_address_is_of_one_of_them(  # noqa: PLR0917
        self, here, ada, organization_id, email, domains, status
    ):
        Account.objects.filter(id=ada.account_id).update(email=email)
        ask(organization_id, allowed_email_domains=domains)
        assert here.get("t/me").status_code == status

    def test_an_address_that_was_not_verified_counts_for_nothing(self, here, ada, organization_id):
        ask(organization_id, allowed_email_domains=["example.com"])
        Account.objects.filter(id=ada.account_id).update(email_verified_at=None, password="!")
        assert code_of(here.get("t/me")) == (403, "users.email_domain_not_allowed")

    def test_auth_is_asked_only_where_domains_are_set(
        self, here, organization_id, django_assert_num_queries
    ):
        here.get("t/me")
        ask(organization_id, allowed_networks=["127.0.0.0/8"], session_lifetime=300)
        with django_assert_num_queries(0, using="auth"):
            assert here.get("t/me").status_code == 200
        ask(organization_id, allowed_email_domains=["example.com"])
        with django_assert_num_queries(1, using="auth"):
            assert here.get("t/me").status_code == 200


class TestKeys:
    @pytest.fixture
    def key_of(self, organization_id):
        """Return a function that makes a key of the organization, perhaps a person's."""

        def make(account_id=None, permissions=("users.organization:read", "users.member:read")):
            secret = new_api_key()
            ApiKey.objects.create(
                organization_id=organization_id,
                account_id=account_id,
                created_by=uuid4(),
                name="k",
                key_hash=hash_secret(secret),
                permissions=list(permissions),
                created_at=now(),
                last_used_at=now(),
                networks=["127.0.0.0/24"],
            )
            return Api(Authorization=f"Bearer {secret}")

        return make

    @pytest.mark.parametrize("of_person", [True, False])
    def test_they_are_held_against_networks(self, key_of, ada, organization_id, of_person):
        key = key_of(ada.account_id if of_person else None)
        assert key.get("t/me").status_code == 200
        ask(organization_id, allowed_networks=["198.51.100.0/24"])
        assert code_of(key.get("t/me")) == (403, "users.network_not_allowed")

    def test_a_persons_is_held_against_the_domains_too(self, key_of, ada, organization_id):
        persons, machines = key_of(ada.account_id), key_of()
        ask(organization_id, allowed_email_domains=["example.org"])
        assert code_of(persons.get("t/me")) == (403, "users.email_domain_not_allowed")
        assert machines.get("t/me").status_code == 200

    def test_machines_have_no_second_factor_and_no_session(self, key_of, ada, organization_id):
        ask(organization_id, mfa_required=True, session_lifetime=300)
        assert key_of(ada.account_id).get("t/me").status_code == 200
        assert key_of().get("t/me").status_code == 200

    def test_one_of_a_closed_organization_sees_it_and_nothing_else(self, key_of, organization_id):
        key = key_of()
        ask(organization_id, closed_at=now(), erase_at=now())
        assert key.get("t/me").json()["permissions"] == ["users.organization:read"]

    def test_one_of_an_organization_that_is_gone_is_none(self, key_of, organization_id):
        key = key_of()
        Organization.objects.get(id=organization_id).delete()
        assert code_of(key.get("t/me")) == (401, "auth.api_key_invalid")

    def test_the_policy_costs_one_query(self, key_of, ada, django_assert_num_queries):
        for key in (key_of(), key_of(ada.account_id)):
            key.get("t/me")
            with django_assert_num_queries(1, using="users"):
                assert key.get("t/me").status_code == 200


def test_whoever_acts_as_a_member_is_held_against_the_policy(here, organization_id):
    ask(organization_id, mfa_required=True)
    assert with_token(here, methods=[]).get("t/me").status_code == 403


def test_a_policy_bars_nobody_from_their_personal_organization(ada, organization_id):
    ask(organization_id, mfa_required=True, allowed_networks=["198.51.100.0/24"])
    assert ada.api.get("users/me").status_code == 200
