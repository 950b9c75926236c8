"""When a person wants quiet, and when what was gathered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.notifications.models import Rhythm
from domains.notifications.services.deciding.quiet import EVERY_DAY, Beat, Quiet

SAID = ("quiet_from", "quiet_until", "quiet_days", "digest_hour", "digest_day")


def get_rhythm(*, account_id: UUID) -> Rhythm:
    """Return the person's rhythm, the product's if they said nothing."""
    return Rhythm.objects.filter(account_id=account_id).first() or Rhythm(account_id=account_id)


def put_rhythm(*, account_id: UUID, rhythm: Mapping[str, Any]) -> None:
    """Have this be the person's rhythm, by the names in `SAID`; in the caller's transaction."""
    Rhythm.objects.bulk_create(
        [Rhythm(account_id=account_id, **rhythm)],
        update_conflicts=True,
        unique_fields=["account_id"],
        update_fields=list(SAID),
    )


def quiet_of(rhythm: Rhythm | None) -> Quiet | None:
    """Return the quiet hours that the rhythm has, None if none."""
    if rhythm is None or rhythm.quiet_from is None or rhythm.quiet_until is None:
        return None
    return Quiet(
        begins=rhythm.quiet_from,
        until=rhythm.quiet_until,
        days=tuple(rhythm.quiet_days or EVERY_DAY),
    )


def beat_of(rhythm: Rhythm | None) -> Beat:
    """Return when what was gathered is told."""
    return Beat(hour=rhythm.digest_hour, day=rhythm.digest_day) if rhythm else Beat()
