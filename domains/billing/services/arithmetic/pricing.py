"""Price models: what a quantity costs.

Amounts are in minor units and may be fractions of one; quantities may be fractions, too. All are
`Decimal`, `int` or such a number as text, not negative, with up to 12 decimals (`decimals`).
A charge is exact, and rounded once when its `amount` is asked. Nothing used costs nothing, whatever
flat amounts there are; only `Flat` is due anyway. In JSON (`to_terms`) a price is such as

    {"model": "graduated", "tiers": [{"up_to": "5", "unit_amount": "10", "flat_amount": "0"},
                                     {"up_to": null, "unit_amount": "7.5", "flat_amount": "0"}]}
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from domains.billing.services.arithmetic.charges import Charge, Part
from domains.billing.services.arithmetic.decimals import Number, Rate
from domains.billing.services.arithmetic.money import EXACT
from domains.billing.services.arithmetic.tiers import RateTiers, Tiers, graduated, reached

_ZERO = Decimal(0)
_QUANTITY: TypeAdapter[Decimal] = TypeAdapter(Number)


class TermsInvalid(ValueError):
    """Such a price can't be charged.

    `problems` are pairs of a JSON pointer (RFC 6901) into the terms and what is wrong there.
    """

    def __init__(self, error: ValidationError) -> None:
        self.problems = tuple(
            # A place begins with the model, which is no step into the terms.
            ("".join(f"/{step}" for step in problem["loc"][1:]), problem["msg"])
            for problem in error.errors(include_url=False)
        )
        super().__init__("; ".join(f"{pointer}: {text}" for pointer, text in self.problems))


class _Price(BaseModel, ABC):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def charge(self, *, quantity: Decimal | int) -> Charge:
        """Return what the quantity costs; raise `ValueError` if it is negative or no number."""
        try:
            wanted = _QUANTITY.validate_python(quantity)
        except ValidationError as error:
            raise ValueError(f"{quantity!r} is no quantity.") from error
        with localcontext(EXACT):
            return Charge(parts=tuple(self._parts(wanted)))

    @abstractmethod
    def _parts(self, quantity: Decimal) -> Iterator[Part]: ...


class Flat(_Price):
    """The same amount, whatever is used."""

    model: Literal["flat"] = "flat"
    amount: Number

    def _parts(self, quantity: Decimal) -> Iterator[Part]:
        yield Part(quantity=Decimal(1), unit_amount=self.amount)


class PerUnit(_Price):
    """An amount for each unit, or seat, beyond the free ones."""

    model: Literal["per_unit"] = "per_unit"
    unit_amount: Number
    free_units: Number = _ZERO

    def _parts(self, quantity: Decimal) -> Iterator[Part]:
        yield from _free(quantity, self.free_units)
        if quantity > self.free_units:
            yield Part(quantity=quantity - self.free_units, unit_amount=self.unit_amount)


class Graduated(_Price):
    """Each unit at the price of the tier that this unit is in."""

    model: Literal["graduated"] = "graduated"
    tiers: Tiers

    def _parts(self, quantity: Decimal) -> Iterator[Part]:
        yield from graduated(self.tiers, quantity)


class Volume(_Price):
    """All units at the price of the tier that the whole quantity is in."""

    model: Literal["volume"] = "volume"
    tiers: Tiers

    def _parts(self, quantity: Decimal) -> Iterator[Part]:
        if quantity:
            yield reached(self.tiers, quantity).part(quantity)


class Package(_Price):
    """An amount for each package of `size` units begun, beyond the free units."""

    model: Literal["package"] = "package"
    size: Annotated[Number, Field(gt=0)]
    amount: Number
    free_units: Number = _ZERO

    def _parts(self, quantity: Decimal) -> Iterator[Part]:
        yield from _free(quantity, self.free_units)
        if quantity > self.free_units:
            yield Part(quantity=self._packages(quantity), unit_amount=self.amount)

    def _packages(self, quantity: Decimal) -> Decimal:
        packages, rest = divmod(quantity - self.free_units, self.size)
        return packages + 1 if rest else packages


class Percentage(_Price):
    """A rate (0.05 is 5 %) of an amount of minor units beyond the free ones, and a flat amount."""

    model: Literal["percentage"] = "percentage"
    rate: Rate
    flat_amount: Number = _ZERO
    free_amount: Number = _ZERO

    def _parts(self, quantity: Decimal) -> Iterator[Part]:
        yield from _free(quantity, self.free_amount)
        if quantity > self.free_amount:
            yield Part(
                quantity=quantity - self.free_amount,
                unit_amount=self.rate,
                flat_amount=self.flat_amount,
            )


class GraduatedPercentage(_Price):
    """Each minor unit of an amount at the rate of the tier that it is in."""

    model: Literal["graduated_percentage"] = "graduated_percentage"
    tiers: RateTiers

    def _parts(self, quantity: Decimal) -> Iterator[Part]:
        yield from graduated(self.tiers, quantity)


PriceModel: TypeAlias = (
    Flat | PerUnit | Graduated | Volume | Package | Percentage | GraduatedPercentage
)
_TERMS: TypeAdapter[PriceModel] = TypeAdapter(Annotated[PriceModel, Field(discriminator="model")])


def from_terms(terms: Mapping[str, Any]) -> PriceModel:
    """Return the price model of the terms (JSON); raise `TermsInvalid`."""
    try:
        return _TERMS.validate_python(terms)
    except ValidationError as error:
        raise TermsInvalid(error) from error


def to_terms(model: PriceModel) -> dict[str, Any]:
    """Return the terms of the price model as JSON: numbers as strings, every field present."""
    return model.model_dump(mode="json")


def _free(quantity: Decimal, free: Decimal) -> Iterator[Part]:
    if free and quantity:
        yield Part(quantity=min(quantity, free), unit_amount=_ZERO)
