"""Every operation as every actor, with ids of their own, of others, and that never were."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

import pytest

from tests.isolation.calls import Answer, call
from tests.isolation.effects import Watch, belongings
from tests.isolation.naming import NOWHERE, OURS, THEIRS, Mark
from tests.isolation.operations import Operation, operation_of
from tests.isolation.organizations import Organization
from tests.isolation.people import Person
from tests.isolation.places import Place, Values, is_id, places_of, thing_of, unknown_like
from tests.isolation.rows import Row
from tests.isolation.table import BY_DOMAIN
from tests.isolation.world import ACTORS, World

pytestmark = pytest.mark.django_db(databases="__all__")

# What each may know nothing of; the others belong to us.
HIDDEN: dict[str, tuple[Mark, ...]] = {
    "former": (OURS, THEIRS),
    "stranger": (OURS,),
    "anonymous": (OURS, THEIRS),
    "banned": (OURS, THEIRS),
}
OUTSIDERS = ("former", "stranger")
REFUSED = 400
CASES = [
    pytest.param(name, row, id=name, marks=pytest.mark.xdist_group(f"isolation-{domain}"))
    for domain, rows in BY_DOMAIN.items()
    for name, row in rows.items()
]


@dataclass
class Asking:
    """One actor before one operation."""

    world: World
    watch: Watch
    operation: Operation
    row: Row
    actor: str
    _answered: dict[tuple[object, ...], Answer] = field(default_factory=dict)

    @property
    def hidden(self) -> tuple[Mark, ...]:
        return HIDDEN.get(self.actor, (THEIRS,))

    @property
    def who(self) -> Person:
        return self.world.people.get(self.actor, self.world.people["owner"])

    @property
    def inside(self) -> bool:
        """Whether it is allowed: an organization's member, or a machine of it."""
        return self.row.answers[self.actor] < REFUSED and self.actor not in OUTSIDERS

    @property
    def organization_id(self) -> UUID | None:
        return None if self.actor in OUTSIDERS else self.world.ours.id

    @cached_property
    def places(self) -> list[Place]:
        return places_of(self.operation, self.row)

    def values(self, who: Person, of: Organization) -> dict[Place, object]:
        return {place: thing_of(place.thing, who, of) for place in self.places}

    @property
    def own(self) -> dict[Place, object]:
        return self.values(self.who, self.world.ours)

    @property
    def others(self) -> Iterator[dict[Place, object]]:
        """What may be named and must not be known of: the others', and a neighbour's own."""
        if self.actor != "stranger":
            yield self.values(self.world.theirs.people["owner"], self.world.theirs)
        neighbour = self.world.ours.people["admin" if self.actor == "owner" else "owner"]
        yield self.values(neighbour, self.world.ours)

    def asks(self, values: Values, organization_id: UUID | None) -> Answer:
        """Send it, see that nothing that is hidden shows or changes, and take it back."""
        token = self.world.token(self.actor, self.row.permission and self.row.permission.name)
        answer = self._call_and_undo(values, token, organization_id)
        shown = [mark.word for mark in self.hidden if mark.is_in(answer.shown)]
        assert not shown, f"{self.actor} is shown something of {shown}: {answer.shown}"
        return answer

    def once(self, values: Values) -> Answer:
        """Return the answer to what never was, which is asked for only once."""
        asked = tuple(values.values())
        if asked not in self._answered:
            self._answered[asked] = self.asks(values, self.organization_id)
        return self._answered[asked]

    def _call(self, values: Values, token: str | None, organization_id: UUID | None) -> Answer:
        return call(self.operation, self.row, values, token=token, organization_id=organization_id)

    def _call_and_undo(
        self, values: Values, token: str | None, organization_id: UUID | None
    ) -> Answer:
        answer = self._call(values, token, organization_id)
        written = self.watch.written()
        # Whoever may say any address has mails sent to it: that is no harm to its owner.
        if written and not self.operation.is_public:
            kept = self.hidden if answer.status < REFUSED else (OURS, THEIRS)
            self._see_unchanged(kept, opaque=answer.status < REFUSED and self._opaque(values))
        self.watch.take_back(written)
        return answer

    def _opaque(self, values: Values) -> bool:
        """Return whether others' ids are sent where they are kept as they are."""
        told = self.row.foreign.items()
        kept = {name for name, status in told if min(_statuses(status)) < REFUSED}
        sent = [str(values[place]) for place in self.places if place.name in kept]
        return any(mark.is_in(value) for mark in self.hidden for value in sent)

    def _see_unchanged(self, marks: tuple[Mark, ...], *, opaque: bool) -> None:
        changed = {
            (mark.word, table)
            for mark in marks
            for table, digest in belongings(
                mark, besides=self.who.mark if opaque else NOWHERE
            ).items()
            if self.world.untouched(mark)[table] != digest
        }
        noted = {table for _, table in changed if table in self.row.notes}
        assert {c for c in changed if c[1] not in noted} == set(), f"{self.actor} changes {changed}"


@pytest.mark.parametrize(("name", "row"), CASES)
def test_every_actor_is_answered_as_declared(world, watch, name, row):
    wrong = {}
    for actor in ACTORS:
        asking = Asking(world, watch, operation_of(name), row, actor)
        answer = asking.asks(asking.own, asking.organization_id)
        if answer.status != row.answers[actor]:
            wrong[actor] = f"{answer.status}, not {row.answers[actor]}: {answer.body}"
    assert not wrong, "\n".join(f"{actor}: {what}" for actor, what in wrong.items())


@pytest.mark.parametrize(("name", "row"), CASES)
def test_what_is_not_ones_own_is_answered_like_what_never_was(world, watch, name, row):
    for actor in ACTORS:
        asking = Asking(world, watch, operation_of(name), row, actor)
        for others in asking.others:
            for places in _choices(asking, others):
                _compare(asking, others, places)


def _choices(asking: Asking, others: Values) -> Iterator[list[Place]]:
    """Return in which places others' ids are put: in each by itself, then in all at once."""
    own = asking.own
    differ = [
        place
        for place in asking.places
        if is_id(own[place])
        and (own[place] != others[place] or asking.actor in OUTSIDERS)
        # Who is a member of the same organization is no secret.
        and not (place.thing == "account_id" and OURS.is_in(str(others[place])))
    ]
    # Who isn't known is answered before anything is read: one look is enough.
    if asking.actor not in ("banned", "anonymous"):
        yield from ([place] for place in differ)
    if differ and (len(differ) > 1 or asking.actor in ("banned", "anonymous")):
        yield differ


def _compare(asking: Asking, others: Values, places: list[Place]) -> None:
    unknown = {place: unknown_like(others[place]) for place in places}
    foreign = asking.asks(asking.own | {p: others[p] for p in places}, asking.organization_id)
    never = asking.once(asking.own | unknown)
    said = f"{asking.actor}, {', '.join(map(str, places))}"
    assert foreign.is_like(never), said
    if asking.inside and not asking.operation.is_public:
        expected = {s for p in places for s in _statuses(asking.row.foreign.get(p.name, 404))}
        assert foreign.status in expected, f"{said}: {foreign.status} {foreign.body}"
    elif not asking.operation.is_public:
        allowed = {s for told in asking.row.foreign.values() for s in _statuses(told)}
        assert foreign.status >= REFUSED or foreign.status in allowed, said


def _statuses(told: int | tuple[int, ...]) -> tuple[int, ...]:
    return told if isinstance(told, tuple) else (told,)


@pytest.mark.parametrize(("name", "row"), CASES)
def test_no_organization_is_entered_by_naming_it_in_the_header(world, watch, name, row):
    for actor in ACTORS:
        asking = Asking(world, watch, operation_of(name), row, actor)
        named = world.theirs.id if actor != "stranger" else world.ours.id
        foreign = asking.asks(asking.own, named)
        never = asking.asks(asking.own, NOWHERE.id(1))
        assert foreign.is_like(never), actor
        if not asking.operation.is_public:
            expected = 401 if actor in ("banned", "anonymous") else 404
            assert foreign.status == expected, f"{actor}: {foreign.status} {foreign.body}"


LISTS = [case for case in CASES if operation_of(case.id).is_list]


@pytest.mark.parametrize(("name", "row"), LISTS)
def test_a_cursor_of_the_others_leads_to_nothing_of_theirs(world, watch, name, row):
    operation = operation_of(name)
    owner = Asking(world, watch, operation, row, "owner")
    # Where they have one page alone, with a cursor of another list of theirs.
    cursor = next(found for case in (name, *_lists()) if (found := _cursor(world, watch, case)))
    here = {"token": owner.who.token, "organization_id": world.ours.id}
    answer = call(operation, row, owner.own, **here, more={"cursor": cursor})
    assert answer.status in (200, 400)
    assert not THEIRS.is_in(answer.shown)


def _lists() -> list[str]:
    return [str(case.id) for case in LISTS]


def _cursor(world, watch, name: str) -> str | None:
    """Return what leads to the second page of the others' list, None if there is none."""
    row = next(case.values[1] for case in LISTS if case.id == name)
    stranger = Asking(world, watch, operation_of(name), row, "stranger")
    values = stranger.values(stranger.who, world.theirs)
    there = {"token": stranger.who.token, "organization_id": world.theirs.id}
    first = call(stranger.operation, row, values, **there, more={"limit": "1"})
    assert first.status == row.answers["owner"]
    cursor: str | None = json.loads(first.said)["next_cursor"]
    return cursor
