"""Comparing the provider's book with ours, both ways, once a day. Nothing is mended silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from domains.billing.contract.payment_events import ReconciliationDiffered
from domains.billing.models import Finding, PaymentIntent, PaymentState, Reconciliation
from domains.billing.services.payments import providers
from domains.billing.services.payments.comparing import differences, pair
from domains.billing.services.payments.port import Charge, ChargeUnknown, PaymentProvider
from kernel.db import transaction
from kernel.events import publish

FIRST_LOOK_BACK = timedelta(days=30)
OVERLAP = timedelta(days=2)  # refunds and confirmations come late
STILL_MOVING = timedelta(minutes=15)
COMPARED_AT_ONCE = 500


def reconcile(*, now: datetime) -> Reconciliation | None:
    """Compare all that is new, and keep what differs; None where nobody takes money.

    Raises `PaymentProviderUnavailable`.
    """
    if not providers.takes_money():
        return None
    provider = providers.current()
    since, until = _since(provider.name, now), now - STILL_MOVING
    run = Reconciliation(provider=provider.name, since=since, until=until, created_at=now)
    seen: set[UUID] = set()
    found: list[Finding] = []
    for charges in _batches(provider.charges_since(since=since, until=until)):
        pairs = pair(charges=charges, provider=provider.name)
        seen.update(intent.id for _, intent in pairs if intent is not None)
        found += differences(pairs, provider=provider.name, now=now)
        run.charges += len(charges)
    found += _of_our_own(provider, run, seen, now)
    _keep(run, found)
    return run


def _since(provider: str, now: datetime) -> datetime:
    last = Reconciliation.objects.filter(provider=provider).order_by("-until").first()
    return last.until - OVERLAP if last else now - FIRST_LOOK_BACK


def _batches(charges: Iterable[Charge]) -> Iterator[Sequence[Charge]]:
    rest = iter(charges)
    while batch := list(islice(rest, COMPARED_AT_ONCE)):
        yield batch


def _of_our_own(
    provider: PaymentProvider, run: Reconciliation, seen: set[UUID], now: datetime
) -> Iterator[Finding]:
    """Yield what differs of payments that the list of the provider did not have."""
    paid = PaymentIntent.objects.everywhere().filter(
        provider=provider.name,
        state=PaymentState.SUCCEEDED,
        settled_at__gte=run.since,
        settled_at__lt=run.until,
    )
    for intent in paid.iterator():
        if intent.id in seen:
            continue
        try:
            charge = provider.fetch(reference=intent.reference)
        except ChargeUnknown:
            yield _missing(intent, now)
        else:
            yield from differences([(charge, intent)], provider=provider.name, now=now)


def _missing(intent: PaymentIntent, now: datetime) -> Finding:
    return Finding(
        provider=intent.provider,
        kind=Finding.Kind.MISSING_CHARGE,
        reference=intent.reference or str(intent.id),
        organization_id=intent.organization_id,
        ours=intent.state,
        found_at=now,
    )


def _keep(run: Reconciliation, found: Sequence[Finding]) -> None:
    with transaction("billing"):
        known = Finding.objects.filter(
            provider=run.provider, reference__in=[each.reference for each in found]
        )
        told = set(known.values_list("kind", "reference"))
        new = [each for each in found if (each.kind, each.reference) not in told]
        Finding.objects.bulk_create(new, ignore_conflicts=True)
        run.findings = len(new)
        run.save(force_insert=True)
        if new:
            publish(ReconciliationDiffered(provider=run.provider, findings=len(new)))
