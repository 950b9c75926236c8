"""A member pays an open invoice, and is there to confirm it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.billing.contract.errors import PaymentInProgress, PaymentMethodRequired
from domains.billing.contract.invoice_errors import InvoiceNotFound, InvoiceNotOpen
from domains.billing.contract.payment_errors import PaymentNotFound
from domains.billing.contract.permissions import PAYMENT_METHODS_WRITE
from domains.billing.models import Invoice, InvoiceState, PaymentIntent, PaymentState
from domains.billing.services.customers import lock_customer
from domains.billing.services.payments import intents, methods, providers
from kernel.db import transaction
from kernel.principal import Principal


def pay_invoice(*, principal: Principal, invoice_id: UUID, now: datetime) -> PaymentIntent:
    """Charge what is due of the invoice to the default method; return the payment as it stands.

    It may have failed, or wait for a confirmation. Raises `Forbidden`, `InvoiceNotFound`,
    `InvoiceNotOpen`, `PaymentMethodRequired`, `PaymentInProgress`, `PaymentsNotConfigured` and
    `PaymentProviderUnavailable`.
    """
    principal.require(PAYMENT_METHODS_WRITE)
    owner = principal.organization_id
    _find(owner, invoice_id)
    waiting = intents.find_open(organization_id=owner)
    if waiting is not None and waiting.state == PaymentState.REQUIRES_ACTION:
        if waiting.invoice_id == invoice_id:
            return waiting
        intents.withdraw(organization_id=owner, intent_id=waiting.id, now=now)
    intent = _open(principal, invoice_id, now)
    return intents.carry_out(organization_id=owner, intent_id=intent.id, now=now)


def get_client_secret(*, principal: Principal, payment_id: UUID) -> str:
    """Return with what the client confirms the payment at the provider.

    Raises `Forbidden`, `PaymentProviderUnavailable`, and `PaymentNotFound` unless it waits for a
    confirmation.
    """
    principal.require(PAYMENT_METHODS_WRITE)
    mine = PaymentIntent.objects.within(principal.organization_id)
    intent = mine.filter(id=payment_id, state=PaymentState.REQUIRES_ACTION).first()
    if intent is None:
        raise PaymentNotFound
    return providers.named(intent.provider).fetch(reference=intent.reference).client_secret


def _open(principal: Principal, invoice_id: UUID, now: datetime) -> PaymentIntent:
    owner = principal.organization_id
    with transaction("billing", final=False):
        lock_customer(organization_id=owner, now=now)
        invoice = _find(owner, invoice_id)
        if intents.find_open(organization_id=owner) is not None:
            raise PaymentInProgress("Look at the invoice again in a moment.")
        providers.current()
        method = methods.defaults_of(organization_ids=[owner]).get(owner)
        if method is None:
            raise PaymentMethodRequired("Attach a payment method first.")
        return intents.open_intent(
            organization_id=owner,
            account_id=principal.account_id,
            invoice=invoice,
            amount=invoice.due,
            currency=invoice.currency,
            payment_method=method.reference,
            now=now,
        )


def _find(organization_id: UUID, invoice_id: UUID) -> Invoice:
    shown = Invoice.objects.within(organization_id).exclude(state=InvoiceState.DRAFT)
    invoice = shown.filter(id=invoice_id).first()
    if invoice is None:
        raise InvoiceNotFound
    if invoice.state != InvoiceState.OPEN:
        raise InvoiceNotOpen(f"It is {invoice.state}.")
    return invoice
