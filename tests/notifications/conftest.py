"""What the tests of notifications share: people, organizations, and saying what happened."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail

from domains.auth import interface as auth
from domains.notifications.models import Delivery, Message, Notification, PhoneNumber
from domains.notifications.services.sending import attempts
from domains.users import interface as users
from kernel.clock import now
from kernel.db import transaction
from kernel.events import publish
from kernel.events.testing import deliver_events
from kernel.ids import uuid7
from kernel.principal import Principal
from tests.client import Api
from tests.notifications.sinks import sink

PASSWORD = "correct horse battery staple"


def person(name: str = "ada") -> auth.Account:
    """Return a new account whose address is confirmed."""
    return auth.ensure_account(email=f"{name}.{uuid7()}@example.com", password=PASSWORD)


def say(event: object) -> None:
    """Publish the event as its domain would."""
    with transaction(type(event).__module__.split(".")[1]):
        publish(event)


def principal(account_id: UUID) -> Principal:
    return Principal(kind="account", account_id=account_id, organization_id=uuid7(), memberships={})


def a_sign_in(account_id: UUID, *, new_device: bool = False) -> auth.SessionStarted:
    return auth.SessionStarted(
        account_id=account_id,
        session_id=uuid7(),
        methods=("password",),
        device="Firefox on Linux",
        network="203.0.113.0/24",
        place="Lyon, France",
        new_device=new_device,
    )


def feed_of(account: auth.Account, kind: str) -> list[Notification]:
    return list(Notification.objects.filter(account_id=account.id, kind=kind))


def mails_to(address: str) -> list[mail.EmailMultiAlternatives]:
    return [each for each in mail.outbox if each.to == [address]]


def html_of(message: mail.EmailMultiAlternatives) -> str:
    return message.alternatives[0].content


def an_open_delivery(account: auth.Account, **fields) -> Delivery:
    """Return a delivery that waits to be sent, of a mail without a secret."""
    message = Message.objects.create(
        event_id=uuid7(),
        kind="auth.registration_repeated",
        facts={"account_id": str(account.id)},
        context={"occurred_at": "22 November 2026, 17:12 UTC"},
        occurred_at=now(),
        created_at=now(),
        due_at=now(),
        state="expanded",
    )
    values = {
        "message": message,
        "channel": "email",
        "recipient": str(account.id),
        "account_id": account.id,
        "address": account.email,
        "due_at": now() - timedelta(minutes=1),
        "created_at": now(),
    }
    return Delivery.objects.create(**{**values, **fields})


def send(delivery: Delivery, *, later: timedelta = timedelta()) -> Delivery:
    """Have the delivery sent, and return what became of it."""
    attempts.send(delivery_id=delivery.id, now=now() + later)
    delivery.refresh_from_db()
    return delivery


@pytest.fixture
def ada() -> auth.Account:
    return person("ada")


@pytest.fixture
def acme(ada) -> users.Organization:
    """An organization that Ada owns."""
    return users.ensure_organization(account_id=ada.id, name="Acme")


@pytest.fixture
def owner(api: Api, ada, acme) -> Api:
    """Ada, signed in, in her organization."""
    answer = api.post("auth/login", {"email": ada.email, "password": PASSWORD})
    token = answer.json()["access_token"]
    return api.as_(token=token, organization_id=acme.id)


@pytest.fixture
def far_side(settings):
    """A server that is both push service and chat."""
    with sink() as server:
        server.reply = lambda _: (201, {}, b"ok")
        settings.OUTBOUND_HTTP = True
        settings.OUTBOUND_PORTS = [str(server.port)]
        settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
        settings.PUBLIC_URL = "https://api.example.com"
        yield server


@pytest.fixture
def bob(acme):
    from tests.notifications.pipeline import member

    return member(acme.id)


@pytest.fixture
def bobs(bob, acme) -> Api:
    """Bob, signed in, who lives in Vienna."""
    answer = Api().post("auth/login", {"email": bob.email, "password": PASSWORD})
    client = Api().as_(token=answer.json()["access_token"], organization_id=acme.id)
    changed = client.patch("users/me", {"locale": "de-AT", "time_zone": "Europe/Vienna"})
    assert changed.status_code == 200, changed.content
    return client


@pytest.fixture
def browser(bob, bobs, owner, far_side):
    """Bob's browser, and all else that reaches him: his phone, and his organization's chat."""
    deliver_events()
    from tests.notifications.test_web_push import a_browser, subscribe

    found = a_browser(far_side)
    assert subscribe(bobs, found).status_code == 201
    PhoneNumber.objects.create(
        account_id=bob.id, number="+4366412345678", confirmed_at=now(), created_at=now()
    )
    chat = {"name": "#orders", "url": far_side.url("/chat")}
    assert owner.post("notifications/chat-endpoints", chat).status_code == 201
    return found
