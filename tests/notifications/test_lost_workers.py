"""Workers that die at any moment: in every channel one message, and where nobody can tell, two."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from domains.notifications.models import (
    Channel,
    ChatEndpoint,
    Delivery,
    Failure,
    PhoneNumber,
    PushSubscription,
    SentSms,
    VapidKey,
)
from domains.notifications.services.channels import chat, email, sms, vapid, web_push
from domains.notifications.services.channels.port import AttemptFailed
from domains.notifications.services.sending import attempts, gate
from kernel.clock import now
from kernel.crypto import encrypt
from kernel.ids import uuid7
from tests import patience
from tests.notifications.conftest import an_open_delivery
from tests.notifications.mail_server import mail_server
from tests.notifications.sinks import sink
from tests.notifications.test_web_push import a_browser

pytestmark = pytest.mark.django_db(databases="__all__")

CHANNELS = [Channel.EMAIL, Channel.WEB_PUSH, Channel.SMS, Channel.CHAT]
HANDS_OVER = {
    Channel.EMAIL: email.MailConnection,
    Channel.WEB_PUSH: web_push.PushService,
    Channel.SMS: sms.Book,
    Channel.CHAT: chat.ChatWebhook,
}


class Killed(BaseException):
    """As SIGKILL: nothing after it runs."""


@contextmanager
def far_side(channel: str, account, settings):
    """Give a delivery by the channel, and a function that returns the ids that arrived."""
    organization = uuid7()
    with sink() as server:
        server.reply = lambda _: (201, {}, b"")
        # Before the mail server's: what was set first is taken back last.
        settings.OUTBOUND_HTTP = True
        settings.OUTBOUND_PORTS = [str(server.port)]
        settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
        recipient = _destination(channel, account, organization, server)
        with mail_server() as mails:

            def arrived() -> list[str]:
                if channel == Channel.EMAIL:
                    return [each["Message-ID"] for each in mails.accepted]
                if channel == Channel.SMS:
                    return list(SentSms.objects.values_list("reference", flat=True))
                name = "topic" if channel == Channel.WEB_PUSH else "idempotency-key"
                return [each.headers[name] for each in server.received]

            yield _delivery(account, channel, recipient, organization), arrived


def _destination(channel: str, account, organization, server) -> str:
    if channel == Channel.WEB_PUSH:
        return _subscribed(account, server)
    if channel == Channel.CHAT:
        return _connected(organization, server)
    if channel == Channel.SMS:
        number = {"number": "+4915112345678", "confirmed_at": now(), "created_at": now()}
        PhoneNumber.objects.create(account_id=account.id, **number)
    return str(account.id)


def _delivery(account, channel: str, recipient: str, organization) -> Delivery:
    whose = None if channel == Channel.CHAT else account.id
    delivery = an_open_delivery(account, channel=channel, recipient=recipient, account_id=whose)
    if channel != Channel.EMAIL:
        delivery.message.kind = "auth.welcome"
    delivery.message.organization_id = organization
    delivery.message.save()
    return delivery


def _subscribed(account, server) -> str:
    browser = a_browser(server)
    key = vapid.present_key(now=now())
    told = browser.subscription(key.public_key)
    row = PushSubscription.objects.create(
        account_id=account.id,
        endpoint=browser.endpoint,
        keys_encrypted=encrypt(json.dumps(told["keys"])),
        vapid_key=VapidKey.objects.get(),
        created_at=now(),
    )
    return str(row.id)


def _connected(organization, server) -> str:
    row = ChatEndpoint.objects.create(
        organization_id=organization,
        name="#team",
        host="127.0.0.1",
        url_encrypted=encrypt(server.url()),
        created_at=now(),
    )
    return str(row.id)


def send_until_settled(delivery: Delivery) -> Delivery:
    """Have sweeps come by for a day."""
    for minutes in range(5, 24 * 60, 15):
        attempts.send(delivery_id=delivery.id, now=now() + timedelta(minutes=minutes))
    delivery.refresh_from_db()
    return delivery


def die(*_, **__):
    raise Killed


@pytest.mark.parametrize("channel", CHANNELS)
def test_without_a_death_it_is_sent_once(ada, settings, channel):
    with far_side(channel, ada, settings) as (delivery, arrived):
        attempts.send(delivery_id=delivery.id, now=now())
        assert send_until_settled(delivery).state == "sent"
        assert len(arrived()) == 1


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("moment", ["require_wanted", "mark_hand_over"])
def test_a_death_before_hand_over_loses_and_repeats_nothing(
    ada, settings, channel, moment, monkeypatch
):
    with far_side(channel, ada, settings) as (delivery, arrived):
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(attempts, moment, die)
            attempts.send(delivery_id=delivery.id, now=now())
        assert send_until_settled(delivery).state == "sent"
        assert len(arrived()) == 1


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("arrives", [False, True])
def test_a_death_in_hand_over_leads_to_one_duplicate_at_most_with_the_same_id(
    ada, settings, channel, arrives, monkeypatch
):
    kind = HANDS_OVER[channel]
    hand_over = kind.hand_over

    def die_in_it(self, parcel):
        if arrives:
            hand_over(self, parcel)
        raise Killed

    with far_side(channel, ada, settings) as (delivery, arrived):
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(kind, "hand_over", die_in_it)
            attempts.send(delivery_id=delivery.id, now=now())
        assert send_until_settled(delivery).state == "sent"
        # The book knows a repeat by its id, as a browser knows it by its tag.
        duplicates = arrives and channel != Channel.SMS
        assert len(arrived()) == (2 if duplicates else 1)
        assert len(set(arrived())) == 1


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_death_before_settlement_each_time_ends_after_two(ada, settings, channel, monkeypatch):
    with far_side(channel, ada, settings) as (delivery, arrived):
        monkeypatch.setattr(attempts, "settle_sent", die)
        for minutes in range(0, 24 * 60, 15):
            try:
                attempts.send(delivery_id=delivery.id, now=now() + timedelta(minutes=minutes))
            except Killed:
                continue
        delivery.refresh_from_db()
        assert (delivery.state, delivery.failure) == ("dead", Failure.UNCERTAIN)
        assert len(arrived()) == (1 if channel == Channel.SMS else 2)
        assert len(set(arrived())) == 1
        monkeypatch.undo()
        later = now() + timedelta(days=2)
        assert attempts.send_again(delivery_id=delivery.id, now=later)
        attempts.send(delivery_id=delivery.id, now=later)
        delivery.refresh_from_db()
        assert delivery.state == "sent", "staff took it out of the dead letters"


class Somebody:
    name, key, rate = "somebody", "test:at-once", None


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_of_many_processes_one_finds_out_how_a_provider_is():
    at, many = now(), 6
    error = AttemptFailed(Failure.UNREACHABLE, "away")
    gate.record_failure(provider=Somebody(), error=error, now=at)
    start = Barrier(many)

    def ask(_: int) -> bool:
        try:
            start.wait(timeout=patience.SECONDS)
            admission = gate.admit(provider=Somebody(), now=at + timedelta(minutes=1))
            return isinstance(admission, gate.Admission)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(many) as pool:
        assert sum(pool.map(ask, range(many))) == 1


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_many_processes_share_a_rate():
    class Bounded(Somebody):
        rate = (4, 3600)

    at, many = now(), 8
    start = Barrier(many)

    def ask(_: int) -> bool:
        try:
            start.wait(timeout=patience.SECONDS)
            return isinstance(gate.admit(provider=Bounded(), now=at), gate.Admission)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(many) as pool:
        assert sum(pool.map(ask, range(many))) == 4
