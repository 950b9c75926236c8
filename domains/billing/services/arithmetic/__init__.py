"""Billing's arithmetic: pure functions of numbers and times.

No database, no Django, no clock, no I/O: what is needed is passed in. A test holds it to that.
In the order in which an invoice is made:

- `periods`: `Cycle.period_at` says which period an instant is in (`local_time`: DST);
- `pricing`: `from_terms` reads a price, `charge(quantity=…)` says what a quantity costs;
- `proration`: `share` and `prorate` for a part of a period;
- `discounts`: `discount_all` takes coupons off the lines;
- `tax`: `compute_tax` of net and gross lines, by rate (`add_tax`, `extract_tax`: of one kind);
- `credits`: `credit_note` gives back lines with their tax, `credit_gross` so much with it;
- `money`: `Money`, `Amount` (precise and rounded), rounding; `allocation`: parts that sum up.

All lines of a call are of one currency; `Money` is where currencies meet. ADR 0100 says why.
"""

from domains.billing.services.arithmetic.allocation import allocate, amounts_of, apportion
from domains.billing.services.arithmetic.charges import Charge, Part
from domains.billing.services.arithmetic.credits import (
    CreditLine,
    credit,
    credit_gross,
    credit_note,
)
from domains.billing.services.arithmetic.discounts import (
    AmountOff,
    Coupon,
    Discount,
    PercentOff,
    discount,
    discount_all,
)
from domains.billing.services.arithmetic.local_time import TimeZoneUnknown, end_of_day
from domains.billing.services.arithmetic.money import (
    PLACES,
    Amount,
    CurrencyMismatch,
    CurrencyUnknown,
    Exact,
    Money,
    minor_unit,
    precise,
    round_half_up,
)
from domains.billing.services.arithmetic.periods import (
    Alignment,
    Cycle,
    Interval,
    IntervalUnit,
    Period,
)
from domains.billing.services.arithmetic.pricing import (
    Flat,
    Graduated,
    GraduatedPercentage,
    Package,
    Percentage,
    PerUnit,
    PriceModel,
    TermsInvalid,
    Volume,
    from_terms,
    to_terms,
)
from domains.billing.services.arithmetic.proration import (
    Resolution,
    days,
    prorate,
    seconds,
    share,
    split,
)
from domains.billing.services.arithmetic.tax import (
    TaxableLine,
    Taxation,
    Taxed,
    TaxRate,
    add_tax,
    compute_tax,
    extract_tax,
)
from domains.billing.services.arithmetic.tiers import RateTier, Tier

__all__ = [
    "PLACES",
    "Alignment",
    "Amount",
    "AmountOff",
    "Charge",
    "Coupon",
    "CreditLine",
    "CurrencyMismatch",
    "CurrencyUnknown",
    "Cycle",
    "Discount",
    "Exact",
    "Flat",
    "Graduated",
    "GraduatedPercentage",
    "Interval",
    "IntervalUnit",
    "Money",
    "Package",
    "Part",
    "PerUnit",
    "PercentOff",
    "Percentage",
    "Period",
    "PriceModel",
    "RateTier",
    "Resolution",
    "TaxRate",
    "TaxableLine",
    "Taxation",
    "Taxed",
    "TermsInvalid",
    "Tier",
    "TimeZoneUnknown",
    "Volume",
    "add_tax",
    "allocate",
    "amounts_of",
    "apportion",
    "compute_tax",
    "credit",
    "credit_gross",
    "credit_note",
    "days",
    "discount",
    "discount_all",
    "end_of_day",
    "extract_tax",
    "from_terms",
    "minor_unit",
    "precise",
    "prorate",
    "round_half_up",
    "seconds",
    "share",
    "split",
    "to_terms",
]
