"""However teams are made, moved and deleted, their paths say what their parents say."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.users import models
from domains.users.contract.errors import TeamHasTeams, TeamTooDeep, TeamWithinItself
from domains.users.services import teams
from domains.users.services.team_paths import moved, require_fit
from kernel.preconditions import ANY
from tests.users.people import organization_of, person

REFUSALS = (TeamHasTeams, TeamTooDeep, TeamWithinItself)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["make", "deepen", "move", "delete"]), st.integers(0), st.integers(0)
    ),
    min_size=5,
    max_size=25,
)


@pytest.mark.django_db(databases="__all__")
@settings(max_examples=25)
@given(steps=STEPS)
def test_paths_agree_with_parents_after_any_changes(db, steps):
    ada = person()
    organization_id, other_id = (organization_of(ada, f"{name} {uuid4()}") for name in "AB")
    principal = ada.principal()
    beside = teams.create_team(principal=principal, organization_id=other_id, name="Beside")
    about = {"principal": principal, "organization_id": organization_id}
    for number, (step, one, other) in enumerate(steps):
        known = list(models.Team.objects.filter(organization_id=organization_id).order_by("id"))
        team, place = pick(known, one), pick([*known, None], other)
        if step == "deepen":
            place = max(known, key=lambda each: len(each.path), default=None)
        with suppress(*REFUSALS):
            perform(step, f"Team {number}", team=team, place=place and place.id, about=about)
        check(organization_id)
    assert models.Team.objects.get(id=beside.id).path == [beside.id]


def perform(step, name, *, team, place, about):
    if step in ("make", "deepen") or team is None:
        teams.create_team(**about, name=name, parent_id=place)
    elif step == "move":
        teams.update_team(**about, team_id=team.id, changes={"parent_id": place}, expected=ANY)
    else:
        teams.delete_team(**about, team_id=team.id)


def pick(rows, number):
    return rows[number % len(rows)] if rows else None


def check(organization_id):
    parents = dict(
        models.Team.objects.filter(organization_id=organization_id).values_list("id", "parent_id")
    )
    for team in models.Team.objects.filter(organization_id=organization_id):
        assert team.path == path_by_parents(team.id, parents)
        assert len(team.path) <= models.DEEPEST


def path_by_parents(team_id: UUID, parents) -> list[UUID]:
    path = [team_id]
    while parents[path[0]] is not None:
        path.insert(0, parents[path[0]])
    return path


PATHS = st.lists(st.builds(uuid4), min_size=1, max_size=8, unique=True)


@given(around=PATHS, below=PATHS, at=st.integers(0, 7))
def test_what_is_moved_keeps_what_is_within_it_and_changes_what_is_around_it(around, below, at):
    team_id = around[at % len(around)]
    now = moved(around, team_id=team_id, below=below)
    assert now[: len(below)] == below
    assert now[len(below) :] == around[around.index(team_id) :]


@given(path=PATHS)
def test_no_team_fits_within_itself_or_what_is_within_it(path):
    for team_id in path:
        with pytest.raises(TeamWithinItself):
            require_fit([path], team_id=team_id, below=path)


@given(path=PATHS, below=PATHS)
def test_no_team_is_nested_deeper_than_the_limit(path, below):
    if len(path) + len(below) <= models.DEEPEST:
        require_fit([path], team_id=path[0], below=below)
    else:
        with pytest.raises(TeamTooDeep):
            require_fit([path], team_id=path[0], below=below)


@pytest.mark.django_db(databases="__all__")
def test_a_move_counts_the_teams_within():
    ada = person()
    organization_id = organization_of(ada)
    about = {"principal": ada.principal(), "organization_id": organization_id}
    chain, parent_id = [], None
    for number in range(models.DEEPEST):
        team = teams.create_team(**about, name=f"Team {number}", parent_id=parent_id)
        chain.append(team)
        parent_id = team.id
    with pytest.raises(TeamTooDeep):
        teams.create_team(**about, name="Too deep", parent_id=parent_id)
    roof = teams.create_team(**about, name="Roof")
    with pytest.raises(TeamTooDeep):
        teams.update_team(
            **about, team_id=chain[0].id, changes={"parent_id": roof.id}, expected=ANY
        )
    teams.update_team(**about, team_id=chain[1].id, changes={"parent_id": roof.id}, expected=ANY)
    lowest = models.Team.objects.get(id=chain[-1].id)
    assert lowest.path == [roof.id, *(team.id for team in chain[1:])]
