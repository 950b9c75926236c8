"""What is kept of where a person is reached: shown to them, and gone with them."""

from __future__ import annotations

import pytest

from domains.notifications.models import (
    Cause,
    ChatEndpoint,
    PhoneNumber,
    PushSubscription,
    SentSms,
    Suppression,
)
from domains.notifications.services import privacy
from domains.notifications.services.channels import vapid
from domains.users import interface as users
from kernel.clock import now
from tests.erasures import account_erased
from tests.notifications.conftest import person
from tests.notifications.test_admin import staff, url

pytestmark = pytest.mark.django_db(databases="__all__")

MODELS = (PushSubscription, PhoneNumber, SentSms, Suppression, ChatEndpoint)


def reached(account, acme, *, number: str) -> None:
    moment = {"created_at": now()}
    key = vapid.present_key(now=now())
    endpoint = f"https://push.example.com/{account.id}"
    PushSubscription.objects.create(
        account_id=account.id, endpoint=endpoint, vapid_key=key, **moment
    )
    PhoneNumber.objects.create(account_id=account.id, number=number, **moment)
    SentSms.objects.create(
        reference=account.id.hex, recipient=number, text="Hello", segments=1, **moment
    )
    Suppression.objects.create(
        channel="email", address=account.email.lower(), cause=Cause.BOUNCE, **moment
    )
    ChatEndpoint.objects.create(
        organization_id=acme.id, name=account.id.hex, created_by=account.id, **moment
    )


def test_a_person_is_shown_where_they_are_reached(ada, acme):
    reached(ada, acme, number="+4915112345678")
    reached(person("grace"), acme, number="+4915187654321")
    page = privacy.export_person(account_id=ada.id, cursor=None)
    shown = {section.name: section.records for section in page.sections}
    names = ("push_subscriptions", "phone_number", "sms_in_the_book", "suppressed_addresses")
    assert [len(shown[name]) for name in (*names, "chat_endpoints")] == [1, 1, 1, 1, 1]
    assert "+4915112345678" in shown["phone_number"][0]
    assert "+4915187654321" not in str(shown)


def test_it_goes_with_the_person_and_with_nobody_else(ada, acme, deliver_events):
    grace = person("grace")
    users.ensure_member(organization_id=acme.id, account_id=grace.id, role="owner")
    reached(ada, acme, number="+4915112345678")
    reached(grace, acme, number="+4915187654321")
    account_erased(ada.id, ada.email)
    deliver_events()
    assert PushSubscription.objects.get().account_id == grace.id
    assert PhoneNumber.objects.get().account_id == grace.id
    assert SentSms.objects.get().recipient == "+4915187654321"
    assert Suppression.objects.get().address == grace.email.lower()
    creators = ChatEndpoint.objects.within(acme.id).values_list("created_by", flat=True)
    assert set(creators) == {None, grace.id}


@pytest.mark.parametrize(
    "model",
    ["pushsubscription", "phonenumber", "sentsms", "suppression", "chatendpoint", "vapidkey",
     "provider"],
)  # fmt: skip
def test_staff_see_and_search_every_list(ada, acme, model):
    reached(ada, acme, number="+4915112345678")
    client = staff(superuser=True)
    for query in ({}, {"q": str(ada.id)}, {"q": "nonsense' --"}):
        assert client.get(url(model, "changelist"), query).status_code == 200
    assert client.get(url(model, "add")).status_code == 403


def test_staff_never_see_a_secret(ada, acme):
    reached(ada, acme, number="+4915112345678")
    client, row = staff(superuser=True), PushSubscription.objects.get()
    page = client.get(url("pushsubscription", "change", row.id)).content.decode()
    assert "push.example.com" in page
    assert row.endpoint not in page
    key = client.get(url("vapidkey", "change", row.vapid_key_id)).content.decode()
    assert row.vapid_key.public_key in key
    assert row.vapid_key.private_key_encrypted not in key


def test_staff_close_a_breaker_and_rotate_the_push_key(ada, acme):
    from domains.notifications.models import Failure, Provider, VapidKey
    from domains.notifications.services.channels.port import AttemptFailed
    from domains.notifications.services.sending import gate

    class Somebody:
        name, key, rate = "somebody", "test:staff", None

    away = AttemptFailed(Failure.UNREACHABLE, "away")
    gate.record_failure(provider=Somebody(), error=away, now=now())
    client, reason = staff(superuser=True), {"reason": "It is back"}
    chosen = {"action": "close", "_selected_action": [Somebody.key], **reason}
    client.post(url("provider", "changelist"), chosen)
    assert Provider.objects.get(key=Somebody.key).retry_at is None
    key = vapid.present_key(now=now())
    chosen = {"action": "rotate", "_selected_action": [str(key.id)], **reason}
    client.post(url("vapidkey", "changelist"), chosen)
    assert VapidKey.objects.get(retired_at=None).id != key.id
