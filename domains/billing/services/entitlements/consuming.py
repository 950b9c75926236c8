"""Using up what a plan allows, at once or by a reservation; exact at any concurrency.

Each is one statement, in a transaction of its own: only what reaches a threshold is asked again
within one, so that its event is committed with it. The same key is the same use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from domains.billing.contract.entitlements import (
    Entitlement,
    EntitlementExceeded,
    EntitlementKeyReused,
    FeatureNotCounted,
    ReservationLapsed,
    ReservationNotFound,
    ReservationSettled,
    UsageThresholdReached,
)
from domains.billing.services.entitlements.standings import Standing, ask
from kernel.db import transaction
from kernel.errors import DomainError
from kernel.events import publish
from kernel.ids import uuid7

_ALLOCATE = """
    SELECT outcome, (standing).* FROM entitlement_allocate(%(ids)s, %(organization_id)s,
        %(feature)s, %(key)s, %(amount)s, %(reserving)s, %(expires_at)s, %(may_alert)s, %(now)s)
"""
_SETTLE = """
    SELECT outcome, (standing).* FROM entitlement_settle(
        %(id)s, %(organization_id)s, %(feature)s, %(key)s, %(may_alert)s, %(now)s)
"""
_RELEASE = """
    SELECT outcome, (standing).* FROM entitlement_release(
        %(organization_id)s, %(feature)s, %(key)s, %(now)s)
"""

_REFUSALS: dict[str, type[DomainError]] = {
    "key_reused": EntitlementKeyReused,
    "not_counted": FeatureNotCounted,
    "lapsed": ReservationLapsed,
    "unknown": ReservationNotFound,
    "settled": ReservationSettled,
}


@dataclass(frozen=True, kw_only=True)
class Use:
    """A use of a feature by an organization, and the key that it is known by."""

    organization_id: UUID
    feature: str
    key: str

    def carry_out(self, statement: str, *, now: datetime, **values: Any) -> Entitlement:
        """Return how the organization stands afterwards, or raise why it was refused."""
        values |= {**vars(self), "now": now}
        outcome, standing = ask(statement, values | {"may_alert": False})
        if outcome == "alerts":
            with transaction("billing", final=False):
                outcome, standing = ask(statement, values | {"may_alert": True})
                if outcome == "alerted":
                    publish(_alert(standing))
        if outcome == "exceeded":
            raise _exceeded(standing)
        if outcome in _REFUSALS:
            raise _REFUSALS[outcome]
        return standing.entitlement()


def consume(*, use: Use, amount: int, now: datetime) -> Entitlement:
    """Use the amount of the feature up, once for each key.

    The plan's own is used first, then grants by priority, expiry and creation. Raise
    `EntitlementExceeded` if that isn't enough and the limit is hard, `EntitlementKeyReused` or
    `FeatureNotCounted`.
    """
    return _allocate(use, amount=amount, reserving=False, expires_at=None, now=now)


def reserve(*, use: Use, amount: int, expires_at: datetime | None, now: datetime) -> Entitlement:
    """Hold the amount under the key until it is settled or released, or it expires.

    Raise what `consume` raises.
    """
    return _allocate(use, amount=amount, reserving=True, expires_at=expires_at, now=now)


def settle(*, use: Use, now: datetime) -> Entitlement:
    """Use up what is held under the key, in the period in which it was reserved; repeatable.

    Raise `ReservationNotFound` or `ReservationLapsed`.
    """
    return use.carry_out(_SETTLE, id=uuid7(), now=now)


def release(*, use: Use, now: datetime) -> Entitlement:
    """Give back what is held under the key, if anything is; repeatable.

    What was used of a static feature is given back too; of a metered one it is not: raise
    `ReservationSettled`.
    """
    return use.carry_out(_RELEASE, now=now)


def _allocate(
    use: Use, *, amount: int, reserving: bool, expires_at: datetime | None, now: datetime
) -> Entitlement:
    return use.carry_out(
        _ALLOCATE,
        ids=[uuid7(), uuid7()],
        amount=amount,
        reserving=reserving,
        expires_at=expires_at,
        now=now,
    )


def _exceeded(standing: Standing) -> EntitlementExceeded:
    resets_at = standing.period_end
    return EntitlementExceeded(
        feature=standing.feature,
        limit=standing.allowance,
        used=standing.used,
        remaining=standing.remaining,
        resets_at=resets_at.isoformat() if resets_at else None,
    )


def _alert(standing: Standing) -> UsageThresholdReached:
    return UsageThresholdReached(
        organization_id=standing.organization_id,
        feature=standing.feature,
        percent=standing.alerted,
        used=standing.used,
        limit=cast("int", standing.whole),
        period_end=cast("datetime", standing.period_end),
    )
