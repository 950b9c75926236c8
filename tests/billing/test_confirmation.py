from datetime import timedelta

import pytest

from domains.billing import tasks
from domains.billing.services.payments.offline import OfflineProvider
from domains.billing.services.subscriptions.reading import get_own_subscription
from kernel.errors import PreconditionFailed
from kernel.preconditions import Precondition
from tests.billing.conftest import (
    NOW,
    carry_out,
    charges,
    intents_of,
    plan_of,
    put_on,
    said_by_billing,
)

pytestmark = pytest.mark.django_db(databases="__all__")

METHOD = "pm_card_requires_confirmation"


@pytest.fixture
def waiting(owner):
    """A payment for pro that the customer has to confirm."""
    return put_on(owner, "pro", METHOD).pending_payment


def confirm(payment) -> None:
    OfflineProvider().confirm(reference=payment.next_action.reference)


def test_the_old_plan_stays_until_the_payment_is_confirmed(owner, waiting):
    state = get_own_subscription(principal=owner)
    assert (state.plan, state.status) == ("free", "incomplete")
    assert (waiting.plan, waiting.price.amount, waiting.state) == (
        "pro",
        2900,
        "requires_action",
    )
    assert (waiting.next_action.type, waiting.next_action.provider) == (
        "confirm_with_provider",
        "test",
    )
    assert waiting.expires_at == NOW + timedelta(hours=23)
    assert said_by_billing() == []


def test_a_paid_plan_stays_active_while_a_change_waits(owner):
    put_on(owner, "pro", "pm_card_visa")
    state = put_on(owner, "business", METHOD)
    assert (state.plan, state.status) == ("pro", "active")
    assert state.pending_payment.plan == "business"


def test_the_same_request_again_is_the_same_payment(owner, waiting):
    assert put_on(owner, "pro", METHOD).pending_payment == waiting
    assert len(intents_of(owner)) == 1


def test_the_sweep_finds_out_that_it_was_confirmed(owner, waiting, deliver_events):
    confirm(waiting)
    deliver_events(now=NOW + timedelta(minutes=2), sweeps=True)
    assert plan_of(owner) == "pro"
    assert charges() == 1


def test_nothing_happens_while_nobody_confirms(owner, waiting):
    before = get_own_subscription(principal=owner)
    carry_out(waiting, now=NOW + timedelta(hours=22))
    assert get_own_subscription(principal=owner) == before


def test_what_is_not_confirmed_in_time_is_dropped(owner, waiting):
    carry_out(waiting, now=NOW + timedelta(hours=23))
    assert get_own_subscription(principal=owner).pending_payment is None
    assert [i.state for i in intents_of(owner)] == ["canceled"]
    confirm(waiting)
    carry_out(waiting, now=NOW + timedelta(hours=24))
    assert (plan_of(owner), charges()) == ("free", 0)
    assert said_by_billing() == ["billing.subscription_expired.v1"]


def test_another_card_replaces_the_unconfirmed_payment(owner, waiting):
    assert put_on(owner, "pro", "pm_card_visa").plan == "pro"
    assert [i.state for i in intents_of(owner)] == ["canceled", "succeeded"]
    confirm(waiting)
    assert charges() == 1


def test_asking_for_the_plan_in_force_gives_up_the_change(owner, waiting):
    state = put_on(owner, "free")
    assert (state.plan, state.status, state.pending_payment) == ("free", "active", None)
    assert charges("canceled") == 1


def test_a_confirmation_that_was_faster_than_its_replacement_counts(owner, waiting):
    confirm(waiting)
    assert put_on(owner, "pro", "pm_card_visa").plan == "pro"
    assert charges() == 1


def test_a_replacement_that_saw_the_pending_payment_passes_its_own_withdrawal(owner, waiting):
    seen = Precondition(frozenset({get_own_subscription(principal=owner).tag}))
    assert put_on(owner, "business", "pm_card_visa", expected=seen).plan == "business"


def test_a_replacement_is_refused_if_the_confirmation_changed_what_it_saw(owner, waiting):
    seen = Precondition(frozenset({get_own_subscription(principal=owner).tag}))
    confirm(waiting)
    with pytest.raises(PreconditionFailed):
        put_on(owner, "business", "pm_card_visa", expected=seen)
    assert (plan_of(owner), charges()) == ("pro", 1)


def test_an_outdated_tag_withdraws_nothing(owner, waiting):
    with pytest.raises(PreconditionFailed):
        put_on(owner, "free", expected=Precondition(frozenset({'"outdated"'})))
    assert get_own_subscription(principal=owner).pending_payment == waiting


def test_the_job_is_what_a_confirmation_rings(owner, waiting):
    confirm(waiting)
    tasks.carry_out_payment(str(owner.organization_id), str(waiting.id))
    assert plan_of(owner) == "pro"
