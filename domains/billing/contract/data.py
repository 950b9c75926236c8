"""What billing answers to other domains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class CatalogueChange:
    """What publishing did to one thing: a meter, a product or a price.

    `action` is added, changed or archived; `fields` say "name: before → after".
    """

    kind: str
    name: str
    action: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CataloguePublication:
    """All that was changed, and the number of the release; None if there is none."""

    number: int | None
    changes: tuple[CatalogueChange, ...]


@dataclass(frozen=True, kw_only=True)
class Entitlements:
    """What an organization's plan allows it."""

    organization_id: UUID
    plan: str
    seats: int
    storage_bytes: int
    requests_per_minute: int
    audit_retention_days: int = 30


@dataclass(frozen=True, kw_only=True)
class SimulatedStep:
    """Something that will happen: to an invoice, a payment or the state of a subscription."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class BooksDiffer:
    """Two books don't agree on a row; amounts are in minor units."""

    row: str
    expected: str
    found: str


@dataclass(frozen=True, kw_only=True)
class BooksVerdict:
    """How many groups the ledger should hold, and the first row on which two books differ."""

    groups: int
    difference: BooksDiffer | None
