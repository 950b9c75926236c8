"""Billing over HTTP."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.billing.api import examples
from domains.billing.api.serializers import (
    EntitlementsOut,
    PlansOut,
    SubscriptionIn,
    SubscriptionOut,
)
from domains.billing.contract import (
    PaymentDeclined,
    PaymentInProgress,
    PaymentMethodRequired,
    PaymentMethodUnknown,
    PaymentProviderUnavailable,
    PaymentsNotConfigured,
    PlanUnknown,
)
from domains.billing.services import catalogue, entitlements, plan_change, subscriptions
from kernel import clock
from kernel.errors import Forbidden, PreconditionFailed
from kernel.rest import (
    IdempotencyKeyRequired,
    Limit,
    Public,
    caller,
    if_match,
    operation,
    require_idempotency_key,
    single,
)

_CHANGE = """
The price is the catalogue's and is charged before the plan comes into force; `free` needs no
payment method. Asking again for the plan in force changes and charges nothing.

A declined payment leaves everything as it was. One that the customer has to confirm is answered
with 200 and `pending_payment.status: requires_action`: the old plan stays in force until it
is confirmed, and the change is dropped if that doesn't happen before `expires_at`, or when another
change is asked for.
"""


class Plans(APIView):
    permission_classes = [Public]

    @operation(
        "listPlans",
        "List the plans that can be subscribed to",
        response=PlansOut,
        response_example=examples.PLANS,
    )
    def get(self, request: Request) -> Response:
        plans = catalogue.get_plans()
        return single(request, PlansOut.render({"data": plans, "next_cursor": None}))


class Subscription(APIView):
    # Whoever tries one card after the other is slowed down, also while Redis is away.
    limits = (Limit(name="payment", quota=30, window=60),)

    @operation(
        "getSubscription",
        "Show the current organization's subscription",
        response=SubscriptionOut,
        response_example=examples.SUBSCRIPTION,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        return _answer(request, subscriptions.get_own_subscription(principal=caller(request)))

    @operation(
        "changeSubscription",
        "Subscribe the current organization to a plan",
        description=_CHANGE,
        request=SubscriptionIn,
        response=SubscriptionOut,
        request_example=examples.CHANGE,
        response_example=examples.SUBSCRIPTION,
        problems=(
            IdempotencyKeyRequired,
            Forbidden,
            PlanUnknown,
            PaymentMethodRequired,
            PaymentMethodUnknown,
            PaymentDeclined,
            PaymentInProgress,
            PaymentProviderUnavailable,
            PaymentsNotConfigured,
            PreconditionFailed,
        ),
    )
    def put(self, request: Request) -> Response:
        require_idempotency_key(request)
        values = SubscriptionIn.parse(request)
        changed = plan_change.change_plan(
            principal=caller(request),
            plan=values["plan"],
            payment_method=values.get("payment_method"),
            expected=if_match(request),
            now=clock.now(),
        )
        return _answer(request, changed)


class Entitlements(APIView):
    @operation(
        "getEntitlements",
        "Show what the current organization's plan allows",
        response=EntitlementsOut,
        response_example=examples.ENTITLEMENTS,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        allowed = entitlements.get_own_entitlements(principal=caller(request))
        return single(request, EntitlementsOut.render(allowed))


def _answer(request: Request, state: subscriptions.SubscriptionState) -> Response:
    return single(request, SubscriptionOut.render(state), tag=state.tag)
