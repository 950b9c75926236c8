"""Workers of notifications that can be killed at any moment.

Its orders: `prepare 0`; `run SECONDS`, a worker that goes on until it is killed; or `finish
SECONDS`, one that ends when nothing is due. Both work at the time that many seconds after
everything was told. Where what they send goes, the environment says (`tests.faults.far_sides`).
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import django

from tests.faults.nursery import serve

TOLD_AT = datetime(2026, 4, 10, 12, tzinfo=UTC)
MEMBERS, MESSAGES, EVENTS = 20, 25, 300
CHANNELS = ("chat", "email", "in_app", "sms", "web_push")
IDLE_SECONDS = 0.005
AT_ONCE = 20  # so that a killed worker has done some, and has some before it
EVENT = "users.member_joined.v1"


def prepare(_number: float) -> None:
    """Have members who can be reached in every way, and messages and events to tell them of."""
    from domains.notifications.services.channels import chat_endpoints
    from domains.notifications.services.webhooks import endpoints, recording
    from domains.users import interface as users
    from tests.principals import member_of

    local = os.environ["FAR_SIDE"]
    people = [_person(number) for number in range(MEMBERS)]
    organization = users.ensure_organization(account_id=people[0], name="Acme")
    owner = member_of(organization.id)
    for number, account_id in enumerate(people):
        if number:
            users.ensure_member(
                organization_id=organization.id, account_id=account_id, role="member"
            )
        _reach(account_id, number, local)
    chat_endpoints.create_endpoint(
        principal=owner, name="Team", url=f"{local}/chat", categories=["product"], now=TOLD_AT
    )
    endpoints.create(owner, url=f"{local}/hook", event_types=["*"], now=TOLD_AT)
    for number in range(MESSAGES):
        _tell(owner, number)
    recording.record(envelopes=[_event(organization.id) for _ in range(EVENTS)], now=TOLD_AT)


def _person(number: int) -> UUID:
    from domains.auth import interface as auth

    password = "correct horse battery staple"
    return auth.ensure_account(email=f"m{number}@example.com", password=password).id


def _reach(account_id: UUID, number: int, local: str) -> None:
    """Let the person be reached by push and SMS."""
    from domains.notifications.models import PhoneNumber, PushSubscription
    from domains.notifications.services.channels import vapid
    from kernel.crypto import encrypt

    PhoneNumber.objects.create(
        account_id=account_id, number=f"+49151000{number:04d}", created_at=TOLD_AT
    )
    PushSubscription.objects.create(
        account_id=account_id,
        endpoint=f"{local}/push/{number}",
        keys_encrypted=encrypt(os.environ["BROWSER_KEYS"]),
        vapid_key=vapid.present_key(now=TOLD_AT),
        created_at=TOLD_AT,
    )


def _tell(owner: Any, number: int) -> None:
    from domains.notifications.services.messages import sending

    order = sending.Order(
        recipients=sending.Recipients(organization=True),
        saying=sending.Saying(subject=f"Message {number}", text="All is well."),
        channels=CHANNELS,
        category="product",
    )
    sending.send_message(principal=owner, order=order, now=TOLD_AT)


def _event(organization_id: UUID) -> Any:
    from kernel.events import Envelope
    from kernel.ids import uuid7

    return Envelope(
        id=uuid7(),
        name=EVENT,
        occurred_at=TOLD_AT,
        aggregate_id=str(organization_id),
        version=1,
        actor_id=None,
        organization_id=organization_id,
        traceparent="",
        payload={
            "organization_id": str(organization_id),
            "account_id": str(uuid7()),
            "role": "member",
        },
    )


def run(seconds: float) -> None:
    """Do what is due at that time, over and over."""
    while True:
        if not _work(seconds):
            time.sleep(IDLE_SECONDS)


def finish(seconds: float) -> None:
    """Do what is due at that time, until nothing is."""
    while _work(seconds):
        pass


def _work(seconds: float) -> bool:
    """Return whether there was anything to do."""
    from domains.notifications.services.fanout import expansion
    from domains.notifications.services.sending import attempts
    from domains.notifications.services.webhooks import sending

    now = TOLD_AT + timedelta(seconds=seconds)
    messages = expansion.due_messages(now=now, limit=AT_ONCE)
    for message_id in messages:
        expansion.expand(message_id=message_id, now=now)
    deliveries = attempts.due_deliveries(now=now, limit=AT_ONCE)
    for delivery_id in deliveries:
        attempts.send(delivery_id=delivery_id, now=now)
    webhooks = sending.send_due(clock=lambda: now, seconds=0.05)
    return bool(messages or deliveries or webhooks)


def _load() -> None:
    """Have all in memory before anything is forked, each domain in its own database."""
    django.setup()
    from django.conf import settings
    from django.db import connections

    for alias in settings.DOMAINS:
        connections[alias].settings_dict["NAME"] = f"tenon_template_{alias}"


ORDERS = {"prepare": prepare, "run": run, "finish": finish}

if __name__ == "__main__":
    _load()
    serve(ORDERS)
