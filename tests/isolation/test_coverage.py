"""Every operation of the API is in the matrix, and nothing else is."""

from __future__ import annotations

from tests.isolation.operations import described, served
from tests.isolation.table import TABLE
from tests.isolation.world import ACTORS


def test_every_operation_that_is_served_is_described_and_the_other_way_round():
    assert {(o.method, o.path) for o in described().values()} == served()


def test_every_operation_has_its_row():
    told = {name.partition(":")[0] for name in TABLE}
    missing, gone = sorted({*described()} - told), sorted(told - {*described()})
    assert missing == [], (
        f"Say in tests/isolation/table/ who may use {missing}, for example: "
        f'"{missing[:1] and missing[0]}": held(THE_PERMISSION, 200).sends(body={{…}}),'
    )
    assert gone == [], f"These operations are gone; take their rows out: {gone}"


def test_every_row_says_what_every_actor_is_answered():
    assert {name for name, row in TABLE.items() if set(row.answers) != set(ACTORS)} == set()
