"""Rows for tests: whatever a test doesn't say of a row is filled in, marked as its side's."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.fields import NOT_PROVIDED

from kernel.clock import now
from tests.isolation.naming import Mark

Row = TypeVar("Row", bound=models.Model)

_numbers = count(1)
# Texts that another program reads: a word in them would mean something else, or nothing.
_NOT_WORDS = ("_hash", "_encrypted", "_digest", "digest", "_reason", "reason", "failure")


def make(mark: Mark, kind: type[Row], /, **given: Any) -> Row:
    """Store a row of that kind; each text in it, and its id, says whose it is."""
    row = kind(**given)
    for field in kind._meta.concrete_fields:
        said = field.name in given or field.attname in given
        if not said and (filled := _value(mark, field)) is not NOT_PROVIDED:
            setattr(row, field.attname, filled)
    row.save(force_insert=True)
    return row


def _value(mark: Mark, field: models.Field) -> Any:
    """Return what to fill in, or `NOT_PROVIDED` where the row's own default will do."""
    if isinstance(field, models.ForeignKey) or field.choices:
        return NOT_PROVIDED
    if isinstance(field, models.UUIDField):
        return mark.new_id() if field.primary_key else NOT_PROVIDED
    if isinstance(field, models.CharField | models.TextField):
        return _text(mark, field)
    if field.null or (
        field.default is not NOT_PROVIDED and not isinstance(field, models.JSONField)
    ):
        return NOT_PROVIDED
    return _required(mark, field)


def _text(mark: Mark, field: models.Field) -> Any:
    number = next(_numbers)
    if field.name.endswith("_hash"):
        return hashlib.sha256(f"{mark.word} {number}".encode()).hexdigest()
    if field.name.endswith(_NOT_WORDS):
        return NOT_PROVIDED if field.default is not NOT_PROVIDED else ""
    if isinstance(field, models.EmailField):
        return mark.email(f"n{number}")
    return f"{mark.word}-{number}"[: field.max_length]


def _required(mark: Mark, field: models.Field) -> Any:
    if isinstance(field, models.JSONField):
        return {"note": mark.text("note")}
    if isinstance(field, models.DateTimeField):
        return now() + (timedelta(days=1) if "expires" in field.name else timedelta())
    if isinstance(field, models.DateField):
        return now().date()
    if isinstance(field, models.BinaryField):
        return hashlib.sha256(f"{mark.word} {next(_numbers)}".encode()).digest()
    if isinstance(field, ArrayField):
        return []
    return 1 if isinstance(field, models.IntegerField) else NOT_PROVIDED
