from itertools import product

import pytest

from domains.billing.models import OPEN_STATES, ChargeStatus, PaymentIntent, PaymentState
from domains.billing.services.payments.states import (
    STATE_AFTER,
    TRANSITIONS,
    TransitionRefused,
    move,
)

PENDING, CONFIRM, SUCCEEDED, FAILED, CANCELED = (
    PaymentState.PENDING,
    PaymentState.REQUIRES_ACTION,
    PaymentState.SUCCEEDED,
    PaymentState.FAILED,
    PaymentState.CANCELED,
)

ALLOWED = {
    (PENDING, CONFIRM),
    (PENDING, SUCCEEDED),
    (PENDING, FAILED),
    (PENDING, CANCELED),
    (CONFIRM, SUCCEEDED),
    (CONFIRM, FAILED),
    (CONFIRM, CANCELED),
}


@pytest.mark.parametrize(("before", "after"), list(product(PaymentState, PaymentState)))
def test_only_the_steps_of_the_table_are_taken(before, after):
    intent = PaymentIntent(state=before)
    if (before, after) in ALLOWED:
        move(intent, after)
        assert intent.state == after
    else:
        with pytest.raises(TransitionRefused):
            move(intent, after)
        assert intent.state == before


def test_every_state_is_in_the_table_and_only_open_ones_go_on():
    assert set(TRANSITIONS) == set(PaymentState)
    assert {state for state, following in TRANSITIONS.items() if following} == set(OPEN_STATES)


def test_every_answer_of_a_provider_means_a_state():
    assert set(STATE_AFTER) == set(ChargeStatus)
