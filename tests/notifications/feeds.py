"""What the tests of feeds share: items that are told, and whether what is counted is so."""

from __future__ import annotations

from uuid import UUID

from domains.auth import interface as auth
from domains.notifications.models import Feed, Message, Notification
from domains.notifications.services.feed import adding
from kernel.clock import now
from kernel.db import transaction
from kernel.ids import uuid7
from tests.client import Api
from tests.notifications.conftest import PASSWORD


def signed_in(api: Api, account: auth.Account) -> Api:
    answer = api.post("auth/login", {"email": account.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    return api.as_(token=answer.json()["access_token"])


def an_item(account_id: UUID, title: str = "item", **fields) -> Notification:
    """Return an item of a message of its own, which isn't in any feed yet."""
    message = Message.objects.create(
        event_id=uuid7(),
        kind="test",
        organization_id=fields.get("organization_id"),
        state="expanded",
        occurred_at=now(),
        created_at=now(),
        due_at=now(),
    )
    values = {"kind": "test", "title": title, "created_at": now(), **fields}
    return Notification(message=message, account_id=account_id, **values)


def told(account: auth.Account, *titles: str, **fields) -> list[Notification]:
    """Tell the account of all this, in one transaction."""
    named = {"organization_name": "Acme"} if fields.get("organization_id") else {}
    with transaction("notifications"):
        items = [an_item(account.id, title, **named, **fields) for title in titles]
        adding.add(items=items)
    return items


def insist_on_counts(*account_ids: UUID) -> None:
    """Fail unless the feeds say what counting their items says."""
    for account_id in account_ids:
        feed = Feed.objects.get(account_id=account_id)
        items = Notification.objects.filter(account_id=account_id, archived_at=None)
        assert feed.unread == items.filter(read_at=None).count()
        assert feed.unseen == items.filter(sequence__gt=feed.seen_sequence).count()


def numbers_of(account_id: UUID) -> list[int]:
    items = Notification.objects.filter(account_id=account_id).order_by("id")
    return sorted(items.values_list("sequence", flat=True))
