"""Which version of a row the caller has seen, so that nobody overwrites what he never read.

A service checks it under the row's lock; that it came in a header is the edge's business.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from kernel.errors import PreconditionFailed


def entity_tag(*version: object) -> str:
    """Return a strong entity tag (RFC 9110, 8.8.3) of whatever makes up the version of a resource.

    For a row that is `entity_tag(row.id, row.updated_at)`: equal exactly while it is unchanged.
    """
    material = "\x1f".join(map(str, version)).encode()
    return f'"{hashlib.sha256(material).hexdigest()[:32]}"'


@dataclass(frozen=True)
class Precondition:
    """The tags of which one must be the present one; None means that any will do."""

    tags: frozenset[str] | None = None

    def check(self, tag: str) -> None:
        """Raise `PreconditionFailed` unless the present `tag` is one that the caller has seen."""
        if self.tags is not None and tag not in self.tags and "*" not in self.tags:
            raise PreconditionFailed("Read it again, then repeat your change.")


ANY = Precondition()
