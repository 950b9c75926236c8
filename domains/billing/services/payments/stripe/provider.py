"""Stripe as billing sees it: one method for each of the port, in the modules beside this one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

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
)
from domains.billing.services.payments.stripe import charging, keeping, refunding, webhooks
from domains.billing.services.payments.stripe.client import asking, client
from domains.billing.services.payments.stripe.objects import to_dispute


class StripeProvider:
    """A payment provider that is asked over the network."""

    name = "stripe"

    def create_customer(self, request: CustomerRequest) -> str:
        return keeping.create_customer(request)

    def set_up_method(self, *, customer: str) -> MethodSetup:
        return keeping.set_up(customer)

    def attach(self, *, customer: str, reference: str) -> Method:
        return keeping.attach(customer, reference)

    def detach(self, *, reference: str, customer: str) -> None:
        keeping.detach(reference)

    def find_method(self, *, reference: str) -> Method | None:
        return keeping.find(reference)

    def list_methods(self, *, customer: str) -> list[Method]:
        return keeping.list_of(customer)

    def charge(self, request: ChargeRequest) -> Charge:
        return charging.charge(request)

    def fetch(self, *, reference: str) -> Charge:
        return charging.fetch(reference)

    def cancel(self, *, reference: str) -> Charge:
        return charging.cancel(reference)

    def refund(self, request: RefundRequest) -> ProviderRefund:
        return refunding.refund(request)

    def fetch_refund(self, *, reference: str) -> ProviderRefund:
        return refunding.fetch(reference)

    def fetch_dispute(self, *, reference: str) -> ProviderDispute | None:
        with asking():
            return to_dispute(client().v1.disputes.retrieve(reference).to_dict())

    def charges_since(self, *, since: datetime, until: datetime) -> Iterator[Charge]:
        return charging.made_between(since, until)

    def parse_webhook(
        self,
        *,
        body: bytes,
        headers: Mapping[str, str],
        now: datetime,
    ) -> Told:
        return webhooks.parse(body, headers)

    def topic_of(self, kind: str) -> Topic:
        return webhooks.topic_of(kind)
