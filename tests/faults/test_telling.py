"""Kill workers of notifications at any moment: each message is seen once, in every channel."""

from __future__ import annotations

import json
import os
import random
import time
from base64 import urlsafe_b64encode
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

import http_ece
import psycopg
import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from config.embedded import Servers, throwaway_servers
from tests import templates
from tests.faults.nursery import Nursery, nursery
from tests.faults.telling import EVENTS, MEMBERS, MESSAGES
from tests.notifications.mail_server import MailServer
from tests.notifications.sinks import Received, sink
from tests.ports import free_port

KILLS, PROCESSES = 100, 2
MEAN_SECONDS, LONGEST_SECONDS = 0.3, 1.5
# Time goes on between the kills, so that claims of the dead end and refused attempts are repeated.
STEP_SECONDS = 60
REFUSED = 0.05
OPEN = """
SELECT (SELECT count(*) FROM message WHERE state = 'pending')
    + (SELECT count(*) FROM delivery WHERE state IN ('pending', 'deferred', 'claimed'))
    + (SELECT count(*) FROM webhook_delivery WHERE state IN ('pending', 'claimed'))
"""
WEBHOOKS = "SELECT count(*) FROM webhook_delivery"
ITEMS = "SELECT count(DISTINCT (message_id, account_id)) FROM notification"
NUMBERED = "SELECT count(DISTINCT (account_id, sequence)) FROM notification"
BOOK = "SELECT count(DISTINCT reference) FROM sent_sms"
MADE = "SELECT channel, count(*) FROM delivery GROUP BY channel"
UNSETTLED = "SELECT count(*) FROM delivery WHERE state <> 'sent'"
GIVEN_UP = "SELECT mail_id FROM delivery WHERE state = 'dead' AND uncertain_attempts = 2"
REFERENCES = "SELECT mail_id FROM delivery WHERE channel = %s"
LOST = "SELECT count(*) FROM delivery WHERE uncertain_attempts > 0"
EVENT_IDS = "SELECT event_id::text FROM webhook_delivery WHERE state = 'succeeded'"


class Browser:
    """What every browser of the test keeps."""

    def __init__(self) -> None:
        self.key, self.secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)

    def keys(self) -> str:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return json.dumps({"p256dh": _encoded(point), "auth": _encoded(self.secret)})

    def open(self, body: bytes) -> dict:
        opened = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        return json.loads(opened)


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


class MoodyMailServer(MailServer):
    """Refuses some mails for now."""

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802  aiosmtpd's name
        if random.random() < REFUSED:
            return "451 4.7.1 come back later"
        return await super().handle_DATA(server, session, envelope)


@dataclass
class MoodyFarSide:
    """Stands for push services, chats and webhooks: keeps what it takes, and refuses some."""

    taken: list[Received] = field(default_factory=list)

    def reply(self, received: Received) -> tuple[int, dict[str, str], bytes]:
        if random.random() < REFUSED:
            return 503, {}, b""
        self.taken.append(received)
        return 201, {}, b"ok"

    def at(self, path: str) -> list[Received]:
        return [each for each in self.taken if each.path.startswith(path)]


@dataclass
class Telling:
    servers: Servers
    nursery: Nursery
    mails: MailServer
    far_side: MoodyFarSide
    browser: Browser

    def sql(self, statement: str, *values) -> list[tuple]:
        name = "tenon_template_notifications"
        with psycopg.connect(self.servers.database_url, dbname=name) as connection:
            connection.execute("SET search_path = notifications")
            return connection.execute(statement, values or None).fetchall()

    def number(self, statement: str) -> int:
        [[found]] = self.sql(statement)
        return int(found)


@contextmanager
def mail_server():
    server = MoodyMailServer()
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield server, controller.port
    finally:
        controller.stop()


@pytest.fixture
def telling():
    browser, far_side = Browser(), MoodyFarSide()
    with (
        throwaway_servers(seed=templates.ready()) as servers,
        mail_server() as (mails, port),
        sink() as server,
    ):
        server.reply = far_side.reply
        settings = {
            "EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "OUTBOUND_HTTP": "true",
            "OUTBOUND_NETWORKS": "127.0.0.0/8",
            "OUTBOUND_PORTS": str(server.port),
            "FAR_SIDE": server.url(""),
            "BROWSER_KEYS": browser.keys(),
        }
        with nursery("tests.faults.telling", servers, **settings) as workers:
            telling = Telling(servers, workers, mails, far_side, browser)
            workers.have_done("prepare", 0)
            assert telling.number(WEBHOOKS) == EVENTS
            yield telling


def tell_under_fire(telling, lots) -> float:
    """Kill one worker after the other while all channels are busy; return how late it is then."""
    for kill in range(KILLS):
        telling.nursery.keep(PROCESSES, seconds=kill * STEP_SECONDS)
        time.sleep(min(lots.expovariate(1 / MEAN_SECONDS), LONGEST_SECONDS))
        telling.nursery.kill(lots.choice(telling.nursery.alive))
    telling.nursery.kill_all()
    return KILLS * STEP_SECONDS


def tell_in_peace(telling, seconds: float) -> None:
    """Have all be done that the killed ones left, however often the far sides must be asked."""
    while telling.number(OPEN):
        seconds += STEP_SECONDS * 10
        telling.nursery.have_done("finish", seconds)


def arrivals(telling) -> dict[str, Counter]:
    """Return by channel which messages arrived, by what the far side knows them by."""
    pushed = [telling.browser.open(each.body)["id"] for each in telling.far_side.at("/push")]
    said = [each.headers["idempotency-key"] for each in telling.far_side.at("/chat")]
    return {
        "email": Counter(mail["Message-ID"] for mail in telling.mails.accepted),
        "web_push": Counter(pushed),
        "chat": Counter(said),
    }


@pytest.mark.slow
def test_whatever_is_killed_each_message_is_seen_once_in_every_channel(telling):
    seed = int.from_bytes(os.urandom(4))
    tell_in_peace(telling, tell_under_fire(telling, random.Random(seed)))

    everybody = MEMBERS * MESSAGES
    assert dict(telling.sql(MADE)) == {
        "chat": MESSAGES,
        **dict.fromkeys(("in_app", "email", "sms", "web_push"), everybody),
    }
    assert telling.number(ITEMS) == telling.number(NUMBERED) == everybody
    assert telling.number(BOOK) == everybody
    assert telling.number(LOST) > 0, "the kills met work under way"
    # What was lost with its worker twice, while the far side may have had it, waits for staff.
    given_up = {reference for (reference,) in telling.sql(GIVEN_UP)}
    assert telling.number(UNSETTLED) == len(given_up) < KILLS, f"with seed {seed}"
    for channel, arrived in arrivals(telling).items():
        told = {reference for (reference,) in telling.sql(REFERENCES, channel)}
        assert told - given_up <= set(arrived) <= told, f"{channel} with seed {seed}"
        assert set(arrived.values()) <= {1, 2}, f"{channel} with seed {seed}"
    told = {event_id for (event_id,) in telling.sql(EVENT_IDS)}
    # Its receiver tells a repeat by its id.
    assert {each.headers["webhook-id"] for each in telling.far_side.at("/hook")} == told
    assert len(told) == EVENTS
