"""What is due of dunning: the payment tried again, a reminder, or the end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings

from domains.billing.contract.payment_events import DunningEnded, PaymentReminded
from domains.billing.models import Dunning, InvoiceState, PaymentMethod
from domains.billing.services.customers import lock_customer
from domains.billing.services.payments import dunning, intents, methods, providers
from domains.billing.services.payments.declines import METHOD_MISSING, OVERDUE
from domains.billing.services.subscriptions import paying
from domains.billing.services.subscriptions.ending import end_unpaid, find_live
from kernel.db import transaction
from kernel.events import publish
from kernel.jobs import ring

ADVANCED_AT_ONCE = 2000


def find_due(*, now: datetime) -> list[UUID]:
    """Return the organizations of which a step is due, the oldest first."""
    due = Dunning.objects.everywhere().filter(ended_at=None, next_at__lte=now)
    owners = due.order_by("next_at").values_list("organization_id", flat=True)
    return list(dict.fromkeys(owners[:ADVANCED_AT_ONCE]))


def advance(*, organization_id: UUID, now: datetime) -> None:
    """Take the steps that are due of the organization; repeatable, and safe at once."""
    with transaction("billing"):
        lock_customer(organization_id=organization_id, now=now)
        mine = Dunning.objects.within(organization_id).filter(ended_at=None, next_at__lte=now)
        for row in mine.select_related("invoice", "method").order_by("invoice_id"):
            _advance(row, now)


def _advance(row: Dunning, now: datetime) -> None:
    if row.invoice.state != InvoiceState.OPEN:
        _finish_settled(row, now)
    elif intents.find_open(organization_id=row.organization_id) is not None:
        row.next_at = now + dunning.ANOTHER_PAYMENT_FIRST
        row.save(update_fields=["next_at"])
    elif row.started_at is None:
        _try_first(row, now)
    elif row.is_out_of_turn:
        _schedule(row, row.started_at)
        _try_again(row, now)
    elif row.step >= len(settings.DUNNING_DAYS):
        _end(row, now)
    else:
        row.step += 1
        _schedule(row, row.started_at)
        if not _try_again(row, now):
            _remind(row)


def _finish_settled(row: Dunning, now: datetime) -> None:
    paid = row.invoice.state == InvoiceState.PAID
    dunning.finish(
        organization_id=row.organization_id,
        invoice_id=row.invoice_id,
        outcome=Dunning.Outcome.PAID if paid else Dunning.Outcome.SETTLED,
        now=now,
    )


def _schedule(row: Dunning, started_at: datetime) -> None:
    row.next_at = dunning.step_due_at(started_at=started_at, step=row.step)
    row.is_out_of_turn = False
    row.save(update_fields=["step", "next_at", "is_out_of_turn"])


def _try_first(row: Dunning, now: datetime) -> None:
    """Charge an invoice that waited for another payment; one that can't be charged is overdue."""
    method = _method_of(row)
    if method is not None:
        row.next_at = now + dunning.ANOTHER_PAYMENT_FIRST
        row.save(update_fields=["next_at"])
        _open(row, method, now)
        return
    reason = METHOD_MISSING if providers.takes_money() else OVERDUE
    dunning.record_failure(invoice=row.invoice, reason=reason, method=None, now=now)
    paying.fall_behind(invoice=row.invoice, now=now)


def _try_again(row: Dunning, now: datetime) -> bool:
    """Charge the default method; return False if there is none for which that makes sense."""
    method = _method_of(row)
    if method is None or (row.is_hard and method.id == row.method_id):
        return False
    _open(row, method, now)
    return True


def _method_of(row: Dunning) -> PaymentMethod | None:
    return methods.defaults_of(organization_ids=[row.organization_id]).get(row.organization_id)


def _open(row: Dunning, method: PaymentMethod, now: datetime) -> None:
    intents.open_intent(
        organization_id=row.organization_id,
        account_id=None,
        invoice=row.invoice,
        amount=row.invoice.due,
        currency=row.invoice.currency,
        payment_method=method.reference,
        off_session=True,
        now=now,
    )
    ring("billing.carry_out_due_payments")


def _remind(row: Dunning) -> None:
    publish(
        PaymentReminded(
            **dunning.facts_of(row.invoice), reason=row.reason, step=row.step, next_at=row.next_at
        )
    )


def _end(row: Dunning, now: datetime) -> None:
    """Give the invoice up, and do with its subscription what the policy says."""
    dunning.finish(
        organization_id=row.organization_id,
        invoice_id=row.invoice_id,
        outcome=Dunning.Outcome.EXHAUSTED,
        now=now,
    )
    publish(DunningEnded(**dunning.facts_of(row.invoice), policy=settings.DUNNING_END))
    subscription = find_live(organization_id=row.organization_id)
    if subscription is not None and subscription.id == row.invoice.subscription_id:
        end_unpaid(subscription=subscription, policy=settings.DUNNING_END, now=now)
