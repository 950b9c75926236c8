"""Pages of lists that may be long: nobody turns ten thousand pages, so nobody counts them."""

from __future__ import annotations

from functools import cached_property

from django.core.paginator import Paginator
from django.db.models import QuerySet

COUNTED = 10_000


class BoundedPaginator(Paginator):
    """Counts no further than `COUNTED`, and has no pages beyond."""

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, or the bound."""
        if isinstance(self.object_list, QuerySet):
            return int(self.object_list.order_by()[:COUNTED].count())
        return len(self.object_list)
