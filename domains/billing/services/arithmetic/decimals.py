"""Numbers of prices, tax rates and coupons: exact, not negative, and never a float."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

from domains.billing.services.arithmetic.money import PLACES


def _no_float(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError("is a string or a whole number, not a float")  # noqa: TRY004  pydantic's
    return value


# In JSON a string: RFC 8259, 6 lets readers make a float of a number.
Number = Annotated[
    Decimal,
    BeforeValidator(_no_float),
    Field(ge=0, max_digits=30, decimal_places=PLACES),
    PlainSerializer(lambda number: format(number, "f"), return_type=str, when_used="json"),
]
Rate = Annotated[Number, Field(le=1)]  # 0.20 is 20 %


def is_rate(value: object) -> bool:
    """Return whether the value is a Decimal from 0 to 1."""
    return isinstance(value, Decimal) and value.is_finite() and 0 <= value <= 1
