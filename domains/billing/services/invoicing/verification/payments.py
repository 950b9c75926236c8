"""Payments, refunds and disputes against the ledger, and payments against the providers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice

from domains.billing.contract.data import BooksDiffer
from domains.billing.models import (
    ChargeStatus,
    Dispute,
    LedgerAccount,
    PaymentIntent,
    PaymentState,
    PostingGroup,
    Refund,
    RefundState,
)
from domains.billing.services.invoicing import booking
from domains.billing.services.invoicing.verification.books import (
    AT_ONCE,
    Books,
    batches,
    differs,
)
from domains.billing.services.payments import providers
from domains.billing.services.payments.port import PaymentProvider

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_REFUND: Mapping[str, Callable[[Refund], booking.Group]] = {
    RefundState.SUCCEEDED: booking.refunded,
    RefundState.FAILED: booking.refund_failed,
}
_DISPUTE: Mapping[str, Callable[[Dispute], booking.Group]] = {
    Dispute.State.WON: booking.dispute_won,
    Dispute.State.LOST: booking.dispute_lost,
}


def of_payments(books: Books) -> Iterator[BooksDiffer]:
    """Yield the payments of which the ledger hasn't received just that."""
    kind = PostingGroup.Kind.PAYMENT
    for payments in batches(books.rows(PaymentIntent.objects).filter(state=PaymentState.SUCCEEDED)):
        posted = books.posted(row.id for row in payments)
        for row in payments:
            books.expected[kind] += 1
            entries = posted.get((kind.value, str(row.id), row.currency), {})
            found = entries.get(LedgerAccount.CASH, 0)
            yield from differs(f"payment {row.id}", expected=row.amount, found=found)


def of_refunds(books: Books) -> Iterator[BooksDiffer]:
    """Yield the refunds that stand otherwise in the ledger."""
    for refunds in batches(books.rows(Refund.objects).select_related("intent")):
        groups = [_REFUND[row.state](row) for row in refunds if row.state in _REFUND]
        yield from books.compare(groups, books.posted(group.reference for group in groups))


def of_disputes(books: Books) -> Iterator[BooksDiffer]:
    """Yield the disputes that stand otherwise in the ledger."""
    for disputes in batches(books.rows(Dispute.objects).select_related("intent")):
        groups = [booking.disputed(row) for row in disputes]
        groups += [_DISPUTE[row.state](row) for row in disputes if row.state in _DISPUTE]
        yield from books.compare(groups, books.posted(group.reference for group in groups))


def at_providers(books: Books) -> Iterator[BooksDiffer]:
    """Yield the payments of which the provider's own book says otherwise."""
    for name, provider in providers.with_books().items():
        rows = books.rows(PaymentIntent.objects).filter(provider=name)
        for payments in batches(rows.filter(state=PaymentState.SUCCEEDED)):
            for row in payments:
                expected = (ChargeStatus.SUCCEEDED.value, row.amount, row.currency)
                found = _said_by(provider, row)
                yield from differs(f"payment {row.id} at {name}", expected=expected, found=found)


def _said_by(provider: PaymentProvider, row: PaymentIntent) -> tuple[str, int, str]:
    """Return what the provider says of the payment: its state, amount and currency."""
    if not row.reference:
        return "unknown", 0, ""
    charge = provider.fetch(reference=row.reference)
    return charge.status.value, charge.amount, charge.currency


def unknown_here(books: Books, *, now: datetime) -> Iterator[BooksDiffer]:
    """Yield the charges in providers' books, made by us, that are no payments that succeeded."""
    if books.organization_id is not None:
        return
    for name, provider in providers.with_books().items():
        charges = provider.charges_since(since=_BEGINNING, until=now)
        taken = (each for each in charges if each.status == ChargeStatus.SUCCEEDED)
        while batch := list(islice((each for each in taken if each.idempotency_key), AT_ONCE)):
            references = [each.reference for each in batch]
            rows = books.rows(PaymentIntent.objects).filter(state=PaymentState.SUCCEEDED)
            known = set(rows.filter(reference__in=references).values_list("reference", flat=True))
            for each in batch:
                found = "succeeded" if each.reference in known else "unknown"
                row = f"charge {each.reference} of {name}"
                yield from differs(row, expected="succeeded", found=found)
