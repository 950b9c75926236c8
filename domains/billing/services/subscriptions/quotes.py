"""A change as it was computed, to the last digit: shown, signed, and carried out as it is."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from domains.billing.contract.subscriptions import PreviewExpired, PreviewInvalid
from domains.billing.models import Invoice, SubscriptionState
from domains.billing.services import catalogue
from domains.billing.services.arithmetic import Period
from domains.billing.services.invoicing.drafting import InvoiceDraft, LineInput
from domains.billing.services.subscriptions.items import Item, Schedule
from domains.billing.services.subscriptions.quoting import Policy
from kernel import crypto
from kernel.ids import uuid7

VALID_FOR = timedelta(minutes=15)
_PURPOSE = "billing-preview"


@dataclass(frozen=True, kw_only=True)
class QuotedItem:
    """An item of the subscription once it is changed."""

    id: UUID
    price_id: UUID
    product: str
    is_plan: bool
    quantity: int
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What a change makes of a subscription and what it costs, as of an instant.

    `version` is that of the subscription it was computed from, 0 for one that begins. With
    `scheduled_for` nothing happens and nothing is charged before. `balance` is the customer's
    credit that pays a part of the draft, in minor units. `changes` is false where
    all that is wished is in force already.
    """

    organization_id: UUID
    account_id: UUID
    subscription_id: UUID
    version: int
    at: datetime
    plan: str
    policy: Policy
    state: SubscriptionState
    currency: str
    schedule: Schedule
    period: Period
    items: tuple[QuotedItem, ...]
    pending: tuple[LineInput, ...]
    draft: InvoiceDraft
    balance: int
    trial_end: datetime | None
    scheduled_for: datetime | None
    coupon: str = ""
    redemption_id: UUID | None = None
    changes: bool = True

    @property
    def due(self) -> int:
        """What has to be paid for it at once, in minor units."""
        return 0 if self.scheduled_for else self.draft.total - self.balance

    @property
    def begins(self) -> bool:
        """Whether it is of a subscription that there isn't yet."""
        return self.version == 0

    @property
    def cause(self) -> Invoice.Cause:
        """Why there is an invoice."""
        return Invoice.Cause.BEGIN if self.begins else Invoice.Cause.CHANGE

    @property
    def wanted(self) -> set[tuple[UUID, int]]:
        """Prices and quantities: what makes two quotes ask for the same."""
        return {(item.price_id, item.quantity) for item in self.items}

    def to_json(self) -> dict[str, Any]:
        """Return the quote as plain JSON, without any loss."""
        plain: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Quote:
        """Return what `to_json` was given; raise `ValueError` for anything else."""
        return _ADAPTER.validate_python(plain)

    def with_new_ids(self) -> Quote:
        """Return the same for a subscription, and items, that there aren't yet."""
        text = json.dumps(self.to_json())
        for id_ in (self.subscription_id, *(item.id for item in self.items)):
            text = text.replace(str(id_), str(uuid7()))
        return self.from_json(json.loads(text))

    def to_token(self) -> str:
        """Return the quote signed: whoever brings it back within 15 minutes is charged by it."""
        packed = urlsafe_b64encode(zlib.compress(json.dumps(self.to_json()).encode(), 9)).decode()
        return f"{packed}.{crypto.sign(_PURPOSE, packed.encode())}"

    @classmethod
    def from_token(cls, token: str, *, now: datetime) -> Quote:
        """Return the quote of the token; raise `PreviewInvalid` and `PreviewExpired`."""
        packed, _, signature = token.partition(".")
        if not crypto.verify(_PURPOSE, packed.encode(), signature):
            raise PreviewInvalid(pointer="/preview_token")
        quote = cls.from_json(json.loads(zlib.decompress(urlsafe_b64decode(packed))))
        if now >= quote.at + VALID_FOR:
            raise PreviewExpired(pointer="/preview_token")
        return quote


_ADAPTER: TypeAdapter[Quote] = TypeAdapter(Quote)


def to_quoted(item: Item) -> QuotedItem:
    """Return the item as it is written down."""
    return QuotedItem(
        id=item.id,
        price_id=item.price.id,
        product=item.price.product,
        is_plan=item.is_plan,
        quantity=item.quantity,
        started_at=item.started_at,
    )


def from_plain_items(plain: object) -> tuple[Item, ...]:
    """Return the items of a quote's JSON, with their prices."""
    quoted = _ITEMS.validate_python(plain)
    prices = catalogue.get_prices([item.price_id for item in quoted])
    return tuple(
        Item(
            id=item.id,
            price=prices[item.price_id],
            is_plan=item.is_plan,
            quantity=item.quantity,
            started_at=item.started_at,
        )
        for item in quoted
    )


def schedule_from_plain(plain: object) -> Schedule:
    """Return the schedule of a quote's JSON."""
    return _SCHEDULE.validate_python(plain)


_ITEMS: TypeAdapter[tuple[QuotedItem, ...]] = TypeAdapter(tuple[QuotedItem, ...])
_SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)
