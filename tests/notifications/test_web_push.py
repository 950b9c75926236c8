"""Web push, up to a push service on this machine that opens what comes as a browser does."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from py_vapid import Vapid02

from domains.notifications.models import Channel, Delivery, PushSubscription, VapidKey
from domains.notifications.services.channels import vapid, web_push
from domains.notifications.services.channels.destinations import Destination, destinations
from domains.notifications.services.channels.port import Parcel
from domains.notifications.services.rendering.rendering import Content
from kernel.clock import now
from kernel.ids import uuid7
from tests.notifications.conftest import an_open_delivery, person, send
from tests.notifications.sinks import Sink, sink
from tests.notifications.test_feed import signed_in

pytestmark = pytest.mark.django_db(databases="__all__")


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """What a browser keeps of a subscription."""

    key: ec.EllipticCurvePrivateKey
    secret: bytes
    endpoint: str

    def subscription(self, application_server_key: str) -> dict:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "endpoint": self.endpoint,
            "keys": {"p256dh": encoded(point), "auth": encoded(self.secret)},
            "application_server_key": application_server_key,
        }

    def open(self, body: bytes) -> dict:
        opened = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        return json.loads(opened)


@pytest.fixture
def service(settings):
    with sink() as server:
        server.reply = lambda _: (201, {}, b"")
        settings.OUTBOUND_HTTP = True
        settings.OUTBOUND_PORTS = [str(server.port)]
        settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
        yield server


def a_browser(service: Sink, path: str = "/push/1") -> Browser:
    key = ec.generate_private_key(ec.SECP256R1())
    return Browser(key=key, secret=os.urandom(16), endpoint=service.url(path))


def subscribe(api, browser: Browser, **changes):
    key = api.get("notifications/push-key").json()["public_key"]
    return api.post("notifications/push-subscriptions", {**browser.subscription(key), **changes})


@pytest.fixture
def mine(api, ada):
    return signed_in(api, ada)


def pushed(account, subscription_id: str, **fields) -> Delivery:
    delivery = an_open_delivery(
        account, channel=Channel.WEB_PUSH, recipient=subscription_id, address="-", **fields
    )
    delivery.message.kind = "auth.welcome"
    delivery.message.save()
    return delivery


def test_a_browser_opens_what_was_pushed_and_knows_from_whom(ada, mine, service):
    browser = a_browser(service)
    made = subscribe(mine, browser).json()
    delivery = send(pushed(ada, made["id"]))
    assert (delivery.state, delivery.provider, delivery.address) == (
        "sent", "127.0.0.1", "127.0.0.1",
    )  # fmt: skip
    (received,) = service.received
    told = browser.open(received.body)
    assert told["id"] == told["tag"] == delivery.mail_id == f"{delivery.id.hex}.0"
    assert (told["kind"], told["title"]) == ("auth.welcome", delivery.subject)
    assert Vapid02.verify(received.headers["authorization"])
    claims = json.loads(decoded(received.headers["authorization"].split(".")[1]))
    assert claims["aud"] == f"http://127.0.0.1:{service.port}"
    assert claims["sub"].startswith("mailto:")
    assert claims["exp"] <= now().timestamp() + 24 * 3600 + 1
    assert received.headers["topic"] == delivery.id.hex
    assert len(received.headers["topic"]) <= 32
    assert received.headers["content-encoding"] == "aes128gcm"
    assert int(received.headers["ttl"]) > 0


@pytest.mark.parametrize("status", [404, 410])
def test_a_dead_subscription_is_removed(ada, mine, service, status):
    made = subscribe(mine, a_browser(service)).json()
    service.reply = lambda _: (status, {}, b"unsubscribed")
    delivery = send(pushed(ada, made["id"]))
    assert (delivery.state, delivery.reason) == ("suppressed", f"{status} unsubscribed")
    assert not PushSubscription.objects.exists()
    again = send(pushed(ada, made["id"]))
    assert (again.state, len(service.received)) == ("suppressed", 1)


def test_a_push_that_may_have_arrived_is_repeated_once_under_the_same_topic(ada, mine, service):
    browser = a_browser(service)
    made = subscribe(mine, browser).json()
    service.reply = lambda _: (500, {}, b"")
    delivery = send(pushed(ada, made["id"]))
    assert delivery.failure == "uncertain"
    delivery = send(delivery, later=timedelta(minutes=5))
    send(delivery, later=timedelta(days=1))
    assert (delivery.state, len(service.received)) == ("dead", 2)
    assert len({each.headers["topic"] for each in service.received}) == 1
    assert len({browser.open(each.body)["tag"] for each in service.received}) == 1


def test_a_subscription_is_pushed_to_with_the_key_that_it_was_made_with(ada, mine, service):
    old = subscribe(mine, a_browser(service, "/push/old")).json()
    first = VapidKey.objects.get()
    vapid.rotate(now=now())
    new = subscribe(mine, a_browser(service, "/push/new")).json()
    for made in (old, new):
        assert send(pushed(ada, made["id"])).state == "sent"
    keys = [each.headers["authorization"].rpartition("k=")[2] for each in service.received]
    second = VapidKey.objects.get(retired_at=None)
    assert keys == [first.public_key, second.public_key]
    assert first.public_key != second.public_key


def test_keys_are_renewed_by_age_and_go_with_their_last_subscription(mine, service, settings):
    subscribe(mine, a_browser(service))
    old = VapidKey.objects.get()
    later = now() + settings.WEB_PUSH_KEY_LIFETIME + timedelta(minutes=1)
    vapid.renew(now=later - timedelta(days=1))
    assert VapidKey.objects.count() == 1
    vapid.renew(now=later)
    assert set(VapidKey.objects.values_list("retired_at", flat=True)) == {None, later}
    PushSubscription.objects.all().delete()
    vapid.renew(now=later)
    assert not VapidKey.objects.filter(id=old.id).exists()


def test_the_private_key_and_the_browser_s_secrets_are_not_readable_in_the_tables(mine, service):
    browser = a_browser(service)
    subscribe(mine, browser)
    row = PushSubscription.objects.get()
    assert encoded(browser.secret) not in row.keys_encrypted
    assert row.vapid_key.private_key_encrypted.startswith("gAAAA")


def test_subscriptions_are_listed_and_deleted_by_their_person_alone(api, ada, mine, service):
    made = subscribe(mine, a_browser(service), device="Firefox").json()
    assert made == {**made, "host": "127.0.0.1", "device": "Firefox"}
    listed = mine.get("notifications/push-subscriptions").json()["data"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert "endpoint" not in listed[0]
    others = signed_in(api, person("grace"))
    path = f"notifications/push-subscriptions/{made['id']}"
    assert others.get("notifications/push-subscriptions").json()["data"] == []
    assert others.delete(path).status_code == 404
    assert mine.delete(path).status_code == 204
    assert mine.delete(path).status_code == 404


def test_a_browser_that_another_person_signs_in_with_is_theirs(api, ada, mine, service):
    browser, grace = a_browser(service), person("grace")
    mine_first = subscribe(mine, browser).json()
    theirs = subscribe(signed_in(api, grace), browser).json()
    assert send(pushed(ada, mine_first["id"])).state == "suppressed"
    found = destinations(channel=Channel.WEB_PUSH, account_ids=[ada.id, grace.id])
    assert found == {grace.id: (Destination(id=theirs["id"], address="127.0.0.1"),)}


def test_there_are_only_so_many(mine, service, monkeypatch):
    from domains.notifications.services.channels import subscriptions

    monkeypatch.setattr(subscriptions, "MOST", 2)
    answers = [subscribe(mine, a_browser(service, f"/{n}")).status_code for n in range(3)]
    assert answers == [201, 201, 409]


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "https://10.0.0.1/push"},
        {"endpoint": "https://169.254.169.254/latest/meta-data"},
        {"endpoint": "https://user:pw@push.example.com:443/x"},
        {"endpoint": "ftp://push.example.com/x"},
        {"keys": {"p256dh": "AAAA", "auth": "BTBZMqHH6r4Tts7J_aSIgg"}},
        {"application_server_key": "B" * 87},
    ],
)
def test_what_can_not_be_pushed_to_is_refused(mine, service, changes):
    assert subscribe(mine, a_browser(service), **changes).status_code == 422
    assert not PushSubscription.objects.exists()


def test_a_secret_of_another_length_is_refused(mine, service):
    browser = a_browser(service)
    browser.secret = b"short"
    assert subscribe(mine, browser).status_code == 422


@given(title=st.text(max_size=200), body=st.text(max_size=20_000))
def test_a_push_is_never_longer_than_it_may_be(title, body):
    content = Content(subject=title, text=body)
    parcel = Parcel(reference=f"{uuid7().hex}.0", address="", content=content, kind="a.b")
    written = web_push._payload(parcel)
    told = json.loads(written)
    assert len(written) <= web_push.LONGEST_PAYLOAD
    assert told["title"] == title
    assert body.startswith(told["body"].rstrip("…")) or told["body"] == body
