"""Facts that become words only when it is known in whose language: times, sizes, money, roles.

They are plain JSON, as a message's context is: `{"$fact": "moment", "value": "2026-11-22T17:12…"}`.
What is no such fact is said as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

MOMENTS = frozenset({"until", "overlap_ends_at", "erase_at", "expires_at", "next_at", "period_end"})
DAYS = frozenset({"expires_on"})
# What events call by keys, and people by words; the vocabulary of a language has them.
KEYED = frozenset({"method", "reason", "feature"})

Fact = dict[str, Any]
FACT = "$fact"
# Beside a customer's values, which may be called anything that doesn't begin with a `$`.
ORGANIZATION = "$organization"


def moment(at: datetime) -> Fact:
    """Return the instant as a fact."""
    return {FACT: "moment", "value": at.isoformat()}


def day(on: date) -> Fact:
    """Return the calendar day as a fact."""
    return {FACT: "day", "value": on.isoformat()}


def size(count: int) -> Fact:
    """Return so many bytes as a fact."""
    return {FACT: "size", "value": count}


def money(amount: int, currency: str) -> Fact:
    """Return so many minor units of the currency (ISO 4217) as a fact."""
    return {FACT: "money", "value": amount, "currency": currency}


def word(key: str) -> Fact:
    """Return what the vocabulary of each language has a word for, such as `role.owner`."""
    return {FACT: "word", "value": key}


def organization_of(context: Mapping[str, Any]) -> str:
    """Return the name of the organization that a message is about; "" without one."""
    name: str = context.get(ORGANIZATION) or context.get("organization", "")
    return name


def of_event(name: str, told: Any) -> Any:
    """Return what an event said under this name as a fact, or as plain text."""
    if told in (None, ""):
        return ""
    if name in MOMENTS:
        return moment(datetime.fromisoformat(told))
    if name in DAYS:
        return day(date.fromisoformat(told))
    if name == "size":
        return size(told)
    if name in KEYED:
        return word(f"{name}.{told}")
    return told
