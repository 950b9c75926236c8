"""Setting what an organization asks of its members; that it is obeyed is the gateway's to show."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domains.auth.models import Session
from domains.users import interface as users
from domains.users import models
from domains.users.contract.errors import PolicyLocksOut
from domains.users.services import policy
from kernel import addresses, context
from kernel.clock import now
from kernel.errors import PreconditionFailed
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.preconditions import ANY, Precondition
from tests.users.people import member_of, organization_of, person
from tests.users.test_api import pointers, problem, signed_in
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")

NOTHING = {
    "who_may_invite": "admins",
    "allowed_email_domains": [],
    "mfa_required": False,
    "session_lifetime": None,
    "allowed_networks": [],
}


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def me(ada):
    return signed_in(ada)


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


@pytest.fixture
def path(organization_id):
    return f"users/organizations/{organization_id}/policy"


def said():
    rows = Outbox.objects.using("users").filter(name="users.organization_policy_changed.v1")
    return [row.payload["changes"] for row in rows.order_by("id")]


def test_nothing_is_asked_until_an_owner_asks(me, path):
    shown = me.get(path)
    assert shown.json() == NOTHING
    assert me.get(path, If_None_Match=shown["ETag"]).status_code == 304


def test_what_is_asked_is_changed_field_by_field_and_told(me, path):
    seen = me.get(path)["ETag"]
    wanted = {"session_lifetime": 3600, "allowed_networks": ["127.0.0.1"]}
    changed = me.patch(path, wanted, If_Match=seen)
    assert changed.json() == NOTHING | wanted | {"allowed_networks": ["127.0.0.1/32"]}
    assert changed["ETag"] != seen
    problem(me.patch(path, wanted, If_Match=seen), 412, "kernel.precondition_failed")
    me.patch(path, {"who_may_invite": "owners"})
    assert me.get(path).json()["session_lifetime"] == 3600
    assert said() == [
        [
            {"field": "session_lifetime", "before": None, "after": "3600"},
            {"field": "allowed_networks", "before": "", "after": "127.0.0.1/32"},
        ],
        [{"field": "who_may_invite", "before": "admins", "after": "owners"}],
    ]


def test_the_same_again_is_no_change(me, path):
    assert me.patch(path, NOTHING).json() == NOTHING
    assert said() == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"allowed_networks": ["127.0.0.1/8", "127.9.9.9/8"]}, ["127.0.0.0/8"]),
        (
            {"allowed_networks": ["127.0.0.0/8", "2001:DB8:0::/32"]},
            ["127.0.0.0/8", "2001:db8::/32"],
        ),
        ({"allowed_networks": ["::ffff:127.0.0.0/104"]}, ["127.0.0.0/8"]),
        (
            {"allowed_email_domains": ["Example.COM", "example.com", "bücher.example"]},
            ["example.com", "xn--bcher-kva.example"],
        ),
    ],
)
def test_networks_and_domains_are_written_in_one_way(me, path, sent, kept):
    answer = me.patch(path, sent)
    assert answer.status_code == 200, answer.content
    assert [answer.json()[field] for field in sent] == [kept]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"session_lifetime": 299}, "/session_lifetime"),
        ({"session_lifetime": 10**9}, "/session_lifetime"),
        ({"session_lifetime": "3600"}, "/session_lifetime"),
        ({"mfa_required": None}, "/mfa_required"),
        ({"mfa_required": "yes"}, "/mfa_required"),
        ({"who_may_invite": "viewers"}, "/who_may_invite"),
        ({"allowed_networks": ["127.0.0.0/8", "300.1.1.1/8"]}, "/allowed_networks/1"),
        ({"allowed_networks": ["127.0.0.0/33"]}, "/allowed_networks/0"),
        ({"allowed_networks": ["fe80::%eth0/64"]}, "/allowed_networks/0"),
        ({"allowed_networks": [7]}, "/allowed_networks/0"),
        ({"allowed_networks": None}, "/allowed_networks"),
        ({"allowed_networks": ["127.0.0.0/8"] * 101}, "/allowed_networks"),
        ({"allowed_email_domains": ["@example.com"]}, "/allowed_email_domains/0"),
        ({"allowed_email_domains": ["com"]}, "/allowed_email_domains/0"),
        ({"allowed_email_domains": ["a..example"]}, "/allowed_email_domains/0"),
        ({"allowed_email_domains": ["x" * 300 + ".com"]}, "/allowed_email_domains/0"),
        ({"name": "x"}, "/name"),
    ],
)
def test_what_can_not_be_asked_is_refused(me, path, body, wrong):
    assert pointers(me.patch(path, body)) == {wrong}
    assert me.get(path).json() == NOTHING


@pytest.mark.parametrize(
    ("wanted", "barrier"),
    [
        ({"mfa_required": True}, "users.mfa_required"),
        ({"allowed_networks": ["198.51.100.0/24"]}, "users.network_not_allowed"),
        ({"allowed_email_domains": ["example.org"]}, "users.email_domain_not_allowed"),
    ],
)
def test_nobody_locks_themselves_out(me, path, wanted, barrier):
    refused = problem(me.patch(path, wanted), 409, "users.policy_locks_out")
    assert refused["barrier"] == barrier
    assert me.get(path).json() == NOTHING
    assert said() == []


def test_a_proof_older_than_the_lifetime_locks_out_too(ada, organization_id):
    principal = proven(ada, ago=timedelta(seconds=301))
    with pytest.raises(PolicyLocksOut):
        set_policy(principal, organization_id, session_lifetime=300)
    assert set_policy(principal, organization_id, session_lifetime=600).session_lifetime == 600


def proven(someone, *, ago=timedelta(), mfa=False):
    from dataclasses import replace

    return replace(someone.principal(), proven_at=now() - ago, mfa=mfa)


def set_policy(principal, organization_id, expected=ANY, **wanted):
    with context.use(context.RequestContext(client_address="127.0.0.1")):
        return policy.set_policy(
            principal=principal,
            organization_id=organization_id,
            wanted=wanted,
            expected=expected,
            now=now(),
        )


def test_whoever_proved_a_second_factor_may_ask_for_it(ada, organization_id):
    assert set_policy(proven(ada, mfa=True), organization_id, mfa_required=True).mfa_required


def test_it_takes_fresh_proof(me, path):
    for session in Session.objects.all():
        session.proven_at -= timedelta(minutes=11)
        session.save()
    problem(me.patch(path, NOTHING), 401, "auth.step_up_required")
    assert me.get(path).status_code == 200


@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_owners_alone_see_and_set_it(organization_id, path, role):
    grace = signed_in(member_of(organization_id, "grace", role))
    problem(grace.get(path), 403, "kernel.forbidden")
    problem(grace.patch(path, NOTHING), 403, "kernel.forbidden")


def test_a_foreign_policy_looks_like_none_at_all(me):
    foreign = organization_of(person("eve"), "Eves")
    for organization_id in (foreign, uuid7()):
        path = f"users/organizations/{organization_id}/policy"
        problem(me.get(path), 404, "users.organization_not_found")
        problem(me.patch(path, {"mfa_required": True}), 404, "users.organization_not_found")
    assert models.Organization.objects.filter(mfa_required=True).count() == 0


def test_a_personal_organization_asks_for_nothing(me, ada):
    path = f"users/organizations/{ada.principal().organization_id}/policy"
    assert me.get(path).json() == NOTHING
    problem(me.patch(path, {"mfa_required": True}), 409, "users.personal_organization")


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_of_two_who_saw_the_same_policy_one_changes_it():
    ada = person()
    organization_id = organization_of(ada)
    principal = proven(ada)
    seen = policy.tag_of(policy.get_policy(principal=principal, organization_id=organization_id))

    def setting(seconds):
        expected = Precondition(frozenset({seen}))
        return lambda: set_policy(principal, organization_id, expected, session_lifetime=seconds)

    outcomes = at_once(*[setting(seconds) for seconds in (600, 700, 800)])
    assert sum(isinstance(outcome, PreconditionFailed) for outcome in outcomes) == 2


def test_the_interface_says_what_is_asked_and_whether_it_is_closed(organization_id):
    rows = models.Organization.objects.filter(id=organization_id)
    rows.update(mfa_required=True, session_lifetime=600, allowed_networks=["10.0.0.0/8"])
    asked = users.get_organization_policy(organization_id=organization_id)
    assert asked == users.OrganizationPolicy(
        mfa_required=True, session_lifetime=600, allowed_networks=("10.0.0.0/8",)
    )
    rows.update(closed_at=now(), erase_at=now())
    assert users.get_organization_policy(organization_id=organization_id).closed
    with pytest.raises(users.OrganizationNotFound):
        users.get_organization_policy(organization_id=uuid7())


@given(st.ip_addresses(), st.data())
def test_every_address_is_within_the_networks_around_it_and_no_others(address, data):
    length = data.draw(st.integers(0, address.max_prefixlen))
    assume(length >= 96 or not getattr(address, "ipv4_mapped", None))  # those are IPv4
    around = str(addresses.parse_network(f"{address}/{length}"))
    assert addresses.is_within(str(address), [around])
    if length:
        bit = 1 << (address.max_prefixlen - length)
        other = type(address)(int(address) ^ bit)
        assert not addresses.is_within(str(other), [around])
