"""Addresses that nothing goes to: after bounces, complaints, and by their owners' wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from domains.notifications.models import Cause, Channel, Suppression
from domains.notifications.services.catalogue import categories
from domains.notifications.services.catalogue.rules import Rule
from kernel.db import transaction

LONGEST_DETAIL = 500


@dataclass(frozen=True, kw_only=True)
class MailEvent:
    """What became of a mail later: its address bounced for good, or somebody called it spam."""

    cause: Cause
    address: str
    provider: str
    detail: str


def is_mandatory(*, rule: Rule, category: str) -> bool:
    """Return whether nobody can switch it off."""
    return rule.mandatory or categories.is_mandatory(category or rule.category)


def suppressed(
    *,
    channel: str,
    addresses: list[str],
    category: str,
    organization_id: UUID | None,
    mandatory: bool | None = None,
) -> set[str]:
    """Return those of the addresses that nothing of the category may go to; one query.

    A bounce keeps away everything, a complaint all that isn't mandatory, an unsubscribing the
    category of that organization (or of the product, with none). Left out, `mandatory` is what the
    category says.
    """
    counts = Q(cause=Cause.BOUNCE)
    if not (categories.is_mandatory(category) if mandatory is None else mandatory):
        theirs = Q(category=category, organization_id=organization_id)
        counts |= Q(cause=Cause.COMPLAINT) | (Q(cause=Cause.UNSUBSCRIBED) & theirs)
    lowered = {address.lower(): address for address in addresses}
    rows = Suppression.objects.filter(counts, channel=channel, address__in=[*lowered])
    found = rows.filter(lifted_at=None).values_list("address", flat=True)
    return {lowered[address] for address in found}


def suppress_for(
    *, address: str, category: str, organization_id: UUID | None, now: datetime
) -> None:
    """Send the address no more of the organization's category by mail; repeatable."""
    _write(
        [
            Suppression(
                channel=Channel.EMAIL,
                address=address.lower(),
                cause=Cause.UNSUBSCRIBED,
                category=category,
                organization_id=organization_id,
                created_at=now,
            )
        ]
    )


def record_mail_events(*, events: Sequence[MailEvent], now: datetime) -> int:
    """Put the addresses on the list, once each however often it is told; return how many events."""
    _write(
        [
            Suppression(
                channel=Channel.EMAIL,
                address=event.address.lower(),
                cause=event.cause,
                provider=event.provider,
                detail=event.detail[:LONGEST_DETAIL],
                created_at=now,
            )
            for event in events
        ]
    )
    return len(events)


def lift(*, suppression_id: UUID, reason: str, now: datetime) -> bool:
    """Have mail go there again; return False if the row doesn't count any more."""
    with transaction("notifications"):
        counting = Suppression.objects.filter(id=suppression_id, lifted_at=None)
        return bool(counting.update(lifted_at=now, lifted_because=reason[:LONGEST_DETAIL]))


def _write(rows: list[Suppression]) -> None:
    with transaction("notifications"):
        Suppression.objects.bulk_create(rows, ignore_conflicts=True)
