"""Which state of a subscription may follow which; every other step is refused.

Begun by a payment it is incomplete, and given up after 23 hours; begun by a trial, a gift or with
nothing to pay it is in force at once. Only what is paid up can be paused, and what has ended stays
so: whoever comes back begins another subscription.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from domains.billing.models import ENDED_STATES, Subscription, SubscriptionState

PAYABLE_FOR = timedelta(hours=23)  # what Stripe gives a first payment

_S = SubscriptionState

BEGINNINGS = frozenset({_S.INCOMPLETE, _S.TRIALING, _S.ACTIVE})

TRANSITIONS: Mapping[SubscriptionState, frozenset[SubscriptionState]] = {
    _S.INCOMPLETE: frozenset({_S.ACTIVE, _S.EXPIRED}),
    _S.TRIALING: frozenset({_S.ACTIVE, _S.CANCELED}),
    _S.ACTIVE: frozenset({_S.PAST_DUE, _S.PAUSED, _S.CANCELED}),
    _S.PAST_DUE: frozenset({_S.ACTIVE, _S.UNPAID, _S.CANCELED}),
    _S.UNPAID: frozenset({_S.ACTIVE, _S.CANCELED}),
    _S.PAUSED: frozenset({_S.ACTIVE, _S.CANCELED}),
    _S.EXPIRED: frozenset(),
    _S.CANCELED: frozenset(),
}


class TransitionRefused(Exception):
    """No subscription goes from the one state to the other."""


def move(subscription: Subscription, state: SubscriptionState, *, now: datetime) -> None:
    """Set the subscription's state; raise `TransitionRefused` if the table doesn't have the step.

    What ends is renewed no more. The row is not saved.
    """
    if state not in TRANSITIONS[SubscriptionState(subscription.state)]:
        raise TransitionRefused(f"{subscription.id} can't go from {subscription.state} to {state}")
    subscription.state = state
    if state in ENDED_STATES:
        subscription.ended_at, subscription.renews_at = now, None
