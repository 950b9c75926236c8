"""What the tests of notifications share: people, organizations, and saying what happened."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail

from domains.auth import interface as auth
from domains.notifications.models import Delivery, Message, Notification
from domains.users import interface as users
from kernel.clock import now
from kernel.db import transaction
from kernel.events import publish
from kernel.ids import uuid7
from kernel.principal import Principal
from tests.client import Api

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
