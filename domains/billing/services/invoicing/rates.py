"""The rates of value added tax that are shipped, by country and category of products."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

FILE = Path(__file__).resolve().parents[2] / "data" / "tax_rates.yaml"
STANDARD = "standard"

_Percent = Annotated[Decimal, Field(ge=0, le=100)]


class _Country(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    eu: bool = False
    # By category: from which day on which rate holds.
    rates: Mapping[str, Annotated[Mapping[date, _Percent], Field(min_length=1)]]


_Countries = TypeAdapter(Mapping[Annotated[str, Field(pattern="^[A-Z]{2}$")], _Country])


@cache
def _shipped() -> Mapping[str, _Country]:
    return _Countries.validate_python(yaml.safe_load(FILE.read_text()))


def is_in_eu(country: str) -> bool:
    """Return whether the country (ISO 3166-1 alpha-2) is in the EU's VAT area."""
    known = _shipped().get(country)
    return known is not None and known.eu


def rate_in(country: str, category: str, *, day: date) -> Decimal | None:
    """Return the category's rate in the country on the day (0.19 is 19 %).

    A category without a rate of its own has the standard one. None if the country's taxes aren't
    known here.
    """
    known = _shipped().get(country)
    if known is None:
        return None
    by_day = known.rates.get(category, known.rates[STANDARD])
    since = max((begun for begun in by_day if begun <= day), default=min(by_day))
    return by_day[since] / 100
