"""The mark on a model's column that tells of a person."""

from __future__ import annotations

from typing import Any, TypeVar

MARK = "is_personal"
PERSON = "is_person"

Column = TypeVar("Column")


def of_person(column: Column) -> Column:
    """Mark the model field as personal data and return it; its migration knows nothing of it.

    Personal is what describes or finds a person: addresses, names and words of their own, where
    from and with what they came, and ids of accounts, which link a row to somebody.
    """
    setattr(column, MARK, True)
    return column


def is_personal(column: Any) -> bool:
    """Return whether the model field is marked, or refers to a row that stands for a person.

    A model whose rows do has `is_person = True`: a mark on the relation would cost it its type.
    """
    refers_to = column.related_model
    return getattr(column, MARK, False) is True or getattr(refers_to, PERSON, False) is True
