from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domains.billing.contract.errors import (
    PaymentDeclined,
    PaymentInProgress,
    PaymentMethodRequired,
    PaymentMethodUnknown,
    PaymentsNotConfigured,
    PlanUnknown,
)
from domains.billing.models import OfflineCharge, PaymentIntent
from domains.billing.services.payments import intents
from domains.billing.services.subscriptions.quoting import Policy
from domains.billing.services.subscriptions.reading import get_own_subscription
from kernel import facts
from kernel.db import transaction
from kernel.errors import Forbidden, PreconditionFailed
from kernel.events.testing import run_commit_hooks
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.permissions import Role
from kernel.preconditions import Precondition
from tests.billing.conftest import (
    NOW,
    charges,
    intents_of,
    plan_of,
    put_on,
    said_by_billing,
)
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")

ACTIVATED = ["billing.subscription_activated.v1", "billing.entitlements_changed.v1"]


def test_an_organization_never_heard_of_is_on_free(owner):
    state = get_own_subscription(principal=owner)
    assert (state.plan, state.status, state.activated_at) == ("free", "active", None)


def test_a_paid_plan_comes_into_force_once_it_is_paid(owner):
    state = put_on(owner, "pro", "pm_card_visa")
    assert (state.plan, state.status, state.activated_at) == ("pro", "active", NOW)
    assert state.pending_payment is None
    assert said_by_billing() == ACTIVATED
    assert charges() == 1


def test_the_price_charged_is_the_catalogues(owner):
    put_on(owner, "business", "pm_card_visa")
    charge = OfflineCharge.objects.get()
    assert (charge.amount, charge.currency) == (9900, "EUR")
    assert charge.idempotency_key == intents_of(owner)[0].idempotency_key


def test_the_events_say_who_asked_and_what_is_allowed(owner):
    put_on(owner, "pro", "pm_card_visa")
    said = {row.name: row.payload for row in Outbox.objects.using("billing")}
    organization = str(owner.organization_id)
    assert said[ACTIVATED[0]] == {
        "organization_id": organization,
        "plan": "pro",
        "account_id": str(owner.account_id),
    }
    assert said[ACTIVATED[1]] == {
        "organization_id": organization,
        "plan": "pro",
        "seats": 25,
        "storage_bytes": 10737418240,
        "requests_per_minute": 3000,
        "audit_retention_days": 365,
    }


def test_the_gateway_is_told_the_new_rate_after_the_commit_and_not_before(owner):
    key = f"plan-rate:{owner.organization_id}"
    put_on(owner, "pro", "pm_card_visa")
    assert facts.get(key) is None
    run_commit_hooks()
    assert facts.get(key) == "3000"


def test_the_same_plan_again_charges_nothing_and_says_nothing(owner):
    first = put_on(owner, "pro", "pm_card_visa")
    again = put_on(owner, "pro", "pm_card_visa")
    assert again == first
    assert charges() == 1
    assert said_by_billing() == ACTIVATED


def test_the_free_plan_comes_when_what_is_paid_is_over_and_needs_no_payment_method(owner):
    put_on(owner, "pro", "pm_card_visa")
    state = put_on(owner, "free")
    assert (state.plan, state.details.cancel_at) == ("pro", datetime(2026, 4, 1, 12, tzinfo=UTC))
    assert said_by_billing() == [*ACTIVATED, "billing.subscription_change_scheduled.v1"]
    assert charges() == 1


def test_the_free_plan_comes_at_once_if_that_is_wished(owner):
    put_on(owner, "pro", "pm_card_visa")
    assert put_on(owner, "free", policy=Policy.NOW).plan == "free"
    assert said_by_billing() == [
        *ACTIVATED,
        "billing.entitlements_changed.v1",
        "billing.subscription_canceled.v1",
    ]
    assert charges() == 1


def test_free_on_free_says_nothing(owner):
    put_on(owner, "free")
    assert said_by_billing() == []


@pytest.mark.parametrize("method", [None, ""])
def test_a_paid_plan_needs_a_payment_method(owner, method):
    with pytest.raises(PaymentMethodRequired) as caught:
        put_on(owner, "pro", method)
    assert caught.value.pointer == "/payment_method"
    assert not PaymentIntent.objects.exists()


def test_an_unknown_plan_is_refused_before_anything_is_written(owner):
    with pytest.raises(PlanUnknown):
        put_on(owner, "gold", "pm_card_visa")
    assert not PaymentIntent.objects.exists()


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("pm_card_declined", "card_declined"),
        ("pm_card_insufficient_funds", "insufficient_funds"),
    ],
)
def test_a_declined_card_changes_nothing_but_is_told(owner, method, reason):
    before = get_own_subscription(principal=owner)
    with pytest.raises(PaymentDeclined) as caught:
        put_on(owner, "pro", method)
    assert caught.value.details == {"reason": reason}
    assert caught.value.pointer == "/payment_method"
    assert get_own_subscription(principal=owner) == before
    assert get_own_subscription(principal=owner).tag == before.tag
    assert said_by_billing() == [
        "billing.payment_failed.v1",
        "billing.subscription_expired.v1",
    ]
    assert [(i.state, i.reason) for i in intents_of(owner)] == [("failed", reason)]


def test_a_declined_upgrade_leaves_the_paid_plan_in_force(owner):
    put_on(owner, "pro", "pm_card_visa")
    with pytest.raises(PaymentDeclined):
        put_on(owner, "business", "pm_card_declined")
    assert plan_of(owner) == "pro"


def test_another_card_can_be_tried_after_a_decline(owner):
    with pytest.raises(PaymentDeclined):
        put_on(owner, "pro", "pm_card_declined")
    assert put_on(owner, "pro", "pm_card_visa").plan == "pro"


def test_an_unknown_payment_method_is_nobodys_failed_payment(owner):
    with pytest.raises(PaymentMethodUnknown) as caught:
        put_on(owner, "pro", "pm_card_of_somebody_else")
    assert caught.value.pointer == "/payment_method"
    assert plan_of(owner) == "free"
    assert said_by_billing() == []
    assert not OfflineCharge.objects.exists()


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_only_owners_and_admins_change_the_plan(role):
    with pytest.raises(Forbidden):
        put_on(member_of(uuid7(), role), "pro", "pm_card_visa")
    assert not PaymentIntent.objects.exists()


def test_an_admin_may_change_the_plan():
    assert put_on(member_of(uuid7(), Role.ADMIN), "pro", "pm_card_visa").plan == "pro"


def test_every_member_sees_the_subscription(owner):
    put_on(owner, "pro", "pm_card_visa")
    assert plan_of(member_of(owner.organization_id, Role.VIEWER)) == "pro"


def test_nobody_sees_an_organization_that_is_not_theirs(owner):
    stranger = replace(member_of(uuid7()), organization_id=owner.organization_id)
    with pytest.raises(Forbidden):
        get_own_subscription(principal=stranger)
    with pytest.raises(Forbidden):
        put_on(stranger, "pro", "pm_card_visa")


def test_nothing_is_changed_for_nobody(owner):
    with pytest.raises(Forbidden):
        put_on(replace(owner, account_id=None), "pro", "pm_card_visa")


def test_one_organizations_plan_is_not_anothers(owner):
    put_on(owner, "pro", "pm_card_visa")
    assert plan_of(member_of(uuid7())) == "free"


def test_an_open_payment_keeps_every_other_change_out(owner):
    with transaction("billing"):
        intents.open_intent(
            organization_id=owner.organization_id,
            account_id=owner.account_id,
            plan="pro",
            amount=2900,
            currency="EUR",
            payment_method="pm_card_visa",
            now=NOW,
        )
    for plan in ("free", "pro", "business"):
        with pytest.raises(PaymentInProgress):
            put_on(owner, plan, "pm_card_visa")
    assert charges() == 0
    assert get_own_subscription(principal=owner).status == "incomplete"


def test_an_outdated_tag_is_refused_before_anything_is_charged(owner):
    seen = get_own_subscription(principal=owner).tag
    put_on(owner, "pro", "pm_card_visa")
    expected = Precondition(frozenset({seen}))
    for plan in ("business", "free", "pro"):
        with pytest.raises(PreconditionFailed):
            put_on(owner, plan, "pm_card_visa", expected=expected)
    assert charges() == 1
    assert plan_of(owner) == "pro"


def test_the_present_tag_is_taken(owner):
    tag = put_on(owner, "pro", "pm_card_visa").tag
    state = put_on(owner, "business", "pm_card_visa", expected=Precondition(frozenset({tag})))
    assert state.plan == "business"


def test_a_price_is_not_charged_where_no_provider_was_chosen(owner, settings):
    settings.PAYMENT_PROVIDER = "none"
    with pytest.raises(PaymentsNotConfigured):
        put_on(owner, "pro", "pm_card_visa")
    assert intents_of(owner) == []
    assert put_on(owner, "free").plan == "free"
