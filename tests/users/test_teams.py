"""Teams as a client meets them: made, changed, deleted, and filled with members."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domains.users import interface as users
from domains.users import models
from domains.users.contract.errors import MemberAboveOwn
from domains.users.services import team_members, teams
from gateway import credentials
from kernel.errors import Forbidden
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.preconditions import ANY
from tests.client import Api
from tests.users.people import PASSWORD, Person, member_of, organization_of, person
from tests.users.teams import custom_role, give, have_role
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _new_verifier():
    """The keys are made anew in every test, so nothing of the last one's may be remembered."""
    credentials.verifier.cache_clear()


def signed_in(someone: Person) -> Api:
    answer = Api().post("auth/login", {"email": someone.email, "password": PASSWORD})
    return Api().as_(token=answer.json()["access_token"])


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
    return f"users/organizations/{organization_id}/teams"


def problem(answer, status, code):
    document = answer.json()
    assert (answer.status_code, document["code"]) == (status, code)
    return document


def alike(*answers):
    """Check that the answers differ in what names the request alone; return one of them."""
    documents = [answer.json() for answer in answers]
    for document in documents:
        del document["request_id"], document["instance"]
    assert all(document == documents[0] for document in documents)
    return answers[0]


def make(owner, organization_id, name, parent_id=None, principal=None):
    return teams.create_team(
        principal=principal or owner.principal(),
        organization_id=organization_id,
        name=name,
        parent_id=parent_id,
    )


def told(name):
    rows = Outbox.objects.using("users").filter(name=f"users.{name}.v1")
    return [row.payload for row in rows.order_by("id")]


def test_a_team_is_made_shown_and_listed(me, path, organization_id):
    made = me.post(path, {"name": "Engines", "description": "They turn."})
    assert made.status_code == 201
    team = made.json()
    assert (team["parent_id"], team["path"]) == (None, [team["id"]])
    within = me.post(path, {"name": "Mills", "parent_id": team["id"]}).json()
    assert within["path"] == [team["id"], within["id"]]
    assert me.get(f"{path}/{team['id']}").json() == team
    assert [t["name"] for t in me.get(path).json()["data"]] == ["Engines", "Mills"]
    [only] = me.get(f"{path}?parent_id={team['id']}").json()["data"]
    assert only == within
    assert told("team_created") == [
        {
            "organization_id": str(organization_id),
            "team_id": each["id"],
            "parent_id": each["parent_id"],
            "name": each["name"],
        }
        for each in (team, within)
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": " "}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": "two\nlines"}, "/name"),
        ({"name": "x", "description": "x" * 501}, "/description"),
        ({"name": "x", "parent_id": "x"}, "/parent_id"),
        ({"name": "x", "parent_id": 1}, "/parent_id"),
        ({"name": "x", "path": []}, "/path"),
        ({"name": "x", "organization_id": "x"}, "/organization_id"),
    ],
)
def test_a_wrong_team_is_refused(me, path, body, pointer):
    document = problem(me.post(path, body), 422, "kernel.validation_failed")
    assert {error["pointer"] for error in document["errors"]} == {pointer}
    assert not models.Team.objects.exists()


def test_a_name_is_taken_in_any_case_within_the_organization_alone(me, path, ada):
    me.post(path, {"name": "Größe"})
    problem(me.post(path, {"name": "GRÖßE"}), 409, "users.team_name_taken")
    other = organization_of(ada, "Other")
    assert me.post(f"users/organizations/{other}/teams", {"name": "Größe"}).status_code == 201


def test_a_team_is_renamed_by_who_has_seen_it(me, path):
    made = me.post(path, {"name": "Engines"})
    one = f"{path}/{made.json()['id']}"
    renamed = me.patch(one, {"name": "engines"}, If_Match=made["ETag"])
    assert renamed.json()["name"] == "engines"
    assert renamed["ETag"] != made["ETag"]
    again = me.patch(one, {"name": "Mills"}, If_Match=made["ETag"])
    problem(again, 412, "kernel.precondition_failed")
    assert told("team_updated") == [
        {
            "organization_id": made.json()["organization_id"],
            "team_id": made.json()["id"],
            "changes": [{"field": "name", "before": "Engines", "after": "engines"}],
        }
    ]


def test_a_team_that_stays_as_it_is_is_told_to_nobody(me, path):
    made = me.post(path, {"name": "Engines"})
    same = me.patch(f"{path}/{made.json()['id']}", {"name": "Engines", "parent_id": None})
    assert (same.status_code, same["ETag"]) == (200, made["ETag"])
    assert told("team_updated") == []


def test_a_team_with_teams_is_deleted_after_them(me, path):
    outer = me.post(path, {"name": "Engines"}).json()["id"]
    inner = me.post(path, {"name": "Mills", "parent_id": outer}).json()["id"]
    problem(me.delete(f"{path}/{outer}"), 409, "users.team_has_teams")
    assert me.delete(f"{path}/{inner}").status_code == 204
    assert me.delete(f"{path}/{outer}").status_code == 204
    problem(me.delete(f"{path}/{outer}"), 404, "users.team_not_found")
    assert [(event["team_id"], event["name"]) for event in told("team_deleted")] == [
        (inner, "Mills"),
        (outer, "Engines"),
    ]


def test_an_organization_has_so_many_teams_and_no_more(me, path, monkeypatch):
    monkeypatch.setattr(teams, "TEAMS_PER_ORGANIZATION", 1)
    me.post(path, {"name": "Engines"})
    problem(me.post(path, {"name": "Mills"}), 409, "users.team_limit_reached")


def test_members_are_put_in_and_taken_out_as_often_as_one_likes(me, path, organization_id):
    grace = member_of(organization_id, "grace", "viewer")
    team = me.post(path, {"name": "Engines"}).json()["id"]
    members, place = f"{path}/{team}/members", f"{path}/{team}/members/{grace.account_id}"
    for _ in range(2):
        assert me.put(place).status_code == 204
    [shown] = me.get(members).json()["data"]
    assert (shown["account_id"], shown["email"]) == (str(grace.account_id), grace.email)
    for _ in range(2):
        assert me.delete(place).status_code == 204
    assert me.get(members).json()["data"] == []
    expected = {
        "organization_id": str(organization_id),
        "team_id": team,
        "account_id": str(grace.account_id),
    }
    assert told("team_member_added") == told("team_member_removed") == [expected]


def test_members_of_the_teams_within_are_listed_once_if_asked_for(me, path, organization_id):
    grace, alan = (member_of(organization_id, name) for name in ("grace", "alan"))
    outer = me.post(path, {"name": "Engines"}).json()["id"]
    inner = me.post(path, {"name": "Mills", "parent_id": outer}).json()["id"]
    beside = me.post(path, {"name": "Cards"}).json()["id"]
    for team, who in ((outer, grace), (inner, grace), (inner, alan), (beside, alan)):
        me.put(f"{path}/{team}/members/{who.account_id}")

    def names(query):
        return [m["email"] for m in me.get(f"{path}/{outer}/members{query}").json()["data"]]

    assert names("") == names("?nested=false") == ["grace@example.com"]
    assert names("?nested=true") == ["grace@example.com", "alan@example.com"]
    first = me.get(f"{path}/{outer}/members?nested=true&limit=1").json()
    second = names(f"?nested=true&limit=1&cursor={first['next_cursor']}")
    assert second == ["alan@example.com"]
    problem(me.get(f"{path}/{outer}/members?nested=2"), 400, "kernel.parameter_invalid")


def test_only_members_are_put_into_teams(me, path, organization_id):
    stranger = person("eve")
    team = me.post(path, {"name": "Engines"}).json()["id"]
    answers = [me.put(f"{path}/{team}/members/{id_}") for id_ in (stranger.account_id, uuid7())]
    problem(alike(*answers), 404, "users.member_not_found")
    assert not models.TeamMembership.objects.exists()


def test_who_leaves_the_organization_leaves_its_teams(ada, organization_id):
    grace = member_of(organization_id, "grace")
    team = make(ada, organization_id, "Engines")
    put(ada, organization_id, team.id, grace)
    models.Membership.objects.get(
        account_id=grace.account_id, organization=organization_id
    ).delete()
    assert not models.TeamMembership.objects.exists()
    assert models.Team.objects.filter(id=team.id).exists()


def put(who, organization_id, team_id, someone, principal=None):
    team_members.add_team_member(
        principal=principal or who.principal(),
        organization_id=organization_id,
        team_id=team_id,
        account_id=someone.account_id,
    )


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_members_and_viewers_see_teams_and_change_none(ada, path, organization_id, role):
    grace = member_of(organization_id, "grace", role)
    team = make(ada, organization_id, "Engines")
    them = signed_in(grace)
    assert [t["name"] for t in them.get(path).json()["data"]] == ["Engines"]
    assert them.get(f"{path}/{team.id}/members").status_code == 200
    for answer in (
        them.post(path, {"name": "Mine"}),
        them.patch(f"{path}/{team.id}", {"name": "Mine"}),
        them.delete(f"{path}/{team.id}"),
        them.put(f"{path}/{team.id}/members/{grace.account_id}"),
        them.delete(f"{path}/{team.id}/members/{ada.account_id}"),
    ):
        problem(answer, 403, "kernel.forbidden")


OPERATIONS = [
    ("GET", "", None),
    ("PATCH", "", {"name": "Mine"}),
    ("DELETE", "", None),
    ("GET", "/members", None),
    ("PUT", "/members/{}", None),
    ("DELETE", "/members/{}", None),
]


@pytest.mark.parametrize(("method", "rest", "body"), OPERATIONS)
def test_foreign_and_unknown_teams_answer_alike(ada, organization_id, method, rest, body):
    team = make(ada, organization_id, "Engines")
    eve = person("eve")
    eves = organization_of(eve, "Eve's")
    them, rest = signed_in(eve), rest.format(eve.account_id)
    mine = [f"users/organizations/{eves}/teams/{id_}{rest}" for id_ in (team.id, uuid7())]
    answers = [them.request(method, each, body) for each in mine]
    problem(alike(*answers), 404, "users.team_not_found")
    hers = [
        f"users/organizations/{id_}/teams/{team.id}{rest}" for id_ in (organization_id, uuid7())
    ]
    answers = [them.request(method, each, body) for each in hers]
    problem(alike(*answers), 404, "users.organization_not_found")
    assert models.Team.objects.get().name == "Engines"


def test_a_team_is_not_put_within_one_of_another_organization(ada, organization_id):
    eve = person("eve")
    eves = organization_of(eve, "Eve's")
    team = make(ada, organization_id, "Engines")
    own = make(eve, eves, "Own")
    them = signed_in(eve)
    for parent in (team.id, uuid7()):
        body = {"name": "Mine", "parent_id": str(parent)}
        made = them.post(f"users/organizations/{eves}/teams", body)
        problem(made, 404, "users.team_not_found")
        changed = them.patch(f"users/organizations/{eves}/teams/{own.id}", body)
        problem(changed, 404, "users.team_not_found")


def leading(someone, organization_id, team, *permissions):
    """Return who asks when the person holds the permissions in the team, and nothing besides."""
    principal = someone.principal(organization_id)
    return replace(
        principal,
        memberships={organization_id: frozenset()},
        teams={team.id: frozenset(p.name for p in permissions)},
    )


def test_who_leads_a_team_changes_it_and_those_within_and_no_other(ada, organization_id):
    grace, alan = (member_of(organization_id, name) for name in ("grace", "alan"))
    outer = make(ada, organization_id, "Engines")
    inner = make(ada, organization_id, "Mills", outer.id)
    beside = make(ada, organization_id, "Cards")
    leader = leading(grace, organization_id, outer, users.TEAM_READ, users.TEAM_WRITE)
    put(None, organization_id, inner.id, alan, principal=leader)
    made = make(None, organization_id, "Wheels", inner.id, principal=leader)
    listed = teams.list_teams(principal=leader, organization_id=organization_id)
    assert {team.name for team in listed} == {"Engines", "Mills", "Wheels"}
    for refused in (
        lambda: put(None, organization_id, beside.id, alan, principal=leader),
        lambda: make(None, organization_id, "New", beside.id, principal=leader),
        lambda: make(None, organization_id, "New", None, principal=leader),
        lambda: change(leader, made, parent_id=beside.id),
        lambda: change(leader, made, parent_id=None),
        lambda: change(leader, beside, name="Mine"),
        lambda: teams.get_team(
            principal=leader, organization_id=organization_id, team_id=beside.id
        ),
    ):
        with pytest.raises(Forbidden):
            refused()
    change(leader, made, parent_id=outer.id)


def test_who_leads_a_team_alone_cannot_take_it_from_those_around_it(ada, organization_id):
    grace = member_of(organization_id, "grace")
    outer = make(ada, organization_id, "Engines")
    inner = make(ada, organization_id, "Mills", outer.id)
    elsewhere = make(ada, organization_id, "Cards")
    leader = leading(grace, organization_id, inner, users.TEAM_WRITE)
    leader = replace(leader, teams={**leader.teams, elsewhere.id: leader.teams[inner.id]})
    with pytest.raises(Forbidden):
        change(leader, inner, parent_id=elsewhere.id)


def test_who_may_see_no_team_does_not_learn_which_there_are(ada, organization_id):
    grace = member_of(organization_id, "grace")
    team = make(ada, organization_id, "Engines")
    nobody = leading(grace, organization_id, team)
    for id_ in (team.id, uuid7()):
        with pytest.raises(Forbidden):
            teams.get_team(principal=nobody, organization_id=organization_id, team_id=id_)
    with pytest.raises(Forbidden):
        teams.list_teams(principal=nobody, organization_id=organization_id)


def change(principal, team, **changes):
    return teams.update_team(
        principal=principal,
        organization_id=team.organization_id,
        team_id=team.id,
        changes=changes,
        expected=ANY,
    )


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_teams_of_one_name_at_once_make_one():
    ada = person()
    organization_id = organization_of(ada)
    principal = ada.principal()
    outcomes = at_once(*[lambda: make(None, organization_id, "Engines", None, principal)] * 4)
    assert sum(isinstance(outcome, models.Team) for outcome in outcomes) == 1
    assert {type(o).__name__ for o in outcomes} == {"Team", "TeamNameTaken"}


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_teams_put_within_each_other_at_once_never_make_a_circle():
    ada = person()
    organization_id = organization_of(ada)
    one, two = (make(ada, organization_id, name) for name in ("One", "Two"))
    principal = ada.principal()
    outcomes = at_once(
        lambda: change(principal, one, parent_id=two.id),
        lambda: change(principal, two, parent_id=one.id),
    )
    assert {type(o).__name__ for o in outcomes} == {"Team", "TeamWithinItself"}


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_member_put_into_a_team_at_once_is_in_it_once():
    ada = person()
    organization_id = organization_of(ada)
    team = make(ada, organization_id, "Engines")
    principal = ada.principal()
    outcomes = at_once(*[lambda: put(None, organization_id, team.id, ada, principal)] * 4)
    assert outcomes == [None] * 4
    assert len(told("team_member_added")) == 1


@pytest.fixture
def steward(organization_id):
    """Return somebody who may change teams, and nothing that matters besides."""
    grace = member_of(organization_id, "grace")
    role = custom_role(organization_id, "users.team:read", "users.team:write", name="Steward")
    have_role(organization_id, grace, role)
    return grace


def test_a_team_s_roles_are_given_by_those_alone_who_hold_them(ada, organization_id, steward):
    outer = make(ada, organization_id, "Engines")
    inner = make(ada, organization_id, "Mills", outer.id)
    give(organization_id, "admin", to=outer)
    for team in (outer, inner):
        with pytest.raises(users.RoleAboveOwn):
            put(steward, organization_id, team.id, steward)
    put(ada, organization_id, inner.id, steward)
    assert steward.principal(organization_id).may(users.MEMBER_INVITE)


def test_a_team_s_roles_are_not_got_by_moving_one_s_own_team_there(ada, organization_id, steward):
    strong = make(ada, organization_id, "Admins")
    give(organization_id, "admin", to=strong)
    own = make(steward, organization_id, "Own")
    put(steward, organization_id, own.id, steward)
    with pytest.raises(users.RoleAboveOwn):
        change(steward.principal(), own, parent_id=strong.id)
    plain = make(steward, organization_id, "Plain")
    change(steward.principal(), own, parent_id=plain.id)


def test_rights_in_a_team_are_not_got_by_moving_it_where_one_has_them(
    ada, organization_id, steward
):
    mine, theirs = make(ada, organization_id, "Mine"), make(ada, organization_id, "Theirs")
    give(organization_id, "admin", to=steward, scope=mine)
    with pytest.raises(users.RoleAboveOwn):
        change(steward.principal(), theirs, parent_id=mine.id)
    change(ada.principal(), theirs, parent_id=mine.id)


def test_nobody_takes_by_a_team_what_they_could_not_give(ada, organization_id, steward):
    alan = member_of(organization_id, "alan")
    team = make(ada, organization_id, "Engines")
    put(ada, organization_id, team.id, alan)
    give(organization_id, "admin", to=team)
    scoped = make(ada, organization_id, "Mills")
    give(organization_id, "admin", to=alan, scope=scoped)
    below = make(ada, organization_id, "Below", team.id)
    for refused in (
        lambda: change(steward.principal(), below, parent_id=None),
        lambda: team_members.remove_team_member(
            principal=steward.principal(),
            organization_id=organization_id,
            team_id=team.id,
            account_id=alan.account_id,
        ),
        lambda: delete(steward, below),
        lambda: delete(steward, scoped),
    ):
        with pytest.raises(MemberAboveOwn):
            refused()
    assert alan.principal(organization_id).may(users.MEMBER_INVITE)


def delete(someone, team):
    teams.delete_team(
        principal=someone.principal(), organization_id=team.organization_id, team_id=team.id
    )


def test_the_roles_that_go_with_a_team_are_told(ada, organization_id):
    alan = member_of(organization_id, "alan")
    team = make(ada, organization_id, "Engines")
    held = give(organization_id, "viewer", to=team)
    within = give(organization_id, "admin", to=alan, scope=team)
    delete(ada, team)
    assert {
        (event["assignment_id"], event["account_id"], event["team_id"], event["scope_id"])
        for event in told("role_unassigned")
    } == {
        (str(held.id), None, str(team.id), None),
        (str(within.id), str(alan.account_id), None, str(team.id)),
    }
    assert not models.RoleAssignment.objects.exists()
