"""Asking the functions of the database that decide about features (migration 0008)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections

from domains.billing.contract.entitlements import Entitlement, FeatureKind
from domains.billing.services import catalogue


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an organization stands with a feature; `burnt` is the part of `used` that grants gave."""

    organization_id: UUID
    feature: str
    kind: FeatureKind
    allowance: int | None
    soft: bool
    granted: int
    used: int
    burnt: int
    reserved: int
    alerted: int
    period_start: datetime | None
    period_end: datetime | None

    @property
    def whole(self) -> int | None:
        """How much may be used in the period altogether; None: any amount."""
        return None if self.allowance is None else self.allowance + self.burnt + self.granted

    @property
    def remaining(self) -> int | None:
        """How much more may be used before anything is exceeded; None: any amount."""
        if self.allowance is None:
            return None
        own = max(self.allowance - (self.used - self.burnt), 0)
        return max(own + self.granted - self.reserved, 0)

    def allows(self, amount: int) -> bool:
        """Return whether so much more may be used."""
        return self.soft or self.remaining is None or self.remaining >= amount

    def entitlement(self, *, amount: int = 1) -> Entitlement:
        """Return how it is told, with whether so much more may be used."""
        return Entitlement(
            organization_id=self.organization_id,
            feature=self.feature,
            kind=self.kind,
            allowed=self.allows(amount),
            limit=self.allowance,
            soft=self.soft,
            used=self.used,
            reserved=self.reserved,
            granted=self.granted,
            remaining=self.remaining,
            resets_at=self.period_end,
        )


def read(
    *, organization_ids: Sequence[UUID], features: Sequence[str] | None, at: datetime
) -> list[Standing]:
    """Return how the organizations stand with the features (None: all that are theirs)."""
    named = None if features is None else list(features)
    values = [list(organization_ids), named, at]
    rows = _rows(_READ, values) or _rows_once_published(_READ, values)
    return [_standing(row) for row in rows]


def read_allowances(
    *, organization_ids: Sequence[UUID], features: Sequence[str], at: datetime
) -> list[tuple[UUID, str, str | None, int | None]]:
    """Return the organizations, their plans, and how much of each feature they are allowed.

    A plan that allows nothing of them has one row, without a feature. None is any amount.
    """
    values = {"ids": list(organization_ids), "features": list(features), "at": at}
    return _rows(_READ_ALLOWANCES, values)


def ask(statement: str, values: Mapping[str, Any]) -> tuple[str, Standing]:
    """Return the outcome of a function that changes something, and how it stands then."""
    [(outcome, *row)] = _rows(statement, values)
    if row[0] is None:
        [(outcome, *row)] = _rows_once_published(statement, values)
    if row[0] is None:
        return outcome, nothing(values["organization_id"], values["feature"])
    return outcome, _standing(row)


def follow(**values: Any) -> None:
    """Take down what is so in another domain, unless something later was taken down."""
    _rows(_FOLLOW, values)


def lapse(organization_id: UUID, feature: str, *, at: datetime) -> int:
    """Release what has expired of the reservations of the feature; return how many."""
    [(lapsed,)] = _rows("SELECT entitlement_lapse(%s, %s, %s)", [organization_id, feature, at])
    return int(lapsed)


def nothing(organization_id: UUID, feature: str) -> Standing:
    """Return how an organization stands with a feature that its plan doesn't name."""
    return _standing((organization_id, feature, "boolean", 0, False, 0, 0, 0, 0, 0, None, None))


def _rows(statement: str, values: Any) -> list[Any]:
    with connections["billing"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _rows_once_published(statement: str, values: Any) -> list[Any]:
    """Return the same again: nothing may be known because there is no catalogue yet."""
    catalogue.ensure_published()
    return _rows(statement, values)


def _standing(row: Sequence[Any]) -> Standing:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Standing(**values | {"kind": FeatureKind(values["kind"])})


_COLUMNS = tuple(field.name for field in fields(Standing))
_READ = "SELECT * FROM entitlement_standings(%s, %s, %s)"
_FOLLOW = """
    SELECT entitlement_follow(%(ids)s, %(organization_id)s, %(feature)s, %(key)s, %(state)s,
        %(expires_at)s, %(version)s, %(now)s)
"""
_READ_ALLOWANCES = """
    SELECT o.id, coalesce(c.plan, 'free'), s.feature, s.allowance
    FROM unnest(%(ids)s::uuid[]) AS o (id)
    LEFT JOIN customer c ON c.organization_id = o.id
    LEFT JOIN entitlement_standings(%(ids)s, %(features)s, %(at)s) s ON s.organization_id = o.id
"""
