"""The offline provider as billing sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from domains.billing.contract.errors import PaymentMethodUnknown, PaymentProviderUnavailable
from domains.billing.models import (
    ChargeStatus,
    Dispute,
    OfflineCharge,
    OfflineCustomer,
    OfflineDispute,
    OfflineMethod,
    OfflineRefund,
    RefundState,
)
from domains.billing.services.payments.offline import book, webhooks
from domains.billing.services.payments.offline.cards import CARDS, describe
from domains.billing.services.payments.port import (
    UNKNOWN_METHOD,
    Charge,
    ChargeRequest,
    ChargeUnknown,
    CustomerRequest,
    Method,
    MethodSetup,
    ProviderDispute,
    ProviderRefund,
    RefundRequest,
    Told,
    Topic,
)
from kernel.crypto import sign
from kernel.db import transaction


class OfflineProvider:
    """A payment provider that keeps its book in tables of its own and forgets no key."""

    name = "test"

    def create_customer(self, request: CustomerRequest) -> str:
        new = OfflineCustomer(idempotency_key=request.idempotency_key)
        with transaction("billing", final=False):
            OfflineCustomer.objects.bulk_create([new], ignore_conflicts=True)
            return str(OfflineCustomer.objects.get(idempotency_key=new.idempotency_key).id)

    def set_up_method(self, *, customer: str) -> MethodSetup:
        secret = sign("offline-provider-setup", customer.encode())
        return MethodSetup(provider=self.name, reference=f"seti_{customer}", client_secret=secret)

    def attach(self, *, customer: str, reference: str) -> Method:
        if reference not in CARDS:
            raise PaymentMethodUnknown
        kept = OfflineMethod(customer_id=UUID(customer), token=reference)
        with transaction("billing", final=False):
            OfflineMethod.objects.bulk_create([kept], ignore_conflicts=True)
        return describe(reference)

    def detach(self, *, reference: str, customer: str) -> None:
        with transaction("billing", final=False):
            OfflineMethod.objects.filter(customer_id=UUID(customer), token=reference).delete()

    def find_method(self, *, reference: str) -> Method | None:
        return describe(reference) if reference in CARDS else None

    def list_methods(self, *, customer: str) -> list[Method]:
        kept = OfflineMethod.objects.filter(customer_id=UUID(customer)).order_by("id")
        return [describe(token) for token in kept.values_list("token", flat=True)]

    def charge(self, request: ChargeRequest) -> Charge:
        card = CARDS.get(request.payment_method)
        if card is None:
            return Charge(reference="", status=ChargeStatus.REJECTED, reason=UNKNOWN_METHOD)
        status, reason = card.outcome(off_session=request.off_session)
        line = OfflineCharge(
            idempotency_key=request.idempotency_key,
            customer=request.customer,
            amount=request.amount,
            currency=request.currency,
            payment_method=request.payment_method,
            status=status,
            reason=reason,
        )
        kept = book.enter_charge(line, is_disputed=card.is_disputed)
        if card.is_slow and kept.id == line.id:
            raise PaymentProviderUnavailable  # it is charged, and nobody hears of it
        return _to_charge(kept)

    def fetch(self, *, reference: str) -> Charge:
        line = OfflineCharge.objects.filter(id=UUID(reference)).first()
        if line is None:
            raise ChargeUnknown(reference)
        return _to_charge(line)

    def cancel(self, *, reference: str) -> Charge:
        book.conclude(reference, ChargeStatus.CANCELED)
        return self.fetch(reference=reference)

    def confirm(self, *, reference: str) -> Charge:
        """Confirm the charge as the customer would at a bank; one that is over stays as it is."""
        book.conclude(reference, ChargeStatus.SUCCEEDED)
        return self.fetch(reference=reference)

    def refund(self, request: RefundRequest) -> ProviderRefund:
        charge = OfflineCharge.objects.get(id=UUID(request.charge))
        works = CARDS[charge.payment_method].refunds
        line = OfflineRefund(
            idempotency_key=request.idempotency_key,
            charge=charge,
            amount=request.amount,
            status=RefundState.SUCCEEDED if works else RefundState.FAILED,
            reason="" if works else "expired_or_canceled_card",
        )
        return _to_refund(book.enter_refund(line))

    def fetch_refund(self, *, reference: str) -> ProviderRefund:
        return _to_refund(OfflineRefund.objects.get(id=UUID(reference)))

    def fetch_dispute(self, *, reference: str) -> ProviderDispute:
        line = OfflineDispute.objects.select_related("charge").get(id=UUID(reference))
        return ProviderDispute(
            reference=str(line.id),
            charge=str(line.charge_id),
            state=Dispute.State(line.state),
            amount=line.charge.amount,
            reason="fraudulent",
        )

    def charges_since(self, *, since: datetime, until: datetime) -> Iterator[Charge]:
        made = OfflineCharge.objects.filter(created_at__gte=since, created_at__lt=until)
        return map(_to_charge, made.order_by("id").iterator())

    def parse_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Told:
        return webhooks.parse(body=body, headers=headers, now=now)

    def topic_of(self, kind: str) -> Topic:
        return webhooks.topic_of(kind)


def _to_charge(line: OfflineCharge) -> Charge:
    return Charge(
        reference=str(line.id),
        status=ChargeStatus(line.status),
        reason=line.reason,
        idempotency_key=line.idempotency_key,
        amount=line.amount,
        currency=line.currency,
        refunded=line.refunded,
        client_secret=sign("offline-provider-charge", str(line.id).encode()),
    )


def _to_refund(line: OfflineRefund) -> ProviderRefund:
    return ProviderRefund(
        reference=str(line.id),
        charge=str(line.charge_id),
        state=RefundState(line.status),
        amount=line.amount,
        reason=line.reason,
        idempotency_key=line.idempotency_key,
    )
