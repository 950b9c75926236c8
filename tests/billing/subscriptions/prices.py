"""Prices, and books without a database, for the tests of pure computing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.billing.services.arithmetic import (
    Amount,
    Flat,
    Interval,
    IntervalUnit,
    Period,
    PriceModel,
    Resolution,
    Taxed,
    TaxRate,
)
from domains.billing.services.catalogue import PriceTerms
from domains.billing.services.invoicing.drafting import InvoiceDraft, LineInput, draft
from domains.billing.services.invoicing.taxes import TaxDecision, TaxDecisions
from domains.billing.services.subscriptions.items import Charged, Item, Run, Schedule
from domains.billing.services.subscriptions.quoting import Outcome
from kernel.ids import uuid7

MONTH = Interval(unit=IntervalUnit.MONTH)
YEAR = Interval(unit=IntervalUnit.YEAR)
START = datetime(2025, 6, 1, tzinfo=UTC)
_RATE = TaxRate()
UNTAXED = TaxDecisions(by_category={"standard": TaxDecision(country="", rate=_RATE)})


def price(model: PriceModel, **options: Any) -> PriceTerms:
    """Return a price in euros: for a month, in advance, unless it is said otherwise."""
    product = options.get("product", "pro")
    values: dict[str, Any] = {
        "id": uuid7(),
        "name": product,
        "version": 1,
        "product": product,
        "title": product.capitalize(),
        "interval": MONTH,
        "billing": "advance",
        "quantity": "fixed",
        "meter": None,
        "resolution": Resolution.SECOND,
        "tax_inclusive": False,
        "tax_category": "standard",
        "currency": "EUR",
        "models": {"EUR": model},
    }
    return PriceTerms(**values | options)


def flat(amount: int, **options: Any) -> PriceTerms:
    """Return a price that is always the same."""
    return price(Flat(amount=Decimal(amount)), **options)


def item(
    terms: PriceTerms, quantity: int = 1, *, at: datetime = START, is_plan: bool = True
) -> Item:
    """Return an item that begins."""
    return Item(id=uuid7(), price=terms, is_plan=is_plan, quantity=quantity, started_at=at)


def schedule(start: datetime = START, interval: Interval = MONTH, zone: str = "UTC") -> Schedule:
    """Return a schedule."""
    return Schedule(anchor=start, interval=interval, time_zone=zone)


def total(lines: Iterable[LineInput]) -> InvoiceDraft:
    """Return the untaxed draft of the lines."""
    return draft(currency="EUR", lines=list(lines), taxing=UNTAXED)


@dataclass
class Books:
    """What one run was charged and credited, every invoice paid at once."""

    run: Run
    charged: list[Charged] = field(default_factory=list)
    credited: dict[UUID, int] = field(default_factory=dict)
    pending: tuple[LineInput, ...] = ()
    drafts: list[InvoiceDraft] = field(default_factory=list)

    @classmethod
    def begin(cls, outcome: Outcome) -> Books:
        """Return the books of a run that begins."""
        run = Run(
            currency="EUR",
            schedule=outcome.schedule,
            period=outcome.period,
            items=outcome.items,
        )
        books = cls(run=run)
        books.enter(outcome)
        return books

    def enter(self, outcome: Outcome) -> None:
        """Charge what the outcome says, and have the run be what it says."""
        self.charge(outcome.lines)
        self.pending = outcome.pending
        self.run = replace(
            self.run, schedule=outcome.schedule, period=outcome.period, items=outcome.items
        )
        self.run = replace(self.run, charged=tuple(map(self._present, self.charged)))

    def charge(self, lines: Iterable[LineInput]) -> None:
        """Enter an invoice of the lines."""
        document = total(self._with_what_is_left(lines))
        self.drafts.append(document)
        for line in document.lines:
            if line.reverses is not None:
                self.credited[line.reverses] = self.credited.get(line.reverses, 0) - line.net
            elif "item" in line.details and line.kind != "usage":
                self.charged.append(
                    Charged(
                        line_id=uuid7(),
                        item_id=UUID(line.details["item"]),
                        period=Period(start=line.period_start, end=line.period_end),
                        net=line.net,
                        left=_taxed(line.net),
                    )
                )

    @property
    def paid(self) -> int:
        """What was charged less what was credited, whether to a card or to the balance."""
        return sum(document.total - document.to_balance for document in self.drafts)

    def _present(self, charged: Charged) -> Charged:
        left = charged.net - self.credited.get(charged.line_id, 0)
        assert 0 <= left <= charged.net, "more was credited than was charged"
        return replace(charged, left=_taxed(left))

    def _with_what_is_left(self, lines: Iterable[LineInput]) -> Iterable[LineInput]:
        present = {each.line_id: self._present(each) for each in self.charged}
        for line in lines:
            yield replace(line, left=present[line.reverses].left) if line.reverses else line


def _taxed(net: int) -> Taxed:
    return Taxed(rate=_RATE, net=Amount.of(net), tax=Amount.of(0))
