"""Roles that members and teams have besides, everywhere or in one team."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from domains.users import interface as users
from domains.users import models
from domains.users.services import assignments
from kernel.ids import uuid7
from tests.users.clients import problem, signed_in, told
from tests.users.people import member_of, organization_of, person
from tests.users.teams import custom_role, give, put_into, team_of
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")

READ, ASSIGN, POLICY = (
    users.MEMBER_READ.name,
    users.ROLE_ASSIGN.name,
    users.ORGANIZATION_POLICY.name,
)
TEAM_WRITE = users.TEAM_WRITE.name


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
    return f"users/organizations/{organization_id}/role-assignments"


@pytest.fixture
def linus(organization_id):
    return member_of(organization_id, "linus", "viewer")


def test_a_role_is_given_listed_and_taken(ada, me, path, organization_id, linus):
    role = custom_role(organization_id, READ)
    made = me.post(path, {"role": str(role.id), "account_id": str(linus.account_id)})
    assert made.status_code == 201
    row = made.json()
    about = {
        "organization_id": str(organization_id),
        "role": str(role.id),
        "account_id": str(linus.account_id),
        "team_id": None,
        "scope_id": None,
    }
    assert row.items() >= (about | {"assigned_by": str(ada.account_id)}).items()
    assert me.get(path).json()["data"] == [row]
    assert me.delete(f"{path}/{row['id']}").status_code == 204
    assert me.get(path).json()["data"] == []
    problem(me.delete(f"{path}/{row['id']}"), 404, "users.assignment_not_found")
    event = about | {"assignment_id": row["id"]}
    assert (told("role_assigned"), told("role_unassigned")) == ([event], [event])


def test_given_again_it_is_the_same_assignment(me, path, organization_id, linus):
    team = team_of(organization_id, "Sales")
    for scope in (None, str(team.id)):
        body = {"role": "member", "account_id": str(linus.account_id), "scope_id": scope}
        first, again = me.post(path, body), me.post(path, body)
        assert first.json() == again.json()
    assert models.RoleAssignment.objects.count() == 2
    assert len(told("role_assigned")) == 2


def test_the_list_is_filtered_by_account_team_and_role(me, path, organization_id, linus):
    team, role = team_of(organization_id, "Sales"), custom_role(organization_id, READ)
    of_team = give(organization_id, "member", to=team)
    of_role = give(organization_id, role, to=linus)
    for query, rows in (
        (f"account={linus.account_id}", [of_role]),
        (f"team={team.id}", [of_team]),
        ("role=member", [of_team]),
        (f"role={role.id}", [of_role]),
        ("role=admin", []),
        (f"account={uuid7()}", []),
    ):
        shown = me.get(f"{path}?{query}").json()["data"]
        assert [each["id"] for each in shown] == [str(row.id) for row in rows], query
    assert me.get(f"{path}?role=emperor").status_code == 400


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"role": "owner"}, "/role"),
        ({"role": "emperor"}, "/role"),
        ({"role": "member"}, "/account_id"),
        ({"role": "member", "account_id": None, "team_id": None}, "/account_id"),
    ],
)
def test_a_wrong_assignment_is_refused(me, path, linus, body, pointer):
    body = {"account_id": str(linus.account_id)} | body if "role" in pointer else body
    problem(me.post(path, body), 422, "kernel.validation_failed", pointer)
    assert not models.RoleAssignment.objects.exists()


def test_one_assignment_is_to_one(me, path, organization_id, linus):
    team = team_of(organization_id, "Sales")
    body = {"role": "member", "account_id": str(linus.account_id), "team_id": str(team.id)}
    problem(me.post(path, body), 422, "kernel.validation_failed", "/account_id")


def test_what_belongs_to_another_organization_is_not_found_just_like_nothing(
    me, path, organization_id, linus
):
    eve = person("eve")
    eves = organization_of(eve, "Eve's")
    team, role = team_of(eves, "Sales"), custom_role(eves, READ)
    member = {"role": "member", "account_id": str(linus.account_id)}
    for field, foreign, code in (
        ("role", role.id, "users.role_not_found"),
        ("account_id", eve.account_id, "users.member_not_found"),
        ("scope_id", team.id, "users.team_not_found"),
    ):
        documents = []
        for value in (foreign, uuid7()):
            document = problem(me.post(path, member | {field: str(value)}), 404, code)
            del document["request_id"]
            documents.append(document)
        assert documents[0] == documents[1]
    problem(me.post(path, {"role": "member", "team_id": str(team.id)}), 404, "users.team_not_found")
    theirs = give(eves, "member", to=team)
    problem(me.delete(f"{path}/{theirs.id}"), 404, "users.assignment_not_found")
    assert models.RoleAssignment.objects.get() == theirs


def test_nobody_gives_or_takes_what_they_lack(path, organization_id, linus):
    admin = signed_in(member_of(organization_id, "grace", "admin"))
    role = custom_role(organization_id, READ, POLICY)
    answer = admin.post(path, {"role": str(role.id), "account_id": str(linus.account_id)})
    problem(answer, 403, "users.role_above_own")
    given = give(organization_id, role, to=linus)
    problem(admin.delete(f"{path}/{given.id}"), 403, "users.member_above_own")
    assert models.RoleAssignment.objects.get() == given
    answer = admin.post(path, {"role": "admin", "account_id": str(linus.account_id)})
    assert answer.status_code == 201


def test_whoever_may_not_assign_learns_nothing_of_what_there_is(path, organization_id, linus):
    theirs = signed_in(linus)
    given = give(organization_id, "member", to=linus)
    assert theirs.get(path).status_code == 200
    for answer in (
        theirs.post(path, {"role": "viewer", "account_id": str(uuid7())}),
        theirs.post(path, {"role": "viewer", "account_id": str(uuid7()), "scope_id": str(uuid7())}),
        theirs.delete(f"{path}/{given.id}"),
        theirs.delete(f"{path}/{uuid7()}"),
    ):
        problem(answer, 403, "kernel.forbidden")


def test_who_may_assign_in_a_team_may_there_and_within_it_and_nowhere_else(
    path, organization_id, linus
):
    outer = team_of(organization_id, "Outer")
    inner = team_of(organization_id, "Inner", within=outer)
    apart = team_of(organization_id, "Apart")
    lead = member_of(organization_id, "grace", "viewer")
    give(organization_id, custom_role(organization_id, ASSIGN, TEAM_WRITE), to=lead, scope=outer)
    theirs = signed_in(lead)
    editor = custom_role(organization_id, TEAM_WRITE, name="Editor")

    def assign(scope, role=editor):
        return theirs.post(
            path,
            {
                "role": str(role.id),
                "account_id": str(linus.account_id),
                "scope_id": str(scope.id) if scope else None,
            },
        )

    made = [assign(outer), assign(inner)]
    assert [answer.status_code for answer in made] == [201, 201]
    for scope in (apart, None):
        problem(assign(scope), 403, "kernel.forbidden")
    above = custom_role(organization_id, TEAM_WRITE, POLICY, name="Above")
    problem(assign(inner, above), 403, "users.role_above_own")
    assert theirs.delete(f"{path}/{made[1].json()['id']}").status_code == 204
    elsewhere = give(organization_id, editor, to=linus, scope=apart)
    problem(theirs.delete(f"{path}/{elsewhere.id}"), 403, "kernel.forbidden")


def test_there_are_so_many_assignments_at_most(me, path, organization_id, linus, monkeypatch):
    monkeypatch.setattr(assignments, "ASSIGNMENTS_PER_ORGANIZATION", 1)
    body = {"role": "member", "account_id": str(linus.account_id)}
    assert me.post(path, body).status_code == 201
    problem(me.post(path, body | {"role": "viewer"}), 409, "users.assignment_limit_reached")
    assert me.post(path, body).status_code == 201


def test_an_assignment_counts_from_the_next_request_on_and_so_does_its_end(
    me, path, organization_id, linus
):
    theirs = signed_in(linus)
    teams = f"users/organizations/{organization_id}/teams"
    problem(theirs.post(teams, {"name": "One"}), 403, "kernel.forbidden")
    given = me.post(path, {"role": "admin", "account_id": str(linus.account_id)}).json()
    assert theirs.post(teams, {"name": "One"}).status_code == 201
    me.delete(f"{path}/{given['id']}")
    problem(theirs.post(teams, {"name": "Two"}), 403, "kernel.forbidden")


def test_a_team_left_takes_its_roles_away_from_the_next_request_on(
    me, path, organization_id, linus
):
    team, theirs = team_of(organization_id, "Sales"), signed_in(linus)
    me.post(path, {"role": "admin", "team_id": str(team.id)})
    teams = f"users/organizations/{organization_id}/teams"
    place = f"{teams}/{team.id}/members/{linus.account_id}"
    problem(theirs.post(teams, {"name": "One"}), 403, "kernel.forbidden")
    assert me.put(place).status_code == 204
    assert theirs.post(teams, {"name": "One"}).status_code == 201
    assert me.delete(place).status_code == 204
    problem(theirs.post(teams, {"name": "Two"}), 403, "kernel.forbidden")


def test_nobody_puts_a_member_into_a_team_that_may_more_than_they(organization_id, linus):
    outer = team_of(organization_id, "Outer")
    inner = team_of(organization_id, "Inner", within=outer)
    give(organization_id, custom_role(organization_id, POLICY), to=outer)
    admin = signed_in(member_of(organization_id, "grace", "admin"))
    place = f"users/organizations/{organization_id}/teams/{inner.id}/members/{linus.account_id}"
    problem(admin.put(place), 403, "users.role_above_own")
    assert not models.TeamMembership.objects.exists()


def test_nobody_moves_a_team_below_one_that_may_more_than_they(organization_id, linus):
    above = team_of(organization_id, "Above")
    give(organization_id, custom_role(organization_id, POLICY), to=above)
    team = team_of(organization_id, "Sales")
    put_into(team, linus)
    admin = signed_in(member_of(organization_id, "grace", "admin"))
    answer = admin.patch(
        f"users/organizations/{organization_id}/teams/{team.id}", {"parent_id": str(above.id)}
    )
    problem(answer, 403, "users.role_above_own")


def test_a_team_that_goes_takes_its_assignments_with_it(organization_id, linus):
    team = team_of(organization_id, "Sales")
    give(organization_id, "admin", to=team)
    give(organization_id, "admin", to=linus, scope=team)
    team.delete()
    assert not models.RoleAssignment.objects.exists()


def test_the_database_refuses_an_owner_by_assignment_and_a_second_row(organization_id, linus):
    with pytest.raises(IntegrityError), transaction.atomic(using="users"):
        give(organization_id, "owner", to=linus)
    give(organization_id, "member", to=linus)
    with pytest.raises(IntegrityError), transaction.atomic(using="users"):
        give(organization_id, "member", to=linus)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_one_role_given_at_once_by_several_is_given_once():
    ada = person()
    organization_id = organization_of(ada)
    grace = member_of(organization_id, "grace")

    def assign():
        return assignments.assign_role(
            principal=ada.principal(),
            organization_id=organization_id,
            role="viewer",
            account_id=grace.account_id,
        )

    rows = at_once(*[assign] * 4)
    assert len({row.id for row in rows}) == 1
    assert len(told("role_assigned")) == 1


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_granter_who_is_demoted_meanwhile_grants_nothing_they_no_longer_hold():
    ada = person()
    organization_id = organization_of(ada)
    grace, linus = (member_of(organization_id, name, "admin") for name in ("grace", "linus"))
    principal = grace.principal(organization_id)  # her request has begun
    models.Membership.objects.filter(account_id=grace.account_id).filter(
        organization_id=organization_id
    ).update(role="viewer")
    with pytest.raises(users.RoleAboveOwn):
        assignments.assign_role(
            principal=principal,
            organization_id=organization_id,
            role="admin",
            account_id=linus.account_id,
        )


def test_nobody_moves_a_team_to_where_they_could_do_more_in_it(organization_id, linus):
    here, there = team_of(organization_id, "Here"), team_of(organization_id, "There")
    moved = team_of(organization_id, "Moved", within=here)
    lead, more = (
        custom_role(organization_id, TEAM_WRITE, name="Lead"),
        custom_role(organization_id, READ, POLICY, name="More"),
    )
    for scope in (here, there):
        give(organization_id, lead, to=linus, scope=scope)
    theirs = signed_in(linus)
    place = f"users/organizations/{organization_id}/teams/{moved.id}"
    assert theirs.patch(place, {"parent_id": str(there.id)}).status_code == 200
    assert theirs.patch(place, {"parent_id": str(here.id)}).status_code == 200
    give(organization_id, more, to=linus, scope=there)
    problem(theirs.patch(place, {"parent_id": str(there.id)}), 403, "users.role_above_own")


def test_nobody_takes_a_member_out_of_a_team_that_may_more_than_they(organization_id, linus):
    team = team_of(organization_id, "Sales")
    put_into(team, linus)
    give(organization_id, custom_role(organization_id, POLICY), to=team)
    admin = signed_in(member_of(organization_id, "grace", "admin"))
    place = f"users/organizations/{organization_id}/teams/{team.id}/members/{linus.account_id}"
    problem(admin.delete(place), 403, "users.member_above_own")
