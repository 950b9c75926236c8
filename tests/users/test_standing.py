"""What somebody holds is read as it stands, at once, for all organizations."""

from __future__ import annotations

import pytest
from django.db import connections

from bench import decision as bench
from bench.plans import tables_read_whole
from domains.users import interface as users
from domains.users import models
from domains.users.services import standing
from kernel.clock import now
from kernel.ids import uuid7
from tests.users.people import member_of, organization_of, person
from tests.users.teams import custom_role, give, have_role, put_into, team_of

pytestmark = pytest.mark.django_db(databases="__all__")

INVITE, ROLE_WRITE = users.MEMBER_INVITE.name, users.ROLE_WRITE.name


@pytest.fixture
def organization_id():
    return organization_of(person())


@pytest.fixture
def grace(organization_id):
    return member_of(organization_id, "grace", "viewer")


def held(someone, organization_id):
    access = users.get_access(account_id=someone.account_id, organization_id=organization_id)
    return next(m for m in access.memberships if m.organization_id == organization_id)


def test_a_custom_role_allows_what_stands_in_it_and_nothing_else(organization_id, grace):
    role = custom_role(organization_id, INVITE, "gone.thing:do")
    have_role(organization_id, grace, role)
    found = held(grace, organization_id)
    assert found.role == str(role.id)
    assert found.permissions == (INVITE,)


def test_an_assignment_adds_to_the_members_own_role(organization_id, grace):
    before = set(held(grace, organization_id).permissions)
    give(organization_id, custom_role(organization_id, INVITE), to=grace)
    assert set(held(grace, organization_id).permissions) == before | {INVITE}


def test_a_teams_role_reaches_those_in_the_teams_within_it_and_not_those_around(organization_id):
    outer = team_of(organization_id, "Outer")
    middle = team_of(organization_id, "Middle", within=outer)
    inner = team_of(organization_id, "Inner", within=middle)
    people = {t: member_of(organization_id, t.name.lower()) for t in (outer, middle, inner)}
    for team, someone in people.items():
        put_into(team, someone)
    give(organization_id, custom_role(organization_id, INVITE), to=middle)
    reached = {t.name for t, p in people.items() if INVITE in held(p, organization_id).permissions}
    assert reached == {"Middle", "Inner"}


def test_a_scoped_role_is_held_in_its_team_alone(organization_id, grace):
    team = team_of(organization_id, "Sales")
    give(organization_id, custom_role(organization_id, INVITE), to=grace, scope=team)
    found = held(grace, organization_id)
    assert INVITE not in found.permissions
    assert [(t.team_id, t.permissions) for t in found.teams] == [(team.id, (INVITE,))]
    principal = grace.principal(organization_id)
    inner = team_of(organization_id, "Inner", within=team)
    assert not principal.may(users.MEMBER_INVITE)
    assert principal.may(users.MEMBER_INVITE, within=inner.path)


def test_one_grant_that_comes_twice_counts_once(organization_id, grace):
    outer = team_of(organization_id, "Outer")
    for name in ("One", "Two"):
        put_into(team_of(organization_id, name, within=outer), grace)
    give(organization_id, custom_role(organization_id, INVITE), to=outer)
    assert INVITE in held(grace, organization_id).permissions


def test_what_is_given_in_one_organization_counts_nowhere_else(organization_id, grace):
    other = organization_of(person("eve"), "Eve's")
    users.ensure_member(organization_id=other, account_id=grace.account_id, role="viewer")
    team = team_of(organization_id, "Sales")
    put_into(team, grace)
    give(organization_id, "admin", to=team)
    assert ROLE_WRITE in held(grace, organization_id).permissions
    assert ROLE_WRITE not in held(grace, other).permissions


def test_a_closed_organization_can_be_seen_and_opened_and_nothing_else(organization_id, grace):
    give(organization_id, "admin", to=grace, scope=team_of(organization_id, "Sales"))
    models.Organization.objects.filter(id=organization_id).update(closed_at=now(), erase_at=now())
    found = held(grace, organization_id)
    assert found.permissions == (users.ORGANIZATION_READ.name,)
    assert found.teams == ()


def test_a_policy_is_told_where_something_is_asked(organization_id, grace):
    assert held(grace, organization_id).policy is None
    models.Organization.objects.filter(id=organization_id).update(
        session_lifetime=60, allowed_networks=["192.0.2.0/24"], mfa_required=True
    )
    assert held(grace, organization_id).policy == users.OrganizationPolicy(
        mfa_required=True, session_lifetime=60, allowed_networks=("192.0.2.0/24",)
    )


def test_many_memberships_teams_and_assignments_cost_one_query(django_assert_num_queries):
    someone = person("grace")
    for number in range(10):
        owner_id = organization_of(person(f"owner{number}"), f"Number {number}")
        users.ensure_member(organization_id=owner_id, account_id=someone.account_id, role="viewer")
        team = None
        for depth in range(8):
            team = team_of(owner_id, f"Depth {depth}", within=team)
            give(owner_id, custom_role(owner_id, INVITE, name=f"R{depth}"), to=team, scope=team)
        put_into(team, someone)
    someone.principal()
    with django_assert_num_queries(1, using="users"):
        access = users.get_access(account_id=someone.account_id, organization_id=None)
    assert [len(m.teams) for m in access.memberships].count(8) == 10


def test_what_decides_is_found_by_indexes_alone():
    with connections["users"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    asked = [(uuid7(), None), (uuid7(), uuid7())]
    assert [tables_read_whole(("users", standing._READ, ids)) for ids in asked] == [[], []]


def test_a_table_without_an_index_is_seen_through_the_function():
    with connections["users"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    assert "membership" in tables_read_whole(("users", standing._READ, (uuid7(), None)))


@pytest.mark.usefixtures("nothing_in_context")
@pytest.mark.parametrize("who", [bench._plain, bench._rich])
def test_what_the_bench_of_decisions_measures_can_be_done(who):
    for call, _ in bench._ways("", who(), calls=1).values():
        call()
