"""Putting a catalogue's document in force.

A price whose terms change gets its next version: those who have the earlier one keep it. What is no
longer in the document is archived. What a product allows is another for everybody at once, of which
a job tells. One at a time, under a lock; what changes nothing is no release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django.db.models import Max

from domains.billing.contract.catalogue import CatalogueInvalid, CatalogueOutdated
from domains.billing.contract.data import CatalogueChange, CataloguePublication
from domains.billing.models import CatalogueRelease, Meter, Price, Product
from domains.billing.services.catalogue import source
from domains.billing.services.catalogue.differences import Action, Change, differences
from domains.billing.services.catalogue.document import Document
from domains.billing.services.catalogue.items import (
    METER,
    PRICE,
    PRODUCT,
    InForce,
    Item,
    items_of,
)
from kernel.db import transaction
from kernel.jobs import ring

_LOCK = int.from_bytes(b"catalog")
# What is not another version but another thing.
_FIXED = {METER: "aggregation", PRODUCT: "kind", PRICE: "product"}


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What was changed, and the release's number; None if nothing was."""

    changes: list[Change]
    number: int | None


def preview(*, text: str) -> list[Change]:
    """Return what publishing the text (YAML) would change; raise `CatalogueInvalid`."""
    return _compare(source.parse(text), InForce.read())


def last_number() -> int:
    """Return the number of the last release; 0 if there is none."""
    return CatalogueRelease.objects.aggregate(number=Max("number"))["number"] or 0


def publish(*, text: str, now: datetime, after: int | None = None) -> Publication:
    """Put the catalogue of the text (YAML) in force: all of it, or nothing.

    Raises `CatalogueInvalid`, and `CatalogueOutdated` unless the last release is `after` (None:
    whichever is).
    """
    document = source.parse(text)
    with transaction("billing"):
        _lock()
        if after not in (None, last_number()):
            raise CatalogueOutdated
        there = InForce.read()
        changes = _compare(document, there)
        for change in changes:
            _apply(change, there, now)
        if allows := _allow_something_else(changes):
            ring("billing.announce_products", allows)
        return Publication(changes=changes, number=_release(text, now) if changes else None)


def publish_text(*, text: str | None, dry_run: bool, now: datetime) -> CataloguePublication:
    """Publish the text (None: the shipped one), or say what that would change, in plain data."""
    wanted = source.shipped() if text is None else text
    if dry_run:
        return _to_plain(Publication(changes=preview(text=wanted), number=None))
    return _to_plain(publish(text=wanted, now=now))


def publish_first(*, now: datetime) -> None:
    """Put the shipped catalogue in force unless there is one; safe any number of times at once."""
    with transaction("billing", final=False):
        _lock()
        if not CatalogueRelease.objects.exists():
            publish(text=source.shipped(), now=now)


def _lock() -> None:
    """Let one publication at a time go on, until the transaction ends."""
    with connections["billing"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _compare(document: Document, there: InForce) -> list[Change]:
    wanted = list(items_of(document))
    _refuse_another(there.all_items(), wanted)
    return differences(there.items(), wanted)


def _refuse_another(there: Iterable[Item], wanted: Iterable[Item]) -> None:
    known = {(item.kind, item.name): item.fields for item in there}
    for item in wanted:
        fixed = _FIXED[item.kind]
        before = known.get((item.kind, item.name), item.fields)[fixed]
        if before != item.fields[fixed]:
            raise CatalogueInvalid(
                f"{item.kind} {item.name}: its {fixed} was {before} once, and stays so: "
                "give what is another a name of its own."
            )


def _allow_something_else(changes: Iterable[Change]) -> list[str]:
    """Return the names of the products whose entitlements are others."""
    return [
        change.item.name
        for change in changes
        if change.item.kind == PRODUCT
        and any(field.name.startswith("entitlements.") for field in change.fields)
    ]


def _apply(change: Change, there: InForce, now: datetime) -> None:
    item, archived = change.item, change.action == Action.ARCHIVED
    if item.kind == METER:
        Meter.objects.update_or_create(name=item.name, defaults=item.fields)
    elif item.kind == PRODUCT:
        fields = {**item.fields, "archived_at": now if archived else None}
        Product.objects.update_or_create(name=item.name, defaults=fields)
    else:
        Price.objects.filter(name=item.name, archived_at=None).update(archived_at=now)
        if not archived:
            _add_price(item, there.prices.get(item.name), now)


def _add_price(item: Item, before: Price | None, now: datetime) -> None:
    references = {
        "product": Product.objects.get(name=item.fields["product"]),
        "meter": Meter.objects.filter(name=item.fields["meter"]).first(),
    }
    Price.objects.create(
        name=item.name,
        version=before.version + 1 if before else 1,
        published_at=now,
        **{**item.fields, **references},
    )


def _release(text: str, now: datetime) -> int:
    number, digest = last_number() + 1, hashlib.sha256(text.encode()).hexdigest()
    CatalogueRelease.objects.create(number=number, text=text, digest=digest, published_at=now)
    return number


def _to_plain(publication: Publication) -> CataloguePublication:
    changes = [
        CatalogueChange(
            kind=change.item.kind,
            name=change.item.name,
            action=change.action.value,
            fields=tuple(str(field) for field in change.fields),
        )
        for change in publication.changes
    ]
    return CataloguePublication(number=publication.number, changes=tuple(changes))
