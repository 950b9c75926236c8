"""An organization's billing in the future: the real engine on a clock of its own, then undone.

All of it happens in one transaction that is rolled back, so nothing is kept, told or rung. Money is
moved by nobody: known cards of the offline provider do what they do, any other one pays.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

from django.conf import settings
from django.db.models import Min, QuerySet, Value
from django.db.models.functions import Coalesce

from domains.billing.contract.data import SimulatedStep
from domains.billing.contract.errors import PaymentProviderUnavailable
from domains.billing.contract.permissions import SUBSCRIPTION_READ, SUBSCRIPTION_WRITE
from domains.billing.models import (
    OPEN_STATES,
    Dunning,
    Invoice,
    PaymentIntent,
    PaymentState,
    Subscription,
)
from domains.billing.services.arithmetic import Money
from domains.billing.services.customers import lock_customer
from domains.billing.services.invoicing import tax_answers
from domains.billing.services.payments import dunning_steps, intents, providers
from domains.billing.services.payments.offline import OfflineProvider
from domains.billing.services.payments.offline.cards import CARDS
from domains.billing.services.payments.port import Charge, ChargeRequest
from domains.billing.services.subscriptions import changing, renewal
from domains.billing.services.subscriptions.wishes import Wish
from kernel.db import transaction
from kernel.ids import uuid7
from kernel.principal import Principal

GOOD_CARD = "pm_card_visa"
DEMO_PLAN = "pro"
ASKED_AGAIN_AFTER = timedelta(hours=1)


class _Undone(Exception):
    """Everything in the transaction was for show."""


class _Pretended(OfflineProvider):
    """Stands in for the provider of the settings, and has unknown cards pay."""

    def __init__(self) -> None:
        self.name = settings.PAYMENT_PROVIDER

    def charge(self, request: ChargeRequest) -> Charge:
        card = request.payment_method if request.payment_method in CARDS else GOOD_CARD
        return super().charge(replace(request, payment_method=card))


def simulate(
    *, organization_id: UUID | None, until: datetime, now: datetime
) -> list[SimulatedStep]:
    """Return what will happen to the organization's subscription until the instant, in order.

    Invoices, attempts to have them paid and states are told; of usage to come nothing is known.
    None stands for a made-up organization that begins with a paid plan now. Nothing is changed.
    """
    told: list[SimulatedStep] = []
    pretended = providers.replaced_by(_Pretended())
    granted = tax_answers.taken_for_granted()
    with suppress(_Undone), pretended, granted, transaction("billing", final=False):
        owner = organization_id or _made_up(now)
        lock_customer(organization_id=owner, now=now)
        told += _Future(owner, now).until(until)
        _undo()
    return told


def _undo() -> NoReturn:
    raise _Undone


def _made_up(now: datetime) -> UUID:
    organization_id, account_id = uuid7(), uuid7()
    held = frozenset({SUBSCRIPTION_READ.name, SUBSCRIPTION_WRITE.name})
    changing.change_subscription(
        principal=Principal(
            kind="account",
            account_id=account_id,
            organization_id=organization_id,
            memberships={organization_id: held},
        ),
        wish=Wish(plan=DEMO_PLAN),
        payment_method=GOOD_CARD,
        now=now,
    )
    return organization_id


class _Future:
    """The clock, and what was told of the organization so far."""

    def __init__(self, organization_id: UUID, now: datetime) -> None:
        self.organization_id, self.now = organization_id, now
        self.told: set[tuple[UUID, str]] = set()

    def until(self, end: datetime) -> Iterator[SimulatedStep]:
        """Let happen what is due, instant by instant; yield what is new after each."""
        yield from self._news()
        while (at := self._next()) is not None and at <= end:
            self.now = max(self.now, at)
            self._let_happen()
            yield from self._news()

    def _next(self) -> datetime | None:
        """Return when something is due next; None if nothing ever is."""
        mine = Subscription.objects.within(self.organization_id)
        due = [
            mine.aggregate(at=Min("renews_at"))["at"],
            self._open_payments().aggregate(at=Min("due_at"))["at"],
            self._chased().aggregate(at=Min("next_at"))["at"],
        ]
        return min((at for at in due if at is not None), default=None)

    def _let_happen(self) -> None:
        renewal.catch_up(organization_id=self.organization_id, now=self.now)
        dunning_steps.advance(organization_id=self.organization_id, now=self.now)
        for intent in self._open_payments().filter(due_at__lte=self.now):
            self._carry_out(intent.id)

    def _carry_out(self, intent_id: UUID) -> None:
        with suppress(PaymentProviderUnavailable):
            intents.carry_out(
                organization_id=self.organization_id, intent_id=intent_id, now=self.now
            )
        later = Coalesce("expires_at", Value(self.now + ASKED_AGAIN_AFTER))
        self._open_payments().filter(id=intent_id).update(due_at=later)

    def _open_payments(self) -> QuerySet[PaymentIntent]:
        mine = PaymentIntent.objects.within(self.organization_id)
        return mine.filter(state__in=OPEN_STATES)

    def _chased(self) -> QuerySet[Dunning]:
        return Dunning.objects.within(self.organization_id).filter(ended_at=None)

    def _news(self) -> Iterator[SimulatedStep]:
        """Yield what was not told of yet."""
        for kind, row_id, text in (*self._invoices(), *self._attempts(), *self._states()):
            if (row_id, text) not in self.told:
                self.told.add((row_id, text))
                yield SimulatedStep(at=self.now, kind=kind, text=text)

    def _invoices(self) -> Iterator[tuple[str, UUID, str]]:
        rows = Invoice.objects.within(self.organization_id).exclude(number=None)
        for row in rows.order_by("id"):
            total = Money(amount=row.total, currency=row.currency)
            days = f"{row.period_start:%Y-%m-%d} to {row.period_end:%Y-%m-%d}"
            text = f"{row.number} ({row.cause}, {days}): {_shown(total)}, {row.state}"
            yield "invoice", row.id, text

    def _attempts(self) -> Iterator[tuple[str, UUID, str]]:
        rows = PaymentIntent.objects.within(self.organization_id).select_related("invoice")
        for row in rows.exclude(state=PaymentState.PENDING).order_by("id"):
            amount = _shown(Money(amount=row.amount, currency=row.currency))
            of = row.invoice.number if row.invoice else row.plan
            yield "payment", row.id, f"{amount} for {of}: {row.state} {row.reason}".strip()

    def _states(self) -> Iterator[tuple[str, UUID, str]]:
        rows = Subscription.objects.within(self.organization_id).order_by("id")
        for row in rows:
            days = f"{row.period_start:%Y-%m-%d} to {row.period_end:%Y-%m-%d}"
            yield "state", row.id, f"{row.state}, {days}"


def _shown(money: Money) -> str:
    return f"{money.major} {money.currency}"
