"""Adding up what was used, exactly at the borders of any period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.billing.services.arithmetic import Period
from domains.billing.services.usage import aggregation
from kernel.ids import uuid7
from tests.billing.usage.conftest import AGGREGATIONS, NOW, quantity, tell, used

pytestmark = [pytest.mark.django_db(databases=["billing"]), pytest.mark.usefixtures("meters")]

START = datetime(2026, 3, 14, 22, tzinfo=UTC)
# Close to the hours, so that events and borders meet.
moments = st.builds(
    lambda hours, offset: START + timedelta(hours=hours, microseconds=offset),
    st.integers(0, 5),
    st.sampled_from([-1, 0, 1, 60_000_000, 1_800_000_000]),
)
values = st.decimals(0, 10**6, places=6)
events = st.lists(st.tuples(moments, values, st.sampled_from("abc")), max_size=12)


def expected(happened, meter, period):
    within = [one for one in happened if one[0] in period]
    if not within:
        return 0
    return {
        "count": len(within),
        "sum": sum(value for _, value, _ in within),
        "max": max(value for _, value, _ in within),
        "last": max(enumerate(within), key=lambda pair: (pair[1][0], pair[0]))[1][1],
        "unique": len({letter for _, _, letter in within}),
    }[meter]


@settings(max_examples=60)
@given(happened=events, borders=st.lists(moments, min_size=2, max_size=5), batch=st.integers(1, 5))
def test_a_period_has_what_happened_in_it_and_nothing_else(happened, borders, batch):
    organization = uuid7()
    borders = sorted(borders)
    for meter in AGGREGATIONS:
        told = [
            used(organization, meter=meter, value=value, property=letter, at=at)
            for at, value, letter in happened
        ]
        for start in range(0, len(told), batch):
            tell(*told[start : start + batch])
    periods = [Period(start=a, end=b) for a in borders for b in borders if a <= b]
    asked = [(organization, meter, period) for meter in AGGREGATIONS for period in periods]
    found = aggregation.quantities(asked=asked)
    for one in asked:
        assert found[one] == expected(happened, one[1], one[2])


def test_many_are_asked_at_once():
    ours, theirs = uuid7(), uuid7()
    tell(used(ours, value=3), used(theirs, value=5), used(theirs, meter="count"))
    period = Period(start=NOW, end=NOW + timedelta(hours=1))
    asked = [(ours, "sum", period), (theirs, "sum", period), (theirs, "count", period)]
    nothing = [(ours, "count", period), (uuid7(), "sum", period), (ours, "unheard-of", period)]
    found = aggregation.quantities(asked=[*asked, *nothing])
    assert [found[one] for one in asked] == [3, 5, 1]
    assert [found[one] for one in nothing] == [0, 0, 0]


def test_nothing_is_lost_of_a_value():
    organization = uuid7()
    small = Decimal("0.000000000001")
    tell(*(used(organization, value=small) for _ in range(3)))
    assert quantity(organization, "sum", NOW, NOW + timedelta(hours=1)) == 3 * small
