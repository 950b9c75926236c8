"""The billing run: what is due is taken up in batches, each a transaction from start to end.

Any number of runs may be at it at once, and each may be killed at any point: a batch is done whole
or not at all, and what is done is due no more. A subscription that was missed for several periods
is renewed for each of them, one after the other. One that can't be renewed stands back an hour and
keeps no other from it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connections

from domains.billing.models import Subscription
from domains.billing.services.invoicing import tax_answers
from domains.billing.services.subscriptions.renewing import renew_all
from kernel.db import transaction

log = logging.getLogger(__name__)

AT_ONCE = 250
STANDS_BACK = timedelta(hours=1)

# Who waits for the payment of a change is renewed when that has ended, from the same instant on.
# The customer is the lock of all that happens to the subscription, so a row that is read here is
# the present one.
_CLAIM = """
    SELECT s.id FROM subscription s JOIN customer c ON c.organization_id = s.organization_id
    WHERE s.renews_at <= %(now)s AND (%(only)s::uuid IS NULL OR s.organization_id = %(only)s)
        AND NOT EXISTS (
            SELECT FROM payment_intent p WHERE p.organization_id = s.organization_id
                AND p.quote IS NOT NULL AND p.state IN ('pending', 'requires_action'))
    ORDER BY s.renews_at LIMIT %(limit)s FOR UPDATE OF s, c SKIP LOCKED
"""
_CLAIM_ONE = _CLAIM.replace("SKIP LOCKED", "")


def renew_due(*, now: datetime, batches: int | None = None) -> int:
    """Renew what is due, a batch after the other; return how many periods began or ended.

    `batches` is how many at most; None: until nothing is due.
    """
    renewed, done = 0, 0
    while batches is None or done < batches:
        in_batch = _renew_batch(now=now)
        if not in_batch:
            break
        renewed, done = renewed + in_batch, done + 1
    return renewed


def catch_up(*, organization_id: UUID, now: datetime) -> None:
    """Renew what is due of one organization, so that what follows happens in its present period.

    Its taxes are asked for as well: what follows charges it within a transaction.
    """
    tax_answers.learn(organization_ids=[organization_id], now=now)
    due = Subscription.objects.within(organization_id).filter(renews_at__lte=now)
    while due.exists():
        with transaction("billing", final=False):
            ids = _claim(_CLAIM_ONE, now=now, only=organization_id)
            if not ids:
                return
            renew_all(ids, now=now)


def _renew_batch(*, now: datetime) -> int:
    ids: list[UUID] = []
    tax_answers.learn(organization_ids=_owners_due(now), now=now)
    try:
        with transaction("billing"):
            ids = _claim(_CLAIM, now=now)
            renew_all(ids, now=now)
    except Exception:
        log.exception("%s subscriptions could not be renewed at once", len(ids))
        if not ids:
            raise
        for id_ in ids:
            _renew_alone(id_, now)
    return len(ids)


def _owners_due(now: datetime) -> list[UUID]:
    """Return who is about to be billed, if anybody must be asked about them first."""
    if not settings.TAX_SERVICE:
        return []
    due = Subscription.objects.everywhere().filter(renews_at__lte=now).order_by("renews_at")
    return list(due.values_list("organization_id", flat=True)[:AT_ONCE])


def _renew_alone(id_: UUID, now: datetime) -> None:
    """Renew one of a batch that failed, or have it stand back."""
    row = Subscription.objects.everywhere().get(id=id_)
    try:
        with transaction("billing"):
            ids = _claim(_CLAIM, now=now, only=row.organization_id)
            renew_all(ids, now=now)
    except Exception:
        log.exception("Subscription %s could not be renewed", id_)
        rows = Subscription.objects.within(row.organization_id)
        rows.filter(id=id_, renews_at__lte=now).update(renews_at=now + STANDS_BACK)


def _claim(statement: str, *, now: datetime, only: UUID | None = None) -> list[UUID]:
    with connections["billing"].cursor() as cursor:
        cursor.execute(statement, {"now": now, "only": only, "limit": AT_ONCE})
        return [id_ for (id_,) in cursor.fetchall()]
