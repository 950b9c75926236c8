"""Functions of an invented interface, exposed for the length of one test."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID, uuid4

from kernel.boundary import exposed
from kernel.boundary.operations import registry
from kernel.errors import Conflict, FieldError, Invalid, TooMany, ValidationFailed

DOMAIN = "billing"


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True)
class Part:
    id: UUID
    colour: Colour = Colour.RED


@dataclass(frozen=True, kw_only=True)
class Everything:
    """One of each type that may cross."""

    id: UUID
    text: str
    number: int
    ratio: float
    flag: bool
    price: Decimal
    made_at: datetime
    day: date
    colour: Colour
    part: Part
    maybe: Part | None = None
    parts: list[Part] = field(default_factory=list)
    names: tuple[str, ...] = ()
    pair: tuple[int, str] = (0, "")
    by_id: dict[UUID, Part] = field(default_factory=dict)
    by_number: dict[int, str] = field(default_factory=dict)


class PartMissing(Invalid):
    code = "sample.part_missing"
    title = "A part is missing"

    def __init__(self, part_id: UUID) -> None:
        super().__init__(f"The part {part_id} is missing.", pointer="/part", part_id=str(part_id))


class OutOfStock(Conflict):
    code = "sample.out_of_stock"
    title = "Nothing left"


def everything() -> Everything:
    """Return a value that uses every type, with the awkward cases of each."""
    part = Part(id=uuid4(), colour=Colour.BLUE)
    return Everything(
        id=uuid4(),
        text='naïve "quoted" \n \u2028 \U0001f600',
        number=2**70,
        ratio=0.1 + 0.2,
        flag=True,
        price=Decimal("1999.90"),
        made_at=datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
        day=date(2026, 2, 28),
        colour=Colour.RED,
        part=part,
        maybe=part,
        parts=[part],
        names=("a", "b"),
        pair=(-1, "x"),
        by_id={part.id: part},
        by_number={7: "seven"},
    )


def expose(function, *, idempotent=False):
    """Expose the function as if a domain's interface defined it."""
    function.__module__, function.__qualname__ = f"domains.{DOMAIN}.interface", function.__name__
    return exposed(idempotent=idempotent)(function)


def withdraw(before):
    """Forget what was exposed since the copy of the registry was made."""
    registry.clear()
    registry.update(before)


def echo(*, value: Everything, times: int = 1) -> list[Everything]:
    """Return the value as often as asked."""
    return [value] * times


def nothing() -> None:
    """Return nothing."""


def refuse(*, kind: str) -> None:
    """Raise the error of that kind."""
    if kind == "own":
        raise PartMissing(UUID(int=7))
    if kind == "plain":
        raise OutOfStock("All are sold.", left=0)
    if kind == "later":
        raise TooMany("Slower.", retry_after=17)
    if kind == "many":
        raise ValidationFailed(
            errors=[FieldError(pointer="/a", code="sample.bad", detail="It is bad.")]
        )
    raise KeyError("a secret of the process")
