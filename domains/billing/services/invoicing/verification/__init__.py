"""Holding the ledger against what it tells of, and against the providers' books.

Each row's group is made anew and compared with the one that was posted. As there must be as many
groups as rows that move something, nothing else is in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from uuid import UUID

from domains.billing.contract.data import BooksDiffer, BooksVerdict
from domains.billing.services.invoicing.verification.books import Books
from domains.billing.services.invoicing.verification.invoices import of_invoices
from domains.billing.services.invoicing.verification.payments import (
    at_providers,
    of_disputes,
    of_payments,
    of_refunds,
    unknown_here,
)


def verify(*, organization_id: UUID | None, now: datetime) -> BooksVerdict:
    """Compare the ledger with invoices, payments, refunds and credit notes, then the providers.

    Of one organization, or of all. What happens meanwhile may show as a difference: look again.
    Raises `PaymentProviderUnavailable`.
    """
    books = Books(organization_id)
    found = chain(_in_ledger(books), at_providers(books), unknown_here(books, now=now))
    difference = next(found, None)
    return BooksVerdict(groups=books.expected.total(), difference=difference)


def _in_ledger(books: Books) -> Iterator[BooksDiffer]:
    yield from books.unbalanced()
    yield from of_invoices(books)
    yield from of_payments(books)
    yield from of_refunds(books)
    yield from of_disputes(books)
    yield from books.strays()
