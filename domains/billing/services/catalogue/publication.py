"""Putting a catalogue's document in force.

A price whose terms change gets its next version: those who have the earlier one keep it. What is no
longer in the document is archived. One at a time, under a lock; what changes nothing is no release.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections
from django.db.models import Max

from domains.billing.contract.catalogue import CatalogueInvalid
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

_LOCK = int.from_bytes(b"catalog")
# What is not another version but another thing.
_FIXED = {METER: "aggregation", PRODUCT: "kind", PRICE: "product"}


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What was changed, and the release's number; None if nothing was."""

    changes: list[Change]
    number: int | None


def preview(*, document: Document) -> list[Change]:
    """Return what publishing would change; raise `CatalogueInvalid` if it may not."""
    return _compare(document, InForce.read())


def publish(*, document: Document, now: datetime) -> Publication:
    """Put the document in force; raise `CatalogueInvalid`, and change nothing, if it may not be."""
    with transaction("billing"):
        _lock()
        return _publish(document, now)


def publish_first(*, now: datetime) -> None:
    """Put the shipped catalogue in force unless there is one; safe any number of times at once."""
    with transaction("billing", final=False):
        _lock()
        if not CatalogueRelease.objects.exists():
            _publish(source.shipped(), now)


def _lock() -> None:
    """Let one publication at a time go on, until the transaction ends."""
    with connections["billing"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _publish(document: Document, now: datetime) -> Publication:
    there = InForce.read()
    changes = _compare(document, there)
    for change in changes:
        _apply(change, there, now)
    number = _release(document, now) if changes else None
    return Publication(changes=changes, number=number)


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


def _release(document: Document, now: datetime) -> int:
    written = document.model_dump(mode="json")
    digest = hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()
    last: dict[str, Any] = CatalogueRelease.objects.aggregate(number=Max("number"))
    number = (last["number"] or 0) + 1
    CatalogueRelease.objects.create(
        number=number, document=written, digest=digest, published_at=now
    )
    return number
