"""What a template may be filled with: variables with a type each, and values that fit them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from domains.notifications.services.rendering import facts

LONGEST_TEXT = 5_000
LONGEST_LIST = 200
DEEPEST = 5
LARGEST_NUMBER = 10**15
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
# No quote, blank or angle bracket: it can stand in any attribute of HTML.
_URL_CHARACTERS = re.compile(r"""[^\s"'<>`\\\x00-\x1f]{1,2000}\Z""")


class Type(StrEnum):
    """What a value is; those of time and money are said in the words of the reader's language."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    URL = "url"
    DATE = "date"
    DATETIME = "datetime"
    MONEY = "money"
    LIST = "list"
    OBJECT = "object"


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One variable; the example shows what lists and objects are made of."""

    name: str
    type: Type
    example: Any
    required: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored and shown."""
        return {**asdict(self), "type": self.type.value}


def declared(stored: Sequence[Mapping[str, Any]]) -> dict[str, Variable]:
    """Return the variables of a version by their names."""
    return {each["name"]: Variable(**{**each, "type": Type(each["type"])}) for each in stored}


def faults_of(variables: Mapping[str, Variable], values: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with the values: missing, undeclared, or of another type."""
    for name in values.keys() - variables.keys():
        yield Fault(name, "undeclared", "The template declares no such variable.")
    for name, variable in variables.items():
        if name not in values or values[name] is None:
            if variable.required:
                yield Fault(name, "missing", f"A {variable.type} is needed.")
        elif not fits(variable, values[name]):
            yield Fault(name, "type", f"This is no {variable.type} like the example.")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one value."""

    name: str
    code: str
    detail: str


def fits(variable: Variable, value: Any) -> bool:
    """Return whether the value is of the variable's type, and made like its example."""
    if not _FITS[variable.type](value):
        return False
    if variable.type in (Type.LIST, Type.OBJECT):
        return _bounded(value) and alike(value, variable.example)
    return True


def alike(value: Any, example: Any) -> bool:
    """Return whether all that the example has is there in the value, of the same kind."""
    if isinstance(example, Mapping):
        return isinstance(value, Mapping) and all(
            name in value and alike(value[name], inner) for name, inner in example.items()
        )
    if isinstance(example, list):
        items = isinstance(value, list) and len(value) <= LONGEST_LIST
        return items and (not example or all(alike(item, example[0]) for item in value))
    if isinstance(example, bool) or isinstance(value, bool):
        return isinstance(example, bool) and isinstance(value, bool)
    if isinstance(example, int | float):
        return _is_number(value)
    return example is None or isinstance(value, str)


def words_for(variables: Mapping[str, Variable], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a template is filled with: facts of time and money, None for what is left out."""
    return {name: _fact(variable, values.get(name)) for name, variable in variables.items()}


def _fact(variable: Variable, value: Any) -> Any:
    if value is None:
        return None
    if variable.type is Type.DATETIME:
        return facts.moment(datetime.fromisoformat(value))
    if variable.type is Type.DATE:
        return facts.day(date.fromisoformat(value))
    if variable.type is Type.MONEY:
        return facts.money(value["amount"], value["currency"])
    return value


def _bounded(value: Any, depth: int = 0) -> bool:
    if depth > DEEPEST:
        return False
    if isinstance(value, Mapping):
        return len(value) <= LONGEST_LIST and all(
            _is_name(name) and _bounded(inner, depth + 1) for name, inner in value.items()
        )
    if isinstance(value, list):
        return len(value) <= LONGEST_LIST and all(_bounded(item, depth + 1) for item in value)
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT
    return value is None or isinstance(value, bool) or _is_number(value)


def _is_name(name: object) -> bool:
    """Return whether it can name what is in an object: never a fact of ours."""
    return isinstance(name, str) and not name.startswith("$")


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= LARGEST_NUMBER


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _is_url(value: Any) -> bool:
    if not isinstance(value, str) or not _URL_CHARACTERS.match(value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and _parses(date.fromisoformat, value)


def _is_datetime(value: Any) -> bool:
    if not isinstance(value, str) or not _parses(datetime.fromisoformat, value):
        return False
    return datetime.fromisoformat(value).tzinfo is not None


def _parses(parse: Callable[[str], object], value: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True


def _is_money(value: Any) -> bool:
    if not isinstance(value, Mapping) or value.keys() != {"amount", "currency"}:
        return False
    amount, currency = value["amount"], value["currency"]
    whole = isinstance(amount, int) and _is_number(amount)
    return whole and isinstance(currency, str) and bool(_CURRENCY.match(currency))


_FITS: dict[Type, Callable[[Any], bool]] = {
    Type.STRING: _is_text,
    Type.NUMBER: _is_number,
    Type.BOOLEAN: lambda value: isinstance(value, bool),
    Type.URL: _is_url,
    Type.DATE: _is_date,
    Type.DATETIME: _is_datetime,
    Type.MONEY: _is_money,
    Type.LIST: lambda value: isinstance(value, list),
    Type.OBJECT: lambda value: isinstance(value, Mapping),
}
