"""All that happened to an organization's billing, in order of time: read a page at a time.

Each source is a moment that rows of a model have; of two moments that are the same, that of the
later source comes later. A page needs one query a source, however much there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q

from domains.billing.models import (
    CouponRedemption,
    CreditNote,
    Dispute,
    Dunning,
    Grant,
    Invoice,
    PaymentIntent,
    Refund,
    ScheduledChange,
    Subscription,
    SubscriptionItem,
)

_SEPARATOR = "~"


@dataclass(frozen=True, kw_only=True)
class Source:
    """That something happened to a row, at the moment in its column `at`."""

    name: str
    model: Any
    at: str
    related: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, order=True)
class Place:
    """Where in the timeline something is."""

    moment: datetime
    rank: int
    row_id: UUID

    def __str__(self) -> str:
        return _SEPARATOR.join([self.moment.isoformat(), str(self.rank), str(self.row_id)])

    @classmethod
    def parse(cls, text: str) -> Place:
        """Return what `str` was given; raise `ValueError` for anything else."""
        moment, rank, row_id = text.split(_SEPARATOR)
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or not rank.isascii() or len(rank) > len(str(len(SOURCES))):
            raise ValueError(f"{text!r} is no place in a timeline.")
        return cls(moment=at, rank=int(rank), row_id=UUID(row_id))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened, and the row to which it did, as the row is now."""

    place: Place
    source: Source
    row: Any


SOURCES = (
    Source(name="coupon_redeemed", model=CouponRedemption, at="redeemed_at", related=("coupon",)),
    Source(name="subscription_begun", model=Subscription, at="created_at"),
    Source(name="item_begun", model=SubscriptionItem, at="started_at", related=("price",)),
    Source(name="item_ended", model=SubscriptionItem, at="ended_at", related=("price",)),
    Source(name="change_scheduled", model=ScheduledChange, at="created_at"),
    Source(name="change_settled", model=ScheduledChange, at="settled_at"),
    Source(name="grant_made", model=Grant, at="created_at"),
    Source(name="invoice_issued", model=Invoice, at="issued_at"),
    Source(name="payment_begun", model=PaymentIntent, at="created_at", related=("invoice",)),
    Source(name="payment_settled", model=PaymentIntent, at="settled_at", related=("invoice",)),
    Source(name="invoice_settled", model=Invoice, at="settled_at"),
    Source(name="past_due", model=Subscription, at="past_due_since"),
    Source(name="dunning_begun", model=Dunning, at="started_at", related=("invoice",)),
    Source(name="dunning_ended", model=Dunning, at="ended_at", related=("invoice",)),
    Source(name="credit_note_issued", model=CreditNote, at="issued_at", related=("invoice",)),
    Source(name="refund_begun", model=Refund, at="created_at", related=("intent",)),
    Source(name="refund_settled", model=Refund, at="settled_at", related=("intent",)),
    Source(name="dispute_opened", model=Dispute, at="opened_at", related=("intent",)),
    Source(name="dispute_closed", model=Dispute, at="closed_at", related=("intent",)),
    Source(name="paused", model=Subscription, at="paused_at"),
    Source(name="coupon_ended", model=CouponRedemption, at="ended_at", related=("coupon",)),
    Source(name="subscription_ended", model=Subscription, at="ended_at"),
)


def read(
    *,
    organization_id: UUID,
    models: Sequence[type[Model]],
    before: Place | None = None,
    limit: int,
) -> list[Entry]:
    """Return the newest entries of these models before the place, the newest first."""
    found = [
        entry
        for rank, source in enumerate(SOURCES)
        if source.model in models
        for entry in _of(source, rank, organization_id, before, limit)
    ]
    return sorted(found, key=lambda entry: entry.place, reverse=True)[:limit]


def _of(
    source: Source, rank: int, organization_id: UUID, before: Place | None, limit: int
) -> list[Entry]:
    rows = source.model.objects.within(organization_id).filter(**{f"{source.at}__isnull": False})
    if before is not None:
        rows = rows.filter(_earlier(source, rank, before))
    if source.related:
        rows = rows.select_related(*source.related)
    newest = rows.order_by(f"-{source.at}", "-id")[:limit]
    return [
        Entry(
            place=Place(moment=getattr(row, source.at), rank=rank, row_id=row.id),
            source=source,
            row=row,
        )
        for row in newest
    ]


def _earlier(source: Source, rank: int, place: Place) -> Q:
    earlier = Q(**{f"{source.at}__lt": place.moment})
    same = Q(**{source.at: place.moment})
    if rank < place.rank:
        return earlier | same
    return earlier | (same & Q(id__lt=place.row_id)) if rank == place.rank else earlier
