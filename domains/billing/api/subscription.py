"""Subscriptions over HTTP."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.billing.api import examples_subscription as examples
from domains.billing.api.limits import PAYMENTS
from domains.billing.api.serializers_subscription import (
    CancelIn,
    PauseIn,
    PreviewOut,
    ResumeIn,
    SubscriptionIn,
    SubscriptionOut,
    WishIn,
    wish_of,
)
from domains.billing.contract.catalogue import (
    CouponExpired,
    CouponNotForYou,
    CouponUnknown,
    CouponUsedUp,
    CurrencyNotOffered,
    IntervalNotOffered,
    ProductUnknown,
)
from domains.billing.contract.errors import (
    PaymentDeclined,
    PaymentInProgress,
    PaymentMethodRequired,
    PaymentMethodUnknown,
    PaymentProviderUnavailable,
    PaymentsNotConfigured,
    PlanUnknown,
)
from domains.billing.contract.subscriptions import (
    CurrencyFixed,
    NoSubscription,
    NothingToPreview,
    PaymentOverdue,
    PolicyNotOffered,
    PreviewExpired,
    PreviewInvalid,
    PreviewOutdated,
    ResumptionInvalid,
    SubscriptionStateRefuses,
)
from domains.billing.services.subscriptions import (
    canceling,
    changing,
    previewing,
    reading,
    resuming,
)
from kernel import clock
from kernel.errors import Forbidden, PreconditionFailed
from kernel.rest import (
    IdempotencyKeyRequired,
    caller,
    if_match,
    operation,
    require_idempotency_key,
    single,
)

_CHANGE = """
The price is the catalogue's and is charged before the plan comes into force; `free` needs no
payment method. Asking again for what is in force changes and charges nothing, and withdraws what
was scheduled instead of it.

By default what is dearer comes into force at once, with a credit for what is left of the time that
was paid and a charge for the rest of the period; what is cheaper, and `free`, when the period ends.
`policy` says otherwise: `now`, `period_end`, `reset` (a whole period begins), and for what is
cheaper `next_invoice` (at once, settled on the next invoice) and `none` (at once, settled not at
all). With a `preview_token` exactly what the preview showed is charged.

A declined payment leaves everything as it was. One that the customer has to confirm is answered
with 200 and `pending_payment.status: requires_action`: the old plan stays in force until it
is confirmed, and the change is dropped if that doesn't happen before `expires_at`, or when another
change is asked for.
"""
_PREVIEW = """
Answers what `PUT billing/subscription` would charge for the same, line by line, and a token: a
`PUT` with it within 15 minutes charges exactly that, or is refused if the subscription has changed
meanwhile. Nothing is changed or charged here.
"""
_CANCEL = """
By default the plan stays in force until the time that is paid is over. `now` ends it at once, and
what is left of the paid time becomes the organization's credit, for what it buys later. Asking for
the plan again, or resuming, takes a cancellation at the period's end back.
"""
_PAUSE = """
The plan is out of force, and costs nothing, until it is resumed. What is left of the paid time
becomes the organization's credit. Only an active plan without overdue payments can be paused.
"""
_RESUME = """
Has a paused plan go on: a period begins and is charged, less the organization's credit. Of a plan
that isn't paused, it withdraws what was scheduled: the plan goes on after the period's end.
"""
_WISHES = (
    Forbidden,
    PlanUnknown,
    ProductUnknown,
    IntervalNotOffered,
    CurrencyNotOffered,
    CurrencyFixed,
    CouponUnknown,
    CouponExpired,
    CouponUsedUp,
    CouponNotForYou,
    PolicyNotOffered,
    PaymentOverdue,
)
_PAYMENTS = (
    PaymentMethodRequired,
    PaymentMethodUnknown,
    PaymentDeclined,
    PaymentInProgress,
    PaymentProviderUnavailable,
    PaymentsNotConfigured,
    PreviewOutdated,
)


class Subscription(APIView):
    limits = PAYMENTS
    step_up = frozenset({"PUT"})  # it charges whatever it is given to charge

    @operation(
        "getSubscription",
        "Show the current organization's subscription",
        response=SubscriptionOut,
        response_example=examples.SUBSCRIPTION,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        return _answer(request, reading.get_own_subscription(principal=caller(request)))

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
            *_WISHES,
            *_PAYMENTS,
            PreviewInvalid,
            PreviewExpired,
            PreconditionFailed,
        ),
    )
    def put(self, request: Request) -> Response:
        require_idempotency_key(request)
        values = SubscriptionIn.parse(request)
        changed = changing.change_subscription(
            principal=caller(request),
            wish=wish_of(values),
            payment_method=values.get("payment_method"),
            preview_token=values.get("preview_token"),
            expected=if_match(request),
            now=clock.now(),
        )
        return _answer(request, changed)


class Preview(APIView):
    @operation(
        "previewSubscription",
        "Show what a change of the subscription would cost",
        description=_PREVIEW,
        request=WishIn,
        response=PreviewOut,
        request_example=examples.WISH,
        response_example=examples.PREVIEW,
        problems=(*_WISHES, NothingToPreview),
    )
    def post(self, request: Request) -> Response:
        preview = previewing.preview_change(
            principal=caller(request), wish=wish_of(WishIn.parse(request)), now=clock.now()
        )
        return Response(PreviewOut.render(preview))


class Cancel(APIView):
    limits = PAYMENTS

    @operation(
        "cancelSubscription",
        "End the current organization's plan",
        description=_CANCEL,
        request=CancelIn,
        response=SubscriptionOut,
        request_example=examples.CANCEL,
        response_example=examples.SUBSCRIPTION,
        problems=(
            IdempotencyKeyRequired,
            Forbidden,
            NoSubscription,
            PaymentInProgress,
            PreconditionFailed,
        ),
    )
    def post(self, request: Request) -> Response:
        require_idempotency_key(request)
        values = CancelIn.parse(request)
        canceled = canceling.cancel(
            principal=caller(request),
            at_once=values["at"] == "now",
            reason=values["reason"],
            expected=if_match(request),
            now=clock.now(),
        )
        return _answer(request, canceled)


class Pause(APIView):
    limits = PAYMENTS

    @operation(
        "pauseSubscription",
        "Pause the current organization's plan",
        description=_PAUSE,
        request=PauseIn,
        response=SubscriptionOut,
        request_example=examples.PAUSE,
        response_example=examples.SUBSCRIPTION,
        problems=(
            IdempotencyKeyRequired,
            Forbidden,
            NoSubscription,
            ResumptionInvalid,
            SubscriptionStateRefuses,
            PaymentInProgress,
            PreconditionFailed,
        ),
    )
    def post(self, request: Request) -> Response:
        require_idempotency_key(request)
        paused = canceling.pause(
            principal=caller(request),
            resumes_at=PauseIn.parse(request).get("resumes_at"),
            expected=if_match(request),
            now=clock.now(),
        )
        return _answer(request, paused)


class Resume(APIView):
    limits = PAYMENTS

    @operation(
        "resumeSubscription",
        "Have the current organization's plan go on",
        description=_RESUME,
        request=ResumeIn,
        response=SubscriptionOut,
        request_example=examples.RESUME,
        response_example=examples.SUBSCRIPTION,
        problems=(
            IdempotencyKeyRequired,
            Forbidden,
            NoSubscription,
            *_PAYMENTS,
            PaymentOverdue,
            PreconditionFailed,
        ),
    )
    def post(self, request: Request) -> Response:
        require_idempotency_key(request)
        resumed = resuming.resume(
            principal=caller(request),
            payment_method=ResumeIn.parse(request).get("payment_method"),
            expected=if_match(request),
            now=clock.now(),
        )
        return _answer(request, resumed)


def _answer(request: Request, view: reading.SubscriptionView) -> Response:
    return single(request, SubscriptionOut.render(view), tag=view.tag)
