"""What is for sale: the plans of `catalogue.yaml`, read once and strictly."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from domains.billing.contract import PlanUnknown

FILE = Path(__file__).resolve().parent.parent / "catalogue.yaml"
FREE = "free"

_Count = Annotated[int, Field(gt=0, le=2**53 - 1)]  # RFC 8259, 6: safe in every JSON reader


class CatalogueInvalid(Exception):
    """The catalogue's file can't be sold from; the message says what is wrong where."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Price(_Strict):
    """An amount in minor units of an ISO 4217 currency."""

    amount: Annotated[int, Field(ge=0, le=2**53 - 1)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Allowance(_Strict):
    """What a plan allows."""

    seats: _Count
    storage_bytes: _Count
    requests_per_minute: _Count
    # The audit keeps nothing for less, whatever is sold.
    audit_retention_days: Annotated[int, Field(ge=30, le=36_500)] = 30


class Plan(_Strict):
    """Something an organization can subscribe to."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    title: Annotated[str, Field(min_length=1, max_length=100)]
    price: Price
    interval: Literal["month"]
    entitlements: Allowance

    @property
    def is_free(self) -> bool:
        """Whether nothing has to be paid for it."""
        return self.price.amount == 0


class Catalogue(_Strict):
    """All plans, in the order in which they are shown."""

    version: Annotated[int, Field(ge=1)]
    plans: Annotated[list[Plan], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_are_unique_and_free_is_free(self) -> Catalogue:
        names = [plan.name for plan in self.plans]
        if len(set(names)) != len(names):
            raise ValueError("two plans have the same name")
        if not any(plan.name == FREE and plan.is_free for plan in self.plans):
            raise ValueError(f"there is no plan {FREE} without a price")
        return self


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML 1.2.2, 3.2.1.1: keys are unique. PyYAML would let the last of two win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002  the base class's
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(set(keys)) != len(keys):
            raise yaml.MarkedYAMLError(problem="a key twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def parse(text: str) -> Catalogue:
    """Return the catalogue written in the text; raise `CatalogueInvalid` if it isn't one."""
    try:
        return Catalogue.model_validate(yaml.load(text, _UniqueKeyLoader))  # noqa: S506  is a SafeLoader
    except (yaml.YAMLError, ValidationError, TypeError) as error:
        raise CatalogueInvalid(str(error)) from error


@cache
def load() -> Catalogue:
    """Return the catalogue as it was when the process started."""
    return parse(FILE.read_text("utf-8"))


def get_plans() -> list[Plan]:
    """Return every plan, in the catalogue's order."""
    return list(load().plans)


def get_plan(name: str) -> Plan:
    """Return the plan of that name; raise `PlanUnknown` if there is none."""
    for plan in load().plans:
        if plan.name == name:
            return plan
    raise PlanUnknown(f"The plans are {', '.join(p.name for p in load().plans)}.", pointer="/plan")
