"""The things of which a person wants to hear no more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from domains.notifications.contract.errors import MuteLimitReached, MuteNotFound
from domains.notifications.models import Mute
from domains.notifications.services.feed.reading import require_person
from kernel.db import transaction
from kernel.principal import Principal

MOST = 1_000


def list_mutes(*, principal: Principal) -> QuerySet[Mute]:
    """Return what the person has muted; raise `PersonRequired`."""
    return Mute.objects.filter(account_id=require_person(principal))


def mute(*, principal: Principal, subject_id: UUID, now: datetime) -> Mute:
    """Tell the person no more of the thing, except what is mandatory; repeatable.

    Any id is taken, known or not: it opens nothing. Raise `PersonRequired`, `MuteLimitReached`.
    """
    mine = list_mutes(principal=principal)
    with transaction("notifications"):
        Mute.objects.bulk_create(
            [
                Mute(
                    account_id=require_person(principal),
                    subject_id=subject_id,
                    created_at=now,
                )
            ],
            ignore_conflicts=True,
        )
        if len(mine.select_for_update().order_by("id")) > MOST:
            raise MuteLimitReached
        return mine.get(subject_id=subject_id)


def unmute(*, principal: Principal, subject_id: UUID) -> None:
    """Tell the person of the thing again; raise `PersonRequired` or `MuteNotFound`."""
    with transaction("notifications"):
        gone, _ = list_mutes(principal=principal).filter(subject_id=subject_id).delete()
    if not gone:
        raise MuteNotFound
