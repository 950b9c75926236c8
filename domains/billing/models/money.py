"""Columns of money, and the constraint that a currency is one."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

CURRENCY_LENGTH = 3


def amount(**options: Any) -> models.BigIntegerField[int, int]:
    """Return a column of minor units of the row's currency (ISO 4217)."""
    return models.BigIntegerField(**{"help_text": "In minor units of the currency", **options})


def precise(**options: Any) -> models.DecimalField[Any, Any]:
    """Return a column of minor units before they were rounded."""
    return models.DecimalField(max_digits=38, decimal_places=12, **options)


def quantity(**options: Any) -> models.DecimalField[Any, Any]:
    """Return a column for how much of something there is."""
    return models.DecimalField(max_digits=30, decimal_places=12, **options)


def currency(**options: Any) -> models.CharField[str, str]:
    """Return a column with the ISO 4217 code of a currency."""
    return models.CharField(max_length=CURRENCY_LENGTH, **options)


def currency_is_one(name: str, **also: Any) -> models.CheckConstraint:
    """Return the constraint that the currency looks like one, and what else is given."""
    return models.CheckConstraint(
        condition=Q(currency__regex="^[A-Z]{3}$", **also), name=f"{name}_currency_is_one"
    )


def state_is_known(name: str, states: Any) -> models.CheckConstraint:
    """Return the constraint that the state is one of those that there are."""
    return models.CheckConstraint(
        condition=Q(state__in=states.values), name=f"{name}_state_is_known"
    )
