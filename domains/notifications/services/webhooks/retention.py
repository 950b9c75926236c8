"""The log is kept for so many days; what goes with its organization or its person goes at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from domains.notifications.models import WebhookDelivery, WebhookEndpoint
from kernel.db import transaction

ROWS = 1_000


def forget_old(*, now: datetime) -> int:
    """Delete what is older than WEBHOOK_LOG_DAYS, with its attempts; return how many, ROWS at most.

    What still waits then, for an endpoint that is paused or disabled, is not sent any more.
    """
    before = now - timedelta(days=settings.WEBHOOK_LOG_DAYS)
    old = WebhookDelivery.objects.everywhere().filter(created_at__lt=before)
    with transaction("notifications"):
        ids = list(old.order_by("created_at").values_list("id", flat=True)[:ROWS])
        WebhookDelivery.objects.everywhere().filter(id__in=ids).delete()
    return len(ids)


def erase_organization(*, organization_id: UUID) -> None:
    """Delete the organization's endpoints with all of theirs, in the caller's transaction."""
    WebhookEndpoint.objects.within(organization_id).delete()
