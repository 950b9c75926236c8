from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.notifications.models import Failure
from domains.notifications.services.sending.retries import SCHEDULES, next_attempt_at

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@given(st.sampled_from(list(Failure)), st.integers(min_value=1, max_value=10_000))
def test_a_wait_is_within_its_bounds_or_over(failure, attempts):
    schedule = SCHEDULES[failure]
    at = next_attempt_at(failure=failure, attempts=attempts, now=NOW)
    assert (at is None) == (attempts >= schedule.attempts)
    if at is not None:
        assert schedule.first / 2 <= at - NOW <= schedule.longest


def test_waits_double_until_the_longest():
    waits = [
        next_attempt_at(failure=Failure.TEMPORARY, attempts=attempts, now=NOW) - NOW
        for attempts in range(1, 20)
    ]
    assert timedelta(seconds=30) <= waits[0] <= timedelta(minutes=1)
    assert timedelta(minutes=4) <= waits[3] <= timedelta(minutes=8)
    assert timedelta(hours=2) <= waits[-1] <= timedelta(hours=4)


@pytest.mark.parametrize("failure", [Failure.TEMPORARY, Failure.UNREACHABLE, Failure.CONFIGURATION])
def test_what_may_heal_is_tried_for_days(failure):
    schedule = SCHEDULES[failure]
    shortest = sum(
        (min(schedule.first * 2 ** min(n, 30), schedule.longest) / 2
         for n in range(schedule.attempts - 1)),
        timedelta(),
    )  # fmt: skip
    assert shortest > timedelta(days=1)


def test_what_was_refused_for_good_is_not_tried_again():
    assert next_attempt_at(failure=Failure.PERMANENT, attempts=1, now=NOW) is None
