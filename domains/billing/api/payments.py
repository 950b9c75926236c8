"""Payment methods, payments of invoices and providers' webhooks over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from domains.billing.api import examples_payments as examples
from domains.billing.api.limits import PAYMENTS
from domains.billing.contract.errors import (
    PaymentDeclined,
    PaymentInProgress,
    PaymentMethodRequired,
    PaymentMethodUnknown,
    PaymentProviderUnavailable,
    PaymentsNotConfigured,
)
from domains.billing.contract.invoice_errors import InvoiceNotFound, InvoiceNotOpen
from domains.billing.contract.payment_errors import (
    PaymentMethodInUse,
    PaymentMethodNotFound,
    PaymentNotFound,
    ProviderNotFound,
    WebhookRefused,
)
from domains.billing.models import PaymentIntent, PaymentState
from domains.billing.services.payments import own_methods, paying_now, webhooks
from kernel import clock
from kernel.errors import Forbidden
from kernel.rest import (
    Body,
    IdempotencyKeyRequired,
    MoneyField,
    Public,
    Serializer,
    TimestampField,
    caller,
    operation,
    require_idempotency_key,
    single,
)

PRIVATE = {"Cache-Control": "no-store"}


def only_true(value: object) -> None:
    """Refuse `false` with a `ValidationError`: there is always a default."""
    if value is not True:
        raise serializers.ValidationError("Choose another default instead.", code="only_true")


class PaymentMethodOut(Serializer):
    """A card or an account that the organization may pay with."""

    id = serializers.UUIDField()
    provider = serializers.CharField()
    kind = serializers.CharField(help_text="`card`, or another kind of the provider's.")
    brand = serializers.CharField(help_text="Empty if it has none.")
    last4 = serializers.CharField(help_text="The last four digits.")
    expires_on = serializers.DateField(allow_null=True, help_text="The last day it is good.")
    is_default = serializers.BooleanField(help_text="Whether invoices are paid with it.")
    created_at = TimestampField()


class PaymentMethodsOut(Serializer):
    """All of them, the default first."""

    data = PaymentMethodOut(many=True)  # type: ignore[assignment]  # DRF takes fields off the class
    next_cursor = serializers.CharField(allow_null=True, help_text="Always null: all are here.")


class PaymentMethodIn(Serializer):
    """A method that was entered at the provider."""

    payment_method = serializers.RegexField(
        r"^pm_[A-Za-z0-9_]{1,250}\Z", help_text="The provider's token, never a card number."
    )


class PaymentMethodChange(Serializer):
    """What can be changed of a method."""

    is_default = serializers.BooleanField(
        validators=[only_true], help_text="`true`: another one ends this one's turn."
    )


class SetupOut(Serializer):
    """With what a client enters a card at the provider."""

    provider = serializers.CharField()
    reference = serializers.CharField()
    client_secret = serializers.CharField(help_text="For the provider's own form alone.")


class PaymentOut(Serializer):
    """A payment of an invoice."""

    id = serializers.UUIDField()
    invoice_id = serializers.UUIDField()
    status = serializers.ChoiceField(PaymentState.values, source="state")
    amount = MoneyField(source="price")
    reason = serializers.CharField(allow_null=True, help_text="Why it failed, if it did.")
    expires_at = TimestampField(allow_null=True, help_text="Until when it can be confirmed.")


class ConfirmationOut(Serializer):
    """With what a client has the customer confirm a payment."""

    client_secret = serializers.CharField(help_text="For the provider's own form alone.")


class PaymentMethods(APIView):
    limits = PAYMENTS
    step_up = frozenset({"POST"})

    @operation(
        "listPaymentMethods",
        "List the current organization's payment methods",
        response=PaymentMethodsOut,
        response_example=examples.METHODS,
        problems=(Forbidden,),
    )
    def get(self, request: Request) -> Response:
        found = own_methods.list_methods(principal=caller(request))
        return single(request, PaymentMethodsOut.render({"data": found, "next_cursor": None}))

    @operation(
        "attachPaymentMethod",
        "Keep a payment method for the current organization",
        description="The first one is the default. What is overdue is tried with it at once.",
        request=PaymentMethodIn,
        response=PaymentMethodOut,
        status=201,
        request_example=examples.ATTACHING,
        response_example=examples.METHOD,
        problems=(
            IdempotencyKeyRequired,
            Forbidden,
            PaymentMethodUnknown,
            PaymentDeclined,
            PaymentsNotConfigured,
            PaymentProviderUnavailable,
        ),
    )
    def post(self, request: Request) -> Response:
        require_idempotency_key(request)
        method = own_methods.attach(
            principal=caller(request),
            reference=PaymentMethodIn.parse(request)["payment_method"],
            now=clock.now(),
        )
        return single(request, PaymentMethodOut.render(method), status=201)


class PaymentMethodSetup(APIView):
    @operation(
        "setUpPaymentMethod",
        "Begin to enter a payment method at the provider",
        description="The card is entered in the provider's own form and never passes through "
        "here; attach what the form answers.",
        response=SetupOut,
        response_example=examples.SETUP,
        problems=(Forbidden, PaymentsNotConfigured, PaymentProviderUnavailable),
    )
    def post(self, request: Request) -> Response:
        begun = own_methods.set_up(principal=caller(request), now=clock.now())
        return Response(SetupOut.render(begun), headers=PRIVATE)


class PaymentMethod(APIView):
    limits = PAYMENTS
    step_up = frozenset({"DELETE"})

    @operation(
        "changePaymentMethod",
        "Pay with this payment method from now on",
        description="What is overdue is tried with it at once.",
        request=PaymentMethodChange,
        response=PaymentMethodOut,
        request_example=examples.CHANGING,
        response_example=examples.METHOD,
        problems=(IdempotencyKeyRequired, Forbidden, PaymentMethodNotFound),
    )
    def patch(self, request: Request, method_id: UUID) -> Response:
        require_idempotency_key(request)
        PaymentMethodChange.parse(request)
        method = own_methods.choose_default(
            principal=caller(request), method_id=method_id, now=clock.now()
        )
        return single(request, PaymentMethodOut.render(method))

    @operation(
        "detachPaymentMethod",
        "Forget a payment method, here and at the provider",
        status=204,
        problems=(
            Forbidden,
            PaymentMethodNotFound,
            PaymentMethodInUse,
            PaymentProviderUnavailable,
        ),
    )
    def delete(self, request: Request, method_id: UUID) -> Response:
        own_methods.detach(principal=caller(request), method_id=method_id, now=clock.now())
        return Response(status=204)


class InvoicePayment(APIView):
    limits = PAYMENTS

    @operation(
        "payInvoice",
        "Pay an open invoice with the default payment method",
        description="The way out where a bank wants the customer to confirm: the answer is then "
        "`requires_action`, and `getPaymentConfirmation` has what the client needs.",
        response=PaymentOut,
        response_example=examples.PAYMENT,
        problems=(
            IdempotencyKeyRequired,
            Forbidden,
            InvoiceNotFound,
            InvoiceNotOpen,
            PaymentMethodRequired,
            PaymentInProgress,
            PaymentsNotConfigured,
            PaymentProviderUnavailable,
        ),
    )
    def post(self, request: Request, invoice_id: UUID) -> Response:
        require_idempotency_key(request)
        intent = paying_now.pay_invoice(
            principal=caller(request), invoice_id=invoice_id, now=clock.now()
        )
        return single(request, PaymentOut.render(_shown(intent)))


class PaymentConfirmation(APIView):
    @operation(
        "getPaymentConfirmation",
        "Show with what the client confirms a payment at the provider",
        response=ConfirmationOut,
        response_example=examples.CONFIRMATION,
        problems=(Forbidden, PaymentNotFound, PaymentProviderUnavailable),
    )
    def get(self, request: Request, payment_id: UUID) -> Response:
        secret = paying_now.get_client_secret(principal=caller(request), payment_id=payment_id)
        return Response(ConfirmationOut.render({"client_secret": secret}), headers=PRIVATE)


class ProviderWebhook(APIView):
    """Called by the payment provider's servers; what is told is looked up there, not believed."""

    permission_classes = [Public]
    body = Body(max_bytes=262_144, content_types=frozenset({"*/*"}), whole=True)
    anonymous_rate = (6000, 60)  # a billing run at the provider tells of thousands in minutes

    @operation(
        "receiveProviderWebhook",
        "Where a payment provider tells what happened",
        request={"type": "object"},
        response={"type": "object"},
        request_example=examples.WEBHOOK,
        response_example={},
        problems=(ProviderNotFound, WebhookRefused),
    )
    def post(self, request: Request, provider: str) -> Response:
        webhooks.receive(
            provider=provider,
            body=request._request.body,
            headers=request.headers,
            now=clock.now(),
        )
        return Response({})


def _shown(intent: PaymentIntent) -> dict[str, Any]:
    return {
        "id": intent.id,
        "invoice_id": intent.invoice_id,
        "state": intent.state,
        "price": {"amount": intent.amount, "currency": intent.currency},
        "reason": intent.reason or None,
        "expires_at": intent.expires_at,
    }
