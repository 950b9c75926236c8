"""A row of every kind of billing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from domains.billing import models
from domains.billing.services import catalogue
from domains.billing.services.invoicing import booking, ledger
from kernel.clock import now
from kernel.db import transaction

PRICE = {"amount": 2900, "currency": "EUR"}


def make(organization_id: UUID, account_id: UUID) -> None:
    """Make a row of every model of billing's, of the organization where it is of one."""
    of = {"organization_id": organization_id}
    catalogue.ensure_published()
    models.Customer.objects.create(plan="pro", created_at=now(), activated_at=now(), **of)
    models.ProviderCustomer.objects.create(
        provider="test", reference="cus_1", created_at=now(), **of
    )
    price = _of_catalogue(organization_id)
    invoice = _of_subscription(organization_id, account_id, price)
    _of_payments(organization_id, account_id, invoice)
    _of_usage(organization_id)


def _of_catalogue(organization_id: UUID) -> models.Price:
    digest = "0" * 64
    models.CatalogueRelease.objects.create(number=1_000, text="", digest=digest, published_at=now())
    product = models.Product.objects.create(name="anvil", kind="add_on", title="Anvil")
    models.Meter.objects.create(name="blows", title="Blows", aggregation="count")
    coupon = models.Coupon.objects.create(
        code="HALF", title="Half", percent=50, duration="forever", created_at=now()
    )
    models.CouponRedemption.objects.create(
        coupon=coupon, redeemed_at=now(), organization_id=organization_id
    )
    return models.Price.objects.create(
        product=product,
        name="anvil-monthly",
        version=1,
        interval_unit="month",
        billing="advance",
        quantity="fixed",
        resolution="second",
        currency="EUR",
        terms={},
        published_at=now(),
    )


def _of_subscription(
    organization_id: UUID, account_id: UUID, price: models.Price
) -> models.Invoice:
    of = {"organization_id": organization_id}
    period = {"period_start": now(), "period_end": now() + timedelta(days=30)}
    subscription = models.Subscription.objects.create(
        state="active",
        currency="EUR",
        account_id=account_id,
        time_zone="UTC",
        anchor_at=now(),
        interval_unit="month",
        interval_count=1,
        created_at=now(),
        **period,
        **of,
    )
    models.SubscriptionItem.objects.create(
        subscription=subscription,
        price=price,
        product="anvil",
        is_plan=False,
        started_at=now(),
        **of,
    )
    models.ScheduledChange.objects.create(
        subscription=subscription, kind="cancel", due_at=now(), created_at=now(), **of
    )
    invoice = models.Invoice.objects.create(
        subscription=subscription,
        state="draft",
        cause="renewal",
        currency="EUR",
        subtotal=2900,
        total=2900,
        created_at=now(),
        **period,
        **of,
    )
    line = models.InvoiceLine.objects.create(
        invoice=invoice,
        position=1,
        kind="recurring",
        description="Anvil",
        price=price,
        quantity=1,
        precise=2900,
        amount=2900,
        net=2900,
        **period,
        **of,
    )
    invoice.number, invoice.state, invoice.issued_at = "INV-1", "open", now()
    invoice.save()
    note = models.CreditNote.objects.create(
        invoice=invoice,
        number="CN-1",
        currency="EUR",
        net=100,
        tax=0,
        total=100,
        to_balance=100,
        reason="Late",
        issued_at=now(),
        **of,
    )
    models.CreditNoteLine.objects.create(credit_note=note, line=line, net=100, tax=0, **of)
    models.NumberSequence.objects.create(scope="tests", prefix="INV-")
    return invoice


def _of_payments(organization_id: UUID, account_id: UUID, invoice: models.Invoice) -> None:
    of = {"organization_id": organization_id}
    models.PaymentMethod.objects.create(
        provider="test", reference="pm_card_visa", account_id=account_id, created_at=now(), **of
    )
    intent = models.PaymentIntent.objects.create(
        account_id=account_id,
        invoice=invoice,
        plan="pro",
        provider="test",
        payment_method="pm_card_visa",
        created_at=now(),
        due_at=now(),
        **PRICE,
        **of,
    )
    models.Refund.objects.create(intent=intent, amount=100, created_at=now(), due_at=now(), **of)
    models.Dispute.objects.create(
        intent=intent, provider="test", reference="dp_1", amount=100, opened_at=now(), **of
    )
    models.ProviderEvent.objects.create(
        provider="test", event_id="evt_1", kind="charge", received_at=now(), due_at=now()
    )
    models.Dunning.objects.create(
        invoice=invoice, started_at=now(), next_at=now(), created_at=now(), **of
    )
    _of_offline_book()
    with transaction("billing"):
        ledger.post(groups=[booking.invoiced(invoice)], now=now())
    models.Transfer.objects.create(
        invoice=invoice,
        provider="manual",
        state="succeeded",
        created_at=now(),
        due_at=now(),
        settled_at=now(),
        **PRICE,
        **of,
    )
    models.Reconciliation.objects.create(
        provider="test", since=now(), until=now(), created_at=now()
    )
    models.Finding.objects.create(
        provider="test", kind="status", reference="ch_1", found_at=now(), **of
    )


def _of_offline_book() -> None:
    charge = models.OfflineCharge.objects.create(
        idempotency_key="first", status="succeeded", payment_method="pm_card_visa", **PRICE
    )
    customer = models.OfflineCustomer.objects.create(idempotency_key="first")
    models.OfflineMethod.objects.create(customer=customer, token="pm_card_visa")
    models.OfflineRefund.objects.create(
        idempotency_key="first", charge=charge, amount=100, status="succeeded"
    )
    models.OfflineDispute.objects.create(charge=charge)
    models.OfflineEvent.objects.create(kind="charge.succeeded", reference=str(charge.id))


def _of_usage(organization_id: UUID) -> None:
    of = {"organization_id": organization_id}
    meter = models.Meter.objects.get(name="blows")
    moment = {"occurred_at": now(), "counts_at": now(), "received_at": now()}
    models.UsageEvent.objects.create(event_id="1", meter=meter, **moment, **of)
    models.UsageBucket.objects.create(
        meter=meter, hour=now(), count=1, sum=1, max=1, last=1, last_at=now(), **of
    )
    feature = {"feature": "api_calls", **of}
    models.Grant.objects.create(
        amount=10, remaining=10, effective_at=now(), created_at=now(), **feature
    )
    models.Consumption.objects.create(period_start=now(), used=1, **feature)
    models.Allocation.objects.create(
        key="1", amount=1, state="reserved", period_start=now(), created_at=now(), **feature
    )
