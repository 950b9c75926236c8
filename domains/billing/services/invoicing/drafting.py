"""What an invoice comes to: pure computing, of which preview and commit are two uses.

Lines are rounded once; discounts are divided over the charges they are for; taxes are computed by
rate on the precise total. A line that credits an earlier one is taxed as that was, never beyond
what is left of it. What the credits are more than the charges goes to the customer's balance, so
no total is negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from domains.billing.services.arithmetic import (
    Amount,
    Coupon,
    CreditLine,
    TaxableLine,
    Taxed,
    TaxRate,
    compute_tax,
    credit_note,
    discount,
)
from domains.billing.services.invoicing.taxes import TaxDecisions


@dataclass(frozen=True, kw_only=True)
class LineInput:
    """Something to charge, or to credit: `precise` is in minor units, negative for a credit.

    With `reverses`, it credits that line of an earlier invoice: `precise` is then without tax, and
    `left` is what is left of that line (`crediting.left_of`). `details` are plain JSON.
    """

    kind: str
    description: str
    product: str
    price_id: UUID | None
    quantity: Decimal
    precise: Decimal
    tax_inclusive: bool
    tax_category: str
    period_start: datetime
    period_end: datetime
    reverses: UUID | None = None
    left: Taxed | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DiscountInput:
    """A coupon of a customer, for the products named (none: for all)."""

    redemption_id: UUID
    title: str
    coupon: Coupon
    products: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """A line as it will stand in the invoice; `amount` and `discount` with tax, if it is in them.

    `net` is after the discount, without tax; `precise` is `amount` before it was rounded.
    """

    kind: str
    description: str
    product: str
    price_id: UUID | None
    quantity: Decimal
    precise: Decimal
    amount: int
    tax_inclusive: bool
    tax_category: str
    discount: int
    net: int
    tax_rate: Decimal
    tax_reason: str
    tax: int
    period_start: datetime
    period_end: datetime
    reverses: UUID | None
    details: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class DraftTax:
    """All that is taxed at one rate in one country, or not for one reason."""

    country: str
    rate: Decimal
    reason: str
    base: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class InvoiceDraft:
    """An invoice before it is one, in minor units: total = subtotal - discount + tax + to_balance.

    Subtotal and discount are without tax. `redemption_ids` are the coupons that it used.
    """

    currency: str
    lines: tuple[DraftLine, ...]
    taxes: tuple[DraftTax, ...]
    redemption_ids: tuple[UUID, ...]
    subtotal: int
    discount: int
    tax: int
    to_balance: int
    total: int

    def to_json(self) -> dict[str, Any]:
        """Return the draft as plain JSON, without any loss."""
        plain: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> InvoiceDraft:
        """Return what `to_json` was given; raise `ValueError` for anything else."""
        return _ADAPTER.validate_python(plain)


_ADAPTER: TypeAdapter[InvoiceDraft] = TypeAdapter(InvoiceDraft)


def draft(
    *,
    currency: str,
    lines: Sequence[LineInput],
    discounts: Sequence[DiscountInput] = (),
    taxing: TaxDecisions,
) -> InvoiceDraft:
    """Return what the lines come to, less the discounts in the order given, with taxes.

    Raises `ValueError` for a line that reverses another without saying what is left of it.
    """
    return _Computation(lines, discounts, taxing).draft(currency)


class _Computation:
    """The steps from lines to a draft; every list is in the order of the lines."""

    def __init__(
        self, lines: Sequence[LineInput], discounts: Sequence[DiscountInput], taxing: TaxDecisions
    ) -> None:
        self.lines = lines
        self.taxing = taxing
        self.amounts = [Amount.of(line.precise) for line in lines]
        self.left = list(self.amounts)
        self.used = [each.redemption_id for each in discounts if self._take_off(each)]

    def draft(self, currency: str) -> InvoiceDraft:
        net = sum(line.net.rounded for line in self.taxed)
        taxes = sum(line.tax.rounded for line in self.taxed)
        subtotal = sum(line.net.rounded for line in self.undiscounted)
        return InvoiceDraft(
            currency=currency,
            lines=tuple(self._line(i) for i in range(len(self.lines))),
            taxes=self._totals(),
            redemption_ids=tuple(self.used),
            subtotal=subtotal,
            discount=subtotal - net,
            tax=taxes,
            to_balance=max(-net - taxes, 0),
            total=max(net + taxes, 0),
        )

    def _take_off(self, given: DiscountInput) -> bool:
        """Take the coupon off what is left; return whether that was anything."""
        nothing = Amount.of(0)
        for_all = not given.products
        its = [
            amount if for_all or line.product in given.products else nothing
            for line, amount in zip(self.lines, self.left, strict=True)
        ]
        taken = discount(lines=its, coupon=given.coupon)
        self.left = taken.off(self.left)
        return taken.amount.rounded > 0

    @cached_property
    def rates(self) -> list[TaxRate]:
        return [
            line.left.rate if line.left else self.taxing.of(line.tax_category).rate
            for line in self.lines
        ]

    @cached_property
    def taxed(self) -> list[Taxed]:
        return self._tax(self.left)

    @cached_property
    def undiscounted(self) -> list[Taxed]:
        return self._tax(self.amounts) if self.used else self.taxed

    def _tax(self, amounts: Sequence[Amount]) -> list[Taxed]:
        credits_ = [i for i, line in enumerate(self.lines) if line.reverses]
        charges = [i for i, line in enumerate(self.lines) if not line.reverses]
        charged = compute_tax(lines=[self._taxable(i, amounts[i]) for i in charges])
        credited = credit_note(lines=[self._credit(i) for i in credits_])
        result = dict(zip(charges, charged.lines, strict=True))
        result |= {
            i: Taxed(rate=line.rate, net=-line.net, tax=-line.tax)
            for i, line in zip(credits_, credited.lines, strict=True)
        }
        return [result[i] for i in range(len(self.lines))]

    def _taxable(self, i: int, amount: Amount) -> TaxableLine:
        return TaxableLine(amount=amount, rate=self.rates[i], inclusive=self.lines[i].tax_inclusive)

    def _credit(self, i: int) -> CreditLine:
        line = self.lines[i]
        if line.left is None or line.tax_inclusive:
            raise ValueError("A credit is without tax, and says what is left of what it reverses.")
        return CreditLine(value=-line.precise, left=line.left)

    def _line(self, i: int) -> DraftLine:
        line, taxed = self.lines[i], self.taxed[i]
        amount = taxed.net if line.reverses else self.amounts[i]
        return DraftLine(
            kind=line.kind,
            description=line.description,
            product=line.product,
            price_id=line.price_id,
            quantity=line.quantity,
            precise=amount.precise,
            amount=amount.rounded,
            tax_inclusive=line.tax_inclusive,
            tax_category=line.tax_category,
            discount=(self.amounts[i] - self.left[i]).rounded,
            net=taxed.net.rounded,
            tax_rate=taxed.rate.rate,
            tax_reason=taxed.rate.reason,
            tax=taxed.tax.rounded,
            period_start=line.period_start,
            period_end=line.period_end,
            reverses=line.reverses,
            details=dict(line.details),
        )

    def _totals(self) -> tuple[DraftTax, ...]:
        totals: dict[tuple[str, TaxRate], list[int]] = {}
        for line, taxed in zip(self.lines, self.taxed, strict=True):
            country = self.taxing.of(line.tax_category).country
            sums = totals.setdefault((country, taxed.rate), [0, 0])
            sums[0] += taxed.net.rounded
            sums[1] += taxed.tax.rounded
        return tuple(
            DraftTax(country=country, rate=rate.rate, reason=rate.reason, base=base, amount=amount)
            for (country, rate), (base, amount) in totals.items()
        )
