"""The payment provider `manual`: money comes and goes by bank transfer, and staff say so.

It is never asked to take money: invoices stay open until staff record a transfer
(`transfers.py`), and a refund waits until staff say that they sent it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NoReturn

from domains.billing.contract.errors import PaymentsNotConfigured
from domains.billing.models import RefundState
from domains.billing.services.payments.port import (
    Charge,
    ChargeRequest,
    CustomerRequest,
    Method,
    MethodSetup,
    ProviderDispute,
    ProviderRefund,
    RefundRequest,
    Told,
    Topic,
    WebhookForged,
)


class ManualProvider:
    """Bank transfers, which no program carries out."""

    name = "manual"

    def create_customer(self, request: CustomerRequest) -> str:
        return str(request.organization_id)

    def set_up_method(self, *, customer: str) -> MethodSetup:
        _refuse(customer)

    def attach(self, *, customer: str, reference: str) -> Method:
        _refuse(customer, reference)

    def detach(self, *, reference: str, customer: str) -> None:
        """Do nothing: no bank account is kept."""

    def find_method(self, *, reference: str) -> Method | None:
        _refuse(reference)

    def list_methods(self, *, customer: str) -> list[Method]:
        return []

    def charge(self, request: ChargeRequest) -> Charge:
        _refuse(request)

    def fetch(self, *, reference: str) -> Charge:
        _refuse(reference)

    def cancel(self, *, reference: str) -> Charge:
        _refuse(reference)

    def refund(self, request: RefundRequest) -> ProviderRefund:
        return ProviderRefund(
            reference="",
            charge=request.charge,
            state=RefundState.PENDING,
            amount=request.amount,
            idempotency_key=request.idempotency_key,
        )

    def fetch_refund(self, *, reference: str) -> ProviderRefund:
        _refuse(reference)

    def fetch_dispute(self, *, reference: str) -> ProviderDispute | None:
        _refuse(reference)

    def charges_since(self, *, since: datetime, until: datetime) -> Iterator[Charge]:
        _refuse(since, until)

    def parse_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Told:
        raise WebhookForged

    def topic_of(self, kind: str) -> Topic:
        return Topic.NONE


def _refuse(*_: object) -> NoReturn:
    raise PaymentsNotConfigured
