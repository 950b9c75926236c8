"""Nobody grants what they lack, whatever they grant one after the other."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.users import interface as users
from domains.users.contract.data import WhoMayInvite
from domains.users.services.covering import Granter, covers, covers_member
from domains.users.services.decision import Grant, Standing, effective
from kernel.permissions import Role, registry

ORGANIZATION = UUID(int=1)
INVITE = users.MEMBER_INVITE.name
OUTER, INNER, APART = (uuid4() for _ in range(3))
PATHS = {OUTER: [OUTER], INNER: [OUTER, INNER], APART: [APART]}
PLACES = [(), *map(tuple, PATHS.values())]
# Few, so that sets of them are often within one another.
NAMES = [INVITE, *sorted(registry)[:3]]
OWN = [str(uuid4()) for _ in range(3)]
BUILT_IN = {
    "owner": frozenset(NAMES),
    "admin": frozenset(NAMES[:3]),
    "member": frozenset(NAMES[1:2]),
    "viewer": frozenset(),
}

policies = st.sampled_from(list(WhoMayInvite))
scopes = st.none() | st.sampled_from(list(PATHS))
people = st.integers(0, 3)
own_roles = st.fixed_dictionaries({key: st.frozensets(st.sampled_from(NAMES)) for key in OWN})
keys = st.sampled_from([role.value for role in Role] + OWN)


class World:
    """Some members, the organization's own roles, and what was assigned to whom."""

    def __init__(self, roles, members, who):
        self.roles = BUILT_IN | roles
        self.members, self.who = list(members), who
        self.grants: list[list[tuple[str, UUID | None]]] = [[] for _ in self.members]

    def standing(self, person, who=None):
        return Standing(
            organization_id=ORGANIZATION,
            role=self.members[person],
            role_name="",
            permissions=self.roles[self.members[person]],
            grants=tuple(self._grant(*each) for each in self.grants[person]),
            who_may_invite=who or self.who,
        )

    def _grant(self, key, scope):
        return Grant(
            assignment_id=uuid4(),
            role=key,
            role_name="",
            permissions=self.roles[key],
            scope_id=scope,
        )

    def held(self, who):
        """What each person holds in each place, under that policy."""
        return [
            {path: effective(self.standing(person, who)).within(path) for path in PLACES}
            for person in range(len(self.members))
        ]

    def assign(self, by, to, key, scope):
        if key != Role.OWNER and self._may(by, key, PATHS.get(scope, ())):
            self.grants[to].append((key, scope))

    def set_role(self, by, to, key, _):
        other = Granter(standing=self.standing(by))
        paths = {scope: PATHS[scope] for _, scope in self.grants[to] if scope}
        if covers_member(other, self.standing(to), paths=paths) and self._may(by, key):
            self.members[to] = key

    def edit(self, by, _, key, scope):
        wanted = frozenset(NAMES if scope is None else NAMES[:2])
        held = Granter(standing=self.standing(by)).held()
        if key in OWN and self._may(by, key) and all(wanted <= each for each in held):
            self.roles[key] = wanted

    def _may(self, by, key, path=()):
        return covers(Granter(standing=self.standing(by)), key, self.roles[key], path=path)


steps = st.tuples(
    st.sampled_from(["assign", "set_role", "edit"]),
    people,
    people,
    keys,
    scopes,
    policies,
)


@settings(max_examples=300)
@given(
    roles=own_roles,
    members=st.lists(keys, min_size=4, max_size=4),
    steps=st.lists(steps, max_size=12),
    who=policies,
    later=policies,
)
def test_whatever_is_granted_in_turn_nobody_holds_what_no_granter_held(
    roles, members, steps, who, later
):
    world = World(roles, members, who)
    before = world.held(later)
    for name, by, to, key, scope, policy in steps:
        getattr(world, name)(by, to, key, scope)
        world.who = policy
    # What a policy gives to members was given by the policy.
    by_policy = {INVITE} if later == WhoMayInvite.MEMBERS else set()
    granters = {by for _, by, *_ in steps}
    for path in PLACES:
        granted = by_policy.union(*(before[by][path] for by in granters))
        for person, now in enumerate(world.held(later)):
            assert now[path] <= before[person][path] | granted


@given(key=keys, roles=own_roles, who=policies)
def test_only_an_owner_in_person_makes_owners(key, roles, who):
    world = World(roles, [key], who)
    granter = Granter(standing=world.standing(0))
    assert covers(granter, "owner", BUILT_IN["owner"]) == (key == "owner")
    by_key = replace(granter, key=frozenset(registry))
    assert not covers(by_key, "owner", BUILT_IN["owner"])


@given(
    key=keys, role=keys, roles=own_roles, who=policies, only=st.frozensets(st.sampled_from(NAMES))
)
def test_a_key_covers_no_more_than_it_has(key, role, roles, who, only):
    world = World(roles, [key], who)
    granter = Granter(standing=world.standing(0), key=only)
    if covers(granter, role, world.roles[role]):
        assert world.roles[role] - {INVITE} <= only


@pytest.mark.parametrize("who", list(WhoMayInvite))
@pytest.mark.parametrize("role", list(Role))
def test_each_built_in_role_covers_itself_and_the_weaker_ones(role, who):
    world = World({}, [role.value], who)
    granter = Granter(standing=world.standing(0))
    covered = {key for key in world.roles if covers(granter, key, world.roles[key])}
    assert covered == set(list(Role)[list(Role).index(role) :])


@given(role=keys, roles=own_roles, scope=st.sampled_from(list(PATHS)), at=st.sampled_from(PLACES))
def test_what_is_held_in_a_team_is_granted_there_and_within_it_alone(role, roles, scope, at):
    world = World(roles, [OWN[0]], WhoMayInvite.ADMINS)
    world.roles[OWN[0]] = frozenset()
    world.grants[0].append((role, scope))
    if role != Role.OWNER and world.roles[role]:
        granter = Granter(standing=world.standing(0))
        assert covers(granter, role, world.roles[role], path=at) == (scope in at)


def test_what_a_policy_holds_back_for_now_is_granted_by_nobody_who_lacks_it():
    world = World({OWN[0]: frozenset(NAMES[1:])}, [OWN[0]], WhoMayInvite.OWNERS)
    granter = Granter(standing=world.standing(0))
    # For now admins invite nobody, so that these two seem to be the same.
    assert INVITE not in effective(replace(world.standing(0), role="admin")).permissions
    assert not covers(granter, "admin", BUILT_IN["admin"])
    assert covers(granter, "member", BUILT_IN["member"])
