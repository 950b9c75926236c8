"""What an organization of the world has bought: plan, invoices, payments, usage, books."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from domains.billing import models as billing
from domains.billing.services import catalogue
from kernel.clock import now
from tests.isolation.filling import make
from tests.isolation.naming import Mark
from tests.isolation.people import Person


def bought(mark: Mark, organization_id: UUID, people: dict[str, Person]) -> dict[str, object]:
    """Return by their names the ids of what an organization has that pays for a plan."""
    make(
        mark,
        billing.Customer,
        organization_id=organization_id,
        plan="pro",
        activated_at=now(),
        country="DE",
        vat_id="",
        time_zone="UTC",
        locale="en",
    )
    price = catalogue.get_plan("pro").base()
    subscription = make(
        mark,
        billing.Subscription,
        organization_id=organization_id,
        state=billing.SubscriptionState.ACTIVE,
        currency="EUR",
        account_id=people["owner"].account.id,
        time_zone="UTC",
        anchor_at=now(),
        interval_unit="month",
        interval_count=1,
        period_start=now(),
        period_end=now() + timedelta(days=28),
        renews_at=now() + timedelta(days=28),
        pending=[],
    )
    make(
        mark,
        billing.SubscriptionItem,
        organization_id=organization_id,
        subscription=subscription,
        price_id=price.id,
        product=price.product,
        is_plan=True,
        started_at=now(),
    )
    payment = make(
        mark,
        billing.PaymentIntent,
        organization_id=organization_id,
        account_id=people["owner"].account.id,
        plan="pro",
        amount=2900,
        currency="EUR",
        state=billing.PaymentState.SUCCEEDED,
        settled_at=now(),
    )
    charge = {"amount": 2900, "currency": "EUR", "status": billing.ChargeStatus.SUCCEEDED}
    charge_row = make(
        mark, billing.OfflineCharge, idempotency_key=payment.idempotency_key, **charge
    )
    _changing(mark, subscription)
    _used(mark, organization_id)
    _booked(mark, organization_id)
    _told_by_the_provider(mark, organization_id, payment, charge_row)
    return {
        "payment_id": payment.id,
        **_invoiced(mark, organization_id),
        **_owed(mark, organization_id, people),
    }


def _invoiced(mark: Mark, organization_id: UUID) -> dict[str, object]:
    period = {"period_start": now(), "period_end": now() + timedelta(days=31)}
    money = {"currency": "EUR", "tax": 0, "total": 2900}
    invoice = make(
        mark,
        billing.Invoice,
        organization_id=organization_id,
        number=None,
        state=billing.InvoiceState.DRAFT,
        cause=billing.Invoice.Cause.MANUAL,
        subtotal=2900,
        seller=_party(mark),
        buyer=_party(mark),
        taxes=[],
        time_zone="UTC",
        locale="en",
        **money,
        **period,
    )
    line = make(
        mark,
        billing.InvoiceLine,
        organization_id=organization_id,
        invoice=invoice,
        kind=billing.InvoiceLine.Kind.MANUAL,
        quantity=1,
        precise=2900,
        amount=2900,
        net=2900,
        **period,
    )
    invoice.number, invoice.state = f"{mark.word}-INV", billing.InvoiceState.OPEN
    invoice.issued_at = invoice.due_at = now()
    invoice.save()
    note = make(
        mark,
        billing.CreditNote,
        organization_id=organization_id,
        invoice=invoice,
        net=2900,
        to_invoice=2900,
        **money,
    )
    make(
        mark,
        billing.CreditNoteLine,
        organization_id=organization_id,
        credit_note=note,
        line=line,
        net=2900,
        tax=0,
    )
    return {"invoice_id": invoice.id, "credit_note_id": note.id}


def _party(mark: Mark) -> dict[str, object]:
    return {"name": mark.text("party"), "address": {}, "country": "DE", "vat_id": ""}


def _owed(mark: Mark, organization_id: UUID, people: dict[str, Person]) -> dict[str, object]:
    """Have a card, and an invoice whose payment waits to be confirmed."""
    of = {"organization_id": organization_id}
    make(mark, billing.PaymentMethod, provider="test", is_default=True, **of)
    method = make(mark, billing.PaymentMethod, provider="test", **of)
    invoice = make(
        mark,
        billing.Invoice,
        state=billing.InvoiceState.OPEN,
        cause=billing.Invoice.Cause.MANUAL,
        currency="EUR",
        subtotal=2900,
        total=2900,
        period_start=now(),
        period_end=now() + timedelta(days=30),
        issued_at=now(),
        **of,
    )
    amount = {"amount": 2900, "currency": "EUR"}
    waiting = billing.ChargeStatus.REQUIRES_ACTION
    charge = make(mark, billing.OfflineCharge, status=waiting, **amount)
    payment = make(
        mark,
        billing.PaymentIntent,
        account_id=people["owner"].account.id,
        invoice=invoice,
        plan="",
        provider="test",
        state=billing.PaymentState.REQUIRES_ACTION,
        reference=str(charge.id),
        expires_at=now() + timedelta(hours=23),
        **amount,
        **of,
    )
    make(
        mark,
        billing.Dunning,
        invoice=invoice,
        started_at=now(),
        next_at=now() + timedelta(days=1),
        **of,
    )
    return {
        "payment_method": method.id,
        "open_invoice": invoice.id,
        "waiting_payment": payment.id,
    }


def _changing(mark: Mark, subscription: billing.Subscription) -> None:
    """Have the plan end with its period, and a discount on it."""
    of = {"organization_id": subscription.organization_id}
    make(
        mark,
        billing.ScheduledChange,
        subscription=subscription,
        kind=billing.ScheduledChange.Kind.CANCEL,
        change={"plan": "free", "reason": mark.text("reason")},
        due_at=subscription.period_end,
        **of,
    )
    coupon = make(
        mark,
        billing.Coupon,
        percent=10,
        amounts={},
        duration=billing.Coupon.Duration.ONCE,
        products=[],
    )
    make(mark, billing.CouponRedemption, coupon=coupon, **of)


def _used(mark: Mark, organization_id: UUID) -> None:
    """Have usage counted, and a feature granted, used up and held."""
    of = {"organization_id": organization_id}
    meter = billing.Meter.objects.get(name="api-calls")
    amounts = {"count": 1, "sum": 1, "max": 1, "last": 1}
    make(mark, billing.UsageEvent, meter=meter, value=1, **of)
    make(mark, billing.UsageBucket, meter=meter, **amounts, **of)
    make(mark, billing.Grant, amount=10, remaining=10, **of)
    make(mark, billing.Consumption, **of)
    make(mark, billing.Allocation, amount=1, state=billing.Allocation.State.SETTLED, **of)


def _booked(mark: Mark, organization_id: UUID) -> None:
    of = {"organization_id": organization_id}
    kind = billing.PostingGroup.Kind.INVOICE
    group = make(mark, billing.PostingGroup, kind=kind, **of)
    accounts = billing.LedgerAccount
    for account, amount in ((accounts.RECEIVABLE, 2900), (accounts.REVENUE, -2900)):
        make(
            mark,
            billing.Posting,
            group=group,
            account=account,
            currency="EUR",
            amount=amount,
            **of,
        )


def _told_by_the_provider(
    mark: Mark,
    organization_id: UUID,
    payment: billing.PaymentIntent,
    charge: billing.OfflineCharge,
) -> None:
    """Have money sent back and held back, and both in the provider's book."""
    of = {"organization_id": organization_id}
    customer = make(mark, billing.OfflineCustomer)
    make(mark, billing.ProviderCustomer, provider="test", reference=str(customer.id), **of)
    make(mark, billing.OfflineMethod, customer=customer)
    refund = make(mark, billing.Refund, intent=payment, amount=100, **of)
    succeeded = {"state": billing.RefundState.SUCCEEDED, "settled_at": now()}
    billing.Refund.objects.filter(id=refund.id).update(**succeeded)
    key, status = refund.idempotency_key, billing.RefundState.SUCCEEDED
    make(
        mark,
        billing.OfflineRefund,
        idempotency_key=key,
        charge=charge,
        amount=100,
        status=status,
    )
    make(mark, billing.OfflineDispute, charge=charge)
    make(mark, billing.OfflineEvent, delivered_at=now())
    make(mark, billing.Dispute, intent=payment, provider="test", amount=2900, **of)
    make(
        mark,
        billing.ProviderEvent,
        provider="test",
        state=billing.ProviderEvent.State.APPLIED,
        settled_at=now(),
    )
    make(mark, billing.Finding, kind=billing.Finding.Kind.STATUS, **of)
