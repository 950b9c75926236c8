"""Taking away what has had its time: reservations that expired, and keys of long ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Q

from domains.billing.models import Allocation
from domains.billing.services.entitlements import standings

AT_ONCE = 1_000
# So long the same key is the same use.
REMEMBERED = timedelta(days=35)
_NO_PERIOD = datetime(1970, 1, 1, tzinfo=UTC)


def lapse_reservations(*, now: datetime) -> int:
    """Release every reservation that has expired; return how many. They count as free already."""
    open_ = Allocation.objects.everywhere().filter(state=Allocation.State.RESERVED)
    expired = open_.filter(expires_at__lte=now)
    features = expired.values_list("organization_id", "feature").distinct()
    return sum(standings.lapse(id_, feature, at=now) for id_, feature in features[:AT_ONCE])


def forget_keys(*, now: datetime) -> int:
    """Delete the uses that are over; return how many. What is held or reserved stays."""
    old = Allocation.objects.everywhere().filter(created_at__lte=now - REMEMBERED)
    used = Q(state=Allocation.State.SETTLED, period_start__gt=_NO_PERIOD)
    over = old.filter(used | Q(state=Allocation.State.RELEASED))
    ids = over.order_by("created_at").values("id")[:AT_ONCE]
    forgotten, _ = Allocation.objects.everywhere().filter(id__in=ids).delete()
    return forgotten
