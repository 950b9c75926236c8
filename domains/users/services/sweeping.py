"""Invitations that have had their time."""

from __future__ import annotations

from datetime import datetime, timedelta

from domains.users import models
from kernel.db import transaction

# So long organizations see whom they invited in vain, and staff who accepted. An accepted
# invitation was accepted before it expired, so that one column decides.
KEPT = timedelta(days=90)
AT_ONCE = 1_000


def sweep_invitations(*, now: datetime) -> int:
    """Delete the invitations that expired long ago, accepted or not; return how many.

    One that is being renewed stays: its row is locked, and no longer old once it is free.
    """
    old = models.Invitation.objects.everywhere().filter(expires_at__lte=now - KEPT)
    swept = 0
    while ids := list(old.order_by("id").values_list("id", flat=True)[:AT_ONCE]):
        with transaction("users"):
            deleted, _ = old.filter(id__in=ids).delete()
        swept += deleted
        if len(ids) < AT_ONCE:
            break
    return swept
