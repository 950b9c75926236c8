"""Which state of a payment may follow which, and what the provider's answers mean for it."""

from __future__ import annotations

from collections.abc import Mapping

from domains.billing.models import ChargeStatus, PaymentIntent, PaymentState

TRANSITIONS: Mapping[PaymentState, frozenset[PaymentState]] = {
    PaymentState.PENDING: frozenset(set(PaymentState) - {PaymentState.PENDING}),
    PaymentState.REQUIRES_ACTION: frozenset(
        {PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.CANCELED}
    ),
    PaymentState.SUCCEEDED: frozenset(),
    PaymentState.FAILED: frozenset(),
    PaymentState.CANCELED: frozenset(),
}

STATE_AFTER: Mapping[ChargeStatus, PaymentState] = {
    ChargeStatus.PROCESSING: PaymentState.PENDING,
    ChargeStatus.SUCCEEDED: PaymentState.SUCCEEDED,
    ChargeStatus.DECLINED: PaymentState.FAILED,
    ChargeStatus.REJECTED: PaymentState.FAILED,
    ChargeStatus.REQUIRES_ACTION: PaymentState.REQUIRES_ACTION,
    ChargeStatus.CANCELED: PaymentState.CANCELED,
}


class TransitionRefused(Exception):
    """No payment goes from the one state to the other."""


def move(intent: PaymentIntent, state: PaymentState) -> None:
    """Set the intent's state; raise `TransitionRefused` if the table doesn't have the step."""
    if state not in TRANSITIONS[PaymentState(intent.state)]:
        raise TransitionRefused(f"{intent.id} can't go from {intent.state} to {state}")
    intent.state = state
