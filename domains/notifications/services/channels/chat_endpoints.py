"""An organization's chat endpoints: made, changed and removed by who may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet

from domains.notifications.contract.channel_errors import (
    ChatEndpointLimitReached,
    ChatEndpointNameTaken,
    ChatEndpointNotFound,
    ChatUrlRefused,
)
from domains.notifications.contract.errors import CategoryNotFound
from domains.notifications.contract.permissions import CHAT_READ, CHAT_WRITE
from domains.notifications.models import ChatEndpoint
from domains.notifications.services.deciding import categories as known
from domains.notifications.services.outbound import client
from domains.notifications.services.outbound.errors import Refused
from kernel.crypto import encrypt
from kernel.db import transaction
from kernel.principal import Principal

MOST = 20
BY_ORGANIZATION = "by the organization"


def list_endpoints(*, principal: Principal) -> QuerySet[ChatEndpoint]:
    """Return those of the present organization; raise `Forbidden`."""
    principal.require(CHAT_READ)
    return ChatEndpoint.objects.within(principal.organization_id)


def create_endpoint(
    *, principal: Principal, name: str, url: str, categories: Sequence[str], now: datetime
) -> ChatEndpoint:
    """Post to the URL from now on; no answer ever shows it again.

    Raises `Forbidden`, `ChatUrlRefused`, `CategoryNotFound`, `ChatEndpointNameTaken` or
    `ChatEndpointLimitReached`.
    """
    principal.require(CHAT_WRITE)
    address = _url(url)
    rows = ChatEndpoint.objects.within(principal.organization_id)
    with transaction("notifications"):
        # Locked in one order: two at once are counted one after the other.
        if len(rows.select_for_update().order_by("id")) >= MOST:
            raise ChatEndpointLimitReached
        with _names_differ():
            return ChatEndpoint.objects.create(
                organization_id=principal.organization_id,
                created_by=principal.account_id,
                created_at=now,
                name=name,
                categories=_stored(principal, categories),
                host=address["host"],
                url_encrypted=address["url_encrypted"],
            )


def update_endpoint(
    *, principal: Principal, endpoint_id: UUID, now: datetime, **changes: Any
) -> ChatEndpoint:
    """Change name, url, categories, or whether it is enabled; raise as `create_endpoint` does.

    Raises `ChatEndpointNotFound` besides.
    """
    principal.require(CHAT_WRITE)
    with transaction("notifications"):
        row = _lock(principal, endpoint_id)
        if "url" in changes:
            changes |= _url(changes.pop("url"))
        if "categories" in changes:
            changes["categories"] = _stored(principal, changes["categories"])
        if "enabled" in changes:
            changes |= _switched(row, changes.pop("enabled"), now)
        for name, value in changes.items():
            setattr(row, name, value)
        with _names_differ():
            row.save()
        return row


def delete_endpoint(*, principal: Principal, endpoint_id: UUID) -> None:
    """Post there no more, and forget the URL; raise `Forbidden` or `ChatEndpointNotFound`."""
    principal.require(CHAT_WRITE)
    with transaction("notifications"):
        _lock(principal, endpoint_id).delete()


def shown_categories(endpoint: ChatEndpoint) -> list[str]:
    """Return the categories as people name them."""
    names = {each.stored: each.key for each in known.visible(endpoint.organization_id)}
    return [names[stored] for stored in endpoint.categories if stored in names]


@contextmanager
def _names_differ() -> Iterator[None]:
    """Say that a name is taken where the database does."""
    try:
        with transaction("notifications"):
            yield
    except IntegrityError as error:
        raise ChatEndpointNameTaken(pointer="/name") from error


def _switched(row: ChatEndpoint, enabled: bool, now: datetime) -> dict[str, Any]:  # noqa: FBT001
    if enabled:
        return {"disabled_at": None, "disabled_because": ""}
    return {} if row.disabled_at else {"disabled_at": now, "disabled_because": BY_ORGANIZATION}


def _lock(principal: Principal, endpoint_id: UUID) -> ChatEndpoint:
    rows = ChatEndpoint.objects.within(principal.organization_id).select_for_update()
    found = rows.filter(id=endpoint_id).first()
    if found is None:
        raise ChatEndpointNotFound
    return found


def _url(url: str) -> dict[str, str]:
    try:
        client.check_url(url=url)
    except Refused as error:
        raise ChatUrlRefused(str(error), pointer="/url") from error
    return {"url_encrypted": encrypt(url), "host": urlsplit(url).hostname or ""}


def _stored(principal: Principal, categories: Sequence[str]) -> list[str]:
    """Return the categories as deliveries have them."""
    keys = {each.key: each.stored for each in known.visible(principal.organization_id)}
    for index, key in enumerate(categories):
        if key not in keys:
            raise CategoryNotFound(f"There is no category {key}.", pointer=f"/categories/{index}")
    return sorted({keys[key] for key in categories})
