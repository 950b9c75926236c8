from __future__ import annotations

from itertools import product

import pytest

from domains.billing.models import ENDED_STATES, Subscription, SubscriptionState
from domains.billing.services.subscriptions.states import (
    BEGINNINGS,
    TRANSITIONS,
    TransitionRefused,
    move,
)
from tests.billing.conftest import NOW

STATES = list(SubscriptionState)
ALLOWED = [(a, b) for a, following in TRANSITIONS.items() for b in sorted(following)]


def test_the_table_has_every_state():
    assert set(TRANSITIONS) == set(STATES)


@pytest.mark.parametrize(("before", "after"), ALLOWED)
def test_a_step_of_the_table_is_taken(before, after):
    subscription = Subscription(state=before, renews_at=NOW)
    move(subscription, after, now=NOW)
    assert subscription.state == after
    assert (subscription.ended_at is not None) is (after in ENDED_STATES)
    assert (subscription.renews_at is None) is (after in ENDED_STATES)


@pytest.mark.parametrize(("before", "after"), sorted(set(product(STATES, STATES)) - set(ALLOWED)))
def test_every_other_step_is_refused_and_changes_nothing(before, after):
    subscription = Subscription(state=before, renews_at=NOW)
    with pytest.raises(TransitionRefused):
        move(subscription, after, now=NOW)
    assert (subscription.state, subscription.ended_at) == (before, None)


def test_every_state_can_be_reached_and_every_run_can_end():
    reached = set(BEGINNINGS)
    while more := {after for before in reached for after in TRANSITIONS[before]} - reached:
        reached |= more
    assert reached == set(STATES)
    for state in set(STATES) - set(ENDED_STATES):
        assert TRANSITIONS[state] & set(ENDED_STATES)
