"""The categories that an organization's people see: the product's, and its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db import IntegrityError

from domains.notifications.contract.errors import (
    CategoryKeyTaken,
    CategoryLimitReached,
    CategoryNotFound,
    CategoryReserved,
)
from domains.notifications.contract.permissions import CATEGORY_READ, CATEGORY_WRITE
from domains.notifications.models import Category, DefaultPreference, Preference, Throttle
from domains.notifications.services.catalogue.categories import BUILT_IN, RESERVED
from kernel.db import transaction
from kernel.principal import Principal

MOST = 100


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A category as people see it; `stored` is what deliveries and preferences have of it."""

    key: str
    stored: str
    name: str
    description: str
    mandatory: bool
    own: bool
    most: int | None = None
    period: int | None = None


def list_categories(*, principal: Principal) -> list[Shown]:
    """Return the product's categories, then the organization's by key, each with its throttle."""
    principal.require(CATEGORY_READ)
    return visible(principal.organization_id)


def visible(organization_id: UUID) -> list[Shown]:
    """Return the categories that there are in the organization."""
    throttles = {each.category: each for each in Throttle.objects.within(organization_id)}
    own = Category.objects.within(organization_id).order_by("key")
    return [
        *(
            _shown(each.key, each.key, each, throttles.get(each.key), mandatory=each.mandatory)
            for each in BUILT_IN.values()
        ),
        *(
            _shown(each.key, str(each.id), each, throttles.get(str(each.id)), own=True)
            for each in own
        ),
    ]


def create_category(
    *, principal: Principal, key: str, name: str, description: str, now: datetime
) -> Shown:
    """Make a category; raise `CategoryKeyTaken` or `CategoryLimitReached`."""
    principal.require(CATEGORY_WRITE)
    if key in BUILT_IN:
        raise CategoryKeyTaken
    own = Category.objects.within(principal.organization_id)
    with transaction("notifications"):
        # Locked in one order: two at once are counted one after the other.
        if len(own.select_for_update().order_by("id")) >= MOST:
            raise CategoryLimitReached
        if own.filter(key=key).exists():
            raise CategoryKeyTaken
        try:
            with transaction("notifications"):
                Category.objects.create(
                    organization_id=principal.organization_id,
                    key=key,
                    name=name,
                    description=description,
                    created_at=now,
                )
        except IntegrityError as error:
            raise CategoryKeyTaken from error
    return find(principal.organization_id, key)


def update_category(*, principal: Principal, key: str, changes: dict[str, Any]) -> Shown:
    """Call one's own category otherwise; raise `CategoryNotFound` or `CategoryReserved`."""
    principal.require(CATEGORY_WRITE)
    _own(principal, key)
    with transaction("notifications"):
        Category.objects.within(principal.organization_id).filter(key=key).update(**changes)
    return find(principal.organization_id, key)


def delete_category(*, principal: Principal, key: str) -> None:
    """Delete one's own category with all that was said of it; what was sent in it stays."""
    principal.require(CATEGORY_WRITE)
    category = _own(principal, key)
    organization_id = principal.organization_id
    with transaction("notifications"):
        Preference.objects.filter(category=category.stored).delete()
        DefaultPreference.objects.within(organization_id).filter(category=category.stored).delete()
        Throttle.objects.within(organization_id).filter(category=category.stored).delete()
        Category.objects.within(organization_id).filter(key=key).delete()


def put_throttle(*, principal: Principal, key: str, most: int, period: int) -> Shown:
    """Let at most `most` of the category reach a recipient by a channel in any `period` seconds.

    Raise `CategoryNotFound`; what nobody can switch off is never held back by it.
    """
    principal.require(CATEGORY_WRITE)
    category = find(principal.organization_id, key)
    throttle = Throttle(
        organization_id=principal.organization_id,
        category=category.stored,
        most=most,
        period=period,
    )
    with transaction("notifications"):
        Throttle.objects.bulk_create(
            [throttle],
            update_conflicts=True,
            unique_fields=["organization_id", "category"],
            update_fields=["most", "period"],
        )
    return find(principal.organization_id, key)


def delete_throttle(*, principal: Principal, key: str) -> None:
    """Let as many reach people as are sent; repeatable. Raise `CategoryNotFound`."""
    principal.require(CATEGORY_WRITE)
    category = find(principal.organization_id, key)
    with transaction("notifications"):
        throttles = Throttle.objects.within(principal.organization_id)
        throttles.filter(category=category.stored).delete()


def find(organization_id: UUID, key: str) -> Shown:
    """Return the category of that key; raise `CategoryNotFound`."""
    for category in visible(organization_id):
        if category.key == key:
            return category
    raise CategoryNotFound(f"There is no category {key}.")


class Filed(Protocol):
    """A row of an organization's, or of nobody's, that has a category as it is stored."""

    organization_id: Any
    category: str


Row = TypeVar("Row", bound=Filed)


def by_their_keys(rows: Sequence[Row]) -> Sequence[Row]:
    """Return the rows, each with its category's key; of a deleted one it has what was stored."""
    keys = keys_of((row.organization_id, row.category) for row in rows)
    for row in rows:
        row.category = keys.get(row.category, row.category)
    return rows


def keys_of(stored: Iterable[tuple[UUID | None, str]]) -> dict[str, str]:
    """Return the keys of the organizations' own categories by what is stored of them."""
    own = {(whose, category) for whose, category in stored if category not in BUILT_IN}
    whose = {organization_id for organization_id, _ in own if organization_id}
    if not whose:
        return {}
    names = {str(each.id): each.key for each in Category.objects.within(*whose)}
    return {category: names[category] for _, category in own if category in names}


def stored_as(organization_id: UUID, key: str) -> str:
    """Return what rows have of the category of that key; the key itself if there is none."""
    if key in BUILT_IN:
        return key
    own = Category.objects.within(organization_id).filter(key=key).first()
    return str(own.id) if own else key


def find_speakable(organization_id: UUID, key: str) -> Shown:
    """Return the category if an organization may speak in it, else raise `CategoryReserved`."""
    if key in RESERVED:
        raise CategoryReserved
    return find(organization_id, key)


def _own(principal: Principal, key: str) -> Shown:
    category = find(principal.organization_id, key)
    if not category.own:
        raise CategoryReserved("The product's own categories stay as they are.")
    return category


def _shown(
    key: str,
    stored: str,
    words: Any,
    throttle: Throttle | None,
    *,
    mandatory: bool = False,
    own: bool = False,
) -> Shown:
    return Shown(
        key=key,
        stored=stored,
        name=words.name,
        description=words.description,
        mandatory=mandatory,
        own=own,
        most=throttle.most if throttle else None,
        period=throttle.period if throttle else None,
    )
