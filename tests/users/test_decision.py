"""The one decision: what follows from memberships, roles and assignments."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.users import interface as users
from domains.users.contract.data import WhoMayInvite
from domains.users.services.decision import (
    WHEN_CLOSED,
    Grant,
    Standing,
    effective,
    reasons,
    role_permissions,
)
from kernel.ids import uuid7
from kernel.permissions import Role, permissions_of, registry
from kernel.principal import Principal

INVITE = users.MEMBER_INVITE.name
NAMES = sorted(registry)
# Eight teams, each within the one before, and two that stand apart.
NEST = [uuid4() for _ in range(8)]
APART = [uuid4() for _ in range(2)]
KEYS = [uuid4() for _ in range(9)]
PATHS = [NEST[:depth] for depth in range(1, 9)] + [[team] for team in APART]

permission_sets = st.frozensets(st.sampled_from(NAMES), max_size=5)
built_in = st.sampled_from(list(Role))


@st.composite
def roles(draw, *, owner=True):
    """A role's key, name and permissions: built in, or one of the organization's own."""
    if draw(st.booleans()):
        role = draw(built_in if owner else built_in.filter(lambda role: role != Role.OWNER))
        return role.value, role.value, permissions_of(role)
    key = draw(st.sampled_from(KEYS))
    return str(key), "One's own", draw(permission_sets)


@st.composite
def grants(draw):
    key, name, permissions = draw(roles(owner=False))
    return Grant(
        assignment_id=draw(st.sampled_from(KEYS)),
        role=key,
        role_name=name,
        permissions=permissions,
        via_team_id=draw(st.none() | st.sampled_from(NEST + APART)),
        scope_id=draw(st.none() | st.sampled_from(NEST + APART)),
    )


@st.composite
def standings(draw, *, closed=None):
    key, name, permissions = draw(roles())
    return Standing(
        organization_id=uuid4(),
        role=key,
        role_name=name,
        permissions=permissions,
        grants=tuple(draw(st.lists(grants(), max_size=4))),
        closed=draw(st.booleans()) if closed is None else closed,
        who_may_invite=draw(st.sampled_from(list(WhoMayInvite))),
    )


def everything(standing):
    """Every permission with every team in which it is held, as pairs; None is everywhere."""
    held = effective(standing)
    inside = {(name, tuple(path)) for path in PATHS for name in held.within(path)}
    return {(name, None) for name in held.permissions} | inside


@given(standing=standings(closed=False), grant=grants())
def test_an_assignment_takes_nothing_away(standing, grant):
    more = replace(standing, grants=(*standing.grants, grant))
    assert everything(standing) <= everything(more)


@given(standing=standings(closed=False), name=st.sampled_from(NAMES))
def test_a_permission_added_to_a_role_takes_nothing_away(standing, name):
    wider = replace(
        standing,
        permissions=standing.permissions | {name},
        grants=tuple(replace(g, permissions=g.permissions | {name}) for g in standing.grants),
    )
    assert everything(standing) <= everything(wider)


@given(standing=standings(), name=st.sampled_from(NAMES), path=st.sampled_from([[], *PATHS]))
def test_what_is_allowed_has_a_reason_and_what_is_denied_has_none(standing, name, path):
    allowed = name in effective(standing).within(path)
    assert allowed == bool(reasons(standing, name, within=path))


@given(standing=standings(), name=st.sampled_from(NAMES), path=st.sampled_from([[], *PATHS]))
def test_each_reason_alone_allows_what_it_is_a_reason_for(standing, name, path):
    for grant in reasons(standing, name, within=path):
        alone = replace(standing, grants=(grant,) if grant else ())
        if grant and standing.role != "owner":
            alone = replace(alone, role="", permissions=frozenset())
        assert name in effective(alone).within(path)


@given(standing=standings(), path=st.sampled_from([[], *PATHS]))
def test_nothing_is_held_that_no_role_gives(standing, path):
    given_ = standing.permissions.union(*(g.permissions for g in standing.grants))
    by_policy = {INVITE} if standing.who_may_invite == WhoMayInvite.MEMBERS else set()
    assert effective(standing).within(path) <= given_ | by_policy


@given(standing=standings(), name=st.text(max_size=40).filter(lambda name: name not in registry))
def test_an_unknown_permission_is_denied(standing, name):
    assert all(name not in effective(standing).within(path) for path in PATHS)
    assert not reasons(standing, name, within=NEST)


@given(standing=standings(closed=True), path=st.sampled_from([[], *PATHS]))
def test_a_closed_organization_allows_two_things_at_most(standing, path):
    assert {"users.organization:read", "users.organization:close"} == WHEN_CLOSED
    assert effective(standing).within(path) <= WHEN_CLOSED


def test_an_owner_can_open_a_closed_organization_again():
    closed = replace(standing_as("owner"), closed=True)
    assert effective(closed).permissions == WHEN_CLOSED
    assert effective(replace(standing_as("viewer"), closed=True)).permissions == {
        users.ORGANIZATION_READ.name
    }


@given(grant=grants(), path=st.sampled_from([[], *PATHS]))
def test_a_scoped_role_counts_in_its_team_and_those_within_it_alone(grant, path):
    standing = replace(nobody(), grants=(grant,))
    counts = grant.scope_id is None or grant.scope_id in path
    assert effective(standing).within(path) == (grant.permissions if counts else frozenset())


@given(standing=standings(), foreign=st.sampled_from(KEYS), name=st.sampled_from(NAMES))
def test_a_team_without_assignments_gives_nothing_besides(standing, foreign, name):
    held = effective(standing)
    assert held.within([foreign]) == held.permissions
    assert (name in held.permissions) == bool(reasons(standing, name, within=[foreign]))


@given(standing=standings(), name=st.sampled_from(NAMES), path=st.sampled_from([[], *PATHS]))
def test_the_principal_allows_what_was_decided(standing, name, path):
    held = effective(standing)
    principal = Principal(
        kind="account",
        account_id=uuid7(),
        organization_id=standing.organization_id,
        memberships={standing.organization_id: held.permissions},
        teams=held.teams,
    )
    assert principal.may(registry[name], within=path) == (name in held.within(path))
    assert not principal.may(registry[name], organization_id=uuid7(), within=path)


def standing_as(role: str, who=WhoMayInvite.ADMINS, **more) -> Standing:
    return Standing(
        organization_id=UUID(int=1),
        role=role,
        role_name=role,
        permissions=permissions_of(Role(role)),
        who_may_invite=who,
        **more,
    )


def nobody() -> Standing:
    return Standing(
        organization_id=UUID(int=1), role=str(uuid4()), role_name="None", permissions=frozenset()
    )


@pytest.mark.parametrize(
    ("who", "inviting"),
    [
        (WhoMayInvite.OWNERS, {"owner"}),
        (WhoMayInvite.ADMINS, {"owner", "admin"}),
        (WhoMayInvite.MEMBERS, {"owner", "admin", "member"}),
    ],
)
def test_the_policy_says_who_invites(who, inviting):
    held = {role.value: effective(standing_as(role, who)).permissions for role in Role}
    assert {role for role, permissions in held.items() if INVITE in permissions} == inviting
    assert {role: held[role] - {INVITE} for role in held} == {
        role.value: permissions_of(role) - {INVITE} for role in Role
    }


def test_no_other_role_gets_around_that_only_owners_invite():
    grant = Grant(
        assignment_id=uuid4(), role=str(uuid4()), role_name="Host", permissions=frozenset({INVITE})
    )
    standing = replace(nobody(), grants=(grant,), who_may_invite=WhoMayInvite.OWNERS)
    assert INVITE not in effective(standing).permissions
    owner = standing_as("owner", WhoMayInvite.OWNERS)
    assert INVITE in role_permissions(owner, "owner", owner.permissions)


def test_every_declared_permission_is_held_by_the_owner():
    assert permissions_of(Role.OWNER) == set(registry)


def test_each_built_in_role_has_what_the_next_weaker_one_has():
    held = [permissions_of(role) for role in Role]
    assert all(weaker < stronger for stronger, weaker in pairwise(held))
