"""Worked examples as calls of the real modules.

An example says what is `given`; each function here answers with everything it can say about such
a one, by the names that `expected` uses.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from domains.billing.services.arithmetic import (
    Amount,
    AmountOff,
    CreditLine,
    Cycle,
    Flat,
    Graduated,
    GraduatedPercentage,
    Interval,
    IntervalUnit,
    Package,
    Percentage,
    Period,
    PerUnit,
    RateTier,
    Resolution,
    TaxableLine,
    TaxRate,
    Tier,
    Volume,
    add_tax,
    credit,
    credit_note,
    discount,
    prorate,
    share,
)

FILES = Path(__file__).parent.parent / "golden"
RESTARTED = re.compile("anew|in full|monthly to yearly|yearly to monthly")
PARIS = "Europe/Paris"  # whose days are not all of 24 hours


def cases():
    """Yield every example of every file."""
    for file in sorted(FILES.glob("*.json")):
        yield from json.loads(file.read_text("utf-8"), parse_float=Decimal)["cases"]


def outcome(kind, given):
    """Return what the modules make of the example."""
    if "changed_at" in given:
        return change(given)
    if "fees" in given:
        return coupon(given)
    if kind == "credit note":
        return noted(given)
    if "days" in given:
        return used_days(given)
    return usage(kind, given)


def change(given):
    whole = Period(start=instant(given["period_start"]), end=instant(given["period_end"]))
    rest = Period(start=instant(given["changed_at"]), end=whole.end)
    unused = share(period=whole, used=rest, resolution=Resolution.SECOND, time_zone="UTC")
    due = Fraction(1) if RESTARTED.search(given.get("note", "")) else unused
    charged = Amount.of(given["old_amount"])
    value = prorate(amount=charged.precise, share=unused)
    return {
        "credit": credit(value=value, left=charged).rounded,
        "debit": Amount.of(prorate(amount=given["new_amount"], share=due)).rounded,
    }


def used_days(given):
    fee = Amount.of(prorate(amount=given["amount"], share=share_of_days(given)))
    taxed = add_tax(lines=[line(fee, given.get("tax_rate", "0"))])
    return {"fee": fee.rounded, "tax": taxed.tax.rounded, "total": taxed.gross.rounded}


def noted(given):
    charged = line(Amount.of(given["amount"]), given["tax_rate"])
    (invoiced,) = add_tax(lines=[charged]).lines
    value = prorate(amount=given["amount"], share=share_of_days(given))
    note = credit_note(lines=[CreditLine(value=value, left=invoiced)])
    return {
        "credit": note.net.rounded,
        "tax": note.tax.rounded,
        "total": note.gross.rounded,
        "invoice_tax": invoiced.tax.rounded,
    }


def coupon(given):
    fees = [Amount.of(fee) for fee, _ in given["fees"]]
    off = discount(lines=fees, coupon=AmountOff(amount=given["coupon"]))
    rates = [rate for _, rate in given["fees"]]
    taxed = add_tax(lines=[line(fee, rate) for fee, rate in zip(off.off(fees), rates, strict=True)])
    return {
        "coupon_used": off.amount.rounded,
        "shares": [part.rounded for part in off.shares],
        "taxes": [each.tax.rounded for each in taxed.lines],
        "tax": taxed.tax.rounded,
        "total": taxed.gross.rounded,
    }


def usage(kind, given):
    quantity = given.get("quantity", given.get("seats", given.get("amount")))
    charge = price(kind, given).charge(quantity=quantity)
    base = Flat(amount=given.get("base", 0)).charge(quantity=1)
    return {"total": (base.amount + charge.amount).rounded}


def price(kind, given):
    if "package_size" in given:
        return Package(
            size=given["package_size"],
            amount=given["package_amount"],
            free_units=given.get("free_units", 0),
        )
    if "rate" in given:
        flat, free = given.get("flat_amount", 0), given.get("free_amount", 0)
        return Percentage(rate=given["rate"], flat_amount=flat, free_amount=free)
    if "unit_amount" in given:
        return PerUnit(unit_amount=given["unit_amount"], free_units=given.get("free_units", 0))
    if "percentage" in kind:
        return GraduatedPercentage(tiers=tiers(RateTier, "rate", given))
    return (Volume if "volume" in kind else Graduated)(tiers=tiers(Tier, "unit_amount", given))


def tiers(kind, priced_by, given):
    names = ("up_to", priced_by, "flat_amount")
    return [kind(**dict(zip(names, tier, strict=False))) for tier in given["tiers"]]


def share_of_days(given):
    """Return the share by local days, or of a month of 30 days where no length is given."""
    resolution = Resolution.DAY if "of" in given else Resolution.THIRTY_DAY_MONTH
    whole = days(given["of"]) if "of" in given else JUNE.period(0)
    used = Period(start=whole.start, end=days(given["days"]).end)
    return share(period=whole, used=used, resolution=resolution, time_zone=PARIS)


def days(count):
    """Return so many local days, from 1 June on."""
    if not count:
        return Period(start=JUNE.anchor, end=JUNE.anchor)
    every = Interval(unit=IntervalUnit.DAY, count=count)
    return Cycle(anchor=JUNE.anchor, interval=every, time_zone=PARIS).period(0)


def line(amount, rate):
    return TaxableLine(amount=amount, rate=TaxRate(rate=Decimal(rate)))


def instant(text):
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


JUNE = Cycle(
    anchor=datetime(2025, 5, 31, 22, tzinfo=UTC),
    interval=Interval(unit=IntervalUnit.MONTH),
    time_zone=PARIS,
)
