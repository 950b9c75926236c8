"""One look at the ledger: what was posted, what should have been, and where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeAlias, TypeVar
from uuid import UUID

from django.db.models import Count, Model, QuerySet, Sum

from domains.billing.contract.data import BooksDiffer
from domains.billing.models import Posting, PostingGroup
from domains.billing.services.invoicing.booking import Group
from kernel.managers import OrganizationScopedManager

Entries: TypeAlias = dict[str, int]
# By kind, reference and currency.
Posted: TypeAlias = dict[tuple[str, str, str], Entries]
M = TypeVar("M", bound=Model)

AT_ONCE = 500


class Books:
    """The books of one organization, or of all; `expected` counts by kind what should be there."""

    def __init__(self, organization_id: UUID | None) -> None:
        self.organization_id = organization_id
        self.expected: Counter[str] = Counter()

    def rows(self, manager: OrganizationScopedManager[M]) -> QuerySet[M]:
        """Return the rows that are looked at."""
        if self.organization_id is None:
            return manager.everywhere()
        return manager.within(self.organization_id)

    def posted(self, references: Iterable[object]) -> Posted:
        """Return what was posted under these references."""
        found: Posted = {}
        rows = self.rows(Posting.objects).filter(
            group__reference__in=[str(each) for each in references]
        )
        columns = ("group__kind", "group__reference", "currency", "account", "amount")
        for *key, account, amount in rows.values_list(*columns):
            entries = found.setdefault(tuple(key), {})
            entries[account] = entries.get(account, 0) + amount
        return found

    def compare(self, groups: Iterable[Group], posted: Posted) -> Iterator[BooksDiffer]:
        """Yield the groups that were posted otherwise, or not at all."""
        for group in groups:
            wanted = {account.value: amount for account, amount in group.entries.items() if amount}
            self.expected[group.kind] += bool(wanted)
            found = posted.get((group.kind, group.reference, group.currency), {})
            row = f"{group.kind} {group.reference}"
            yield from differs(row, expected=_said(wanted), found=_said(found))

    def unbalanced(self) -> Iterator[BooksDiffer]:
        """Yield the groups that don't sum to zero."""
        sums = self.rows(Posting.objects).values("group_id", "currency").annotate(sum=Sum("amount"))
        for row in sums.exclude(sum=0).order_by("group_id"):
            found = f"{row['sum']} {row['currency']}"
            yield BooksDiffer(row=f"group {row['group_id']}", expected="0", found=found)

    def strays(self) -> Iterator[BooksDiffer]:
        """Yield the kinds of which there are groups that no row accounts for."""
        counted = (
            self.rows(PostingGroup.objects).values_list("kind").annotate(n=Count("id")).order_by()
        )
        found = Counter(dict(counted))
        for kind in PostingGroup.Kind.values:
            expected = self.expected[kind]
            yield from differs(f"groups of kind {kind}", expected=expected, found=found[kind])


def batches(rows: QuerySet[M]) -> Iterator[list[M]]:
    """Yield the rows, by their keys, a few hundred at a time."""
    each = rows.order_by("pk").iterator(chunk_size=AT_ONCE)
    while batch := list(islice(each, AT_ONCE)):
        yield batch


def differs(row: str, *, expected: object, found: object) -> Iterator[BooksDiffer]:
    """Yield that the row is other than expected, if it is."""
    if expected != found:
        yield BooksDiffer(row=row, expected=str(expected), found=str(found))


def _said(entries: Entries) -> str:
    said = (f"{account} {amount}" for account, amount in sorted(entries.items()))
    return ", ".join(said) or "nothing"
