"""One call reaches people in every channel, through the API, and each delivery says why."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from domains.notifications.models import Delivery, PhoneNumber, SentSms
from domains.notifications.tasks import (
    close_due_digests,
    expand_due_messages,
    send_due_deliveries,
)
from kernel.clock import now
from kernel.events.testing import deliver_events
from kernel.ids import uuid7
from tests.client import Api
from tests.notifications.conftest import PASSWORD, html_of, mails_to
from tests.notifications.pipeline import keeps, member, wants
from tests.notifications.sinks import sink
from tests.notifications.test_admin import WHY, staff, url
from tests.notifications.test_web_push import a_browser, subscribe

pytestmark = pytest.mark.django_db(databases="__all__")

CHANNELS = ["in_app", "email", "web_push", "sms", "chat"]
NUMBER = "+4366412345678"
STEPS = ["fan_out", "preferences", "quiet_hours", "throttle", "digest", "render"]
TEMPLATE = {
    "key": "order-shipped",
    "variables": [
        {"name": "order", "type": "string", "example": "A-1"},
        {"name": "at", "type": "datetime", "example": "2026-11-22T17:12:00Z"},
    ],
    "parts": {
        "in_app": {
            "en": {"title": "Order {{ order }}", "body": "Shipped: {{ at }}"},
            "de": {"title": "Bestellung {{ order }}", "body": "Verschickt: {{ at }}"},
        },
        "email": {
            "en": {"subject": "Order {{ order }} left", "text": "Shipped: {{ at }}"},
            "de": {"subject": "Bestellung {{ order }} ist fort", "text": "Verschickt: {{ at }}"},
        },
        "sms": {"en": {"text": "SMS {{ order }}"}, "de": {"text": "SMS: {{ order }} {{ at }}"}},
    },
}
SAID = {"template": "order-shipped", "values": {"order": "B-7", "at": "2026-11-22T17:12:00Z"}}


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
    return member(acme.id)


@pytest.fixture
def mine(bob, acme) -> Api:
    """Bob, signed in, who lives in Vienna."""
    answer = Api().post("auth/login", {"email": bob.email, "password": PASSWORD})
    client = Api().as_(token=answer.json()["access_token"], organization_id=acme.id)
    changed = client.patch("users/me", {"locale": "de-AT", "time_zone": "Europe/Vienna"})
    assert changed.status_code == 200, changed.content
    return client


@pytest.fixture(autouse=True)
def browser(bob, mine, owner, far_side):
    """Bob's browser, and all else that reaches him: his phone, and his organization's chat."""
    deliver_events()
    found = a_browser(far_side)
    assert subscribe(mine, found).status_code == 201
    PhoneNumber.objects.create(
        account_id=bob.id, number=NUMBER, confirmed_at=now(), created_at=now()
    )
    chat = {"name": "#orders", "url": far_side.url("/chat")}
    assert owner.post("notifications/chat-endpoints", chat).status_code == 201
    return found


def publish(client: Api, template: dict) -> None:
    made = client.post("notifications/templates", template)
    assert made.status_code == 201, made.content
    answer = client.post(f"notifications/templates/{made.json()['id']}/publish")
    assert answer.status_code == 200, answer.content


def send(client: Api, account, **said) -> str:
    body = {"recipients": {"account_ids": [str(account.id)]}, "channels": CHANNELS, **said}
    answer = client.post("notifications/messages", body, Idempotency_Key=str(uuid7()))
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def traced(client: Api, message_id: str) -> dict[str, dict]:
    """Return each delivery of the message by its channel, as the API shows it."""
    page = client.get(f"notifications/messages/{message_id}/trace").json()
    return {each["channel"]: each for each in page["data"]}


def decided(delivery: dict, step: str) -> tuple[str, str]:
    found = {each["step"]: (each["decision"], each["rule"]) for each in delivery["steps"]}
    return found[step]


def moment(told: str) -> datetime:
    return datetime.fromisoformat(told).replace(microsecond=0)


def received_at(server, path: str) -> list:
    return [each for each in server.received if each.path == path]


def test_a_template_of_an_organization_goes_to_every_channel_and_each_says_how(
    owner, mine, bob, browser, far_side
):
    publish(owner, TEMPLATE)
    message_id = send(owner, bob, **SAID)
    deliver_events()
    found = traced(owner, message_id)
    assert {channel: each["state"] for channel, each in found.items()} == dict.fromkeys(
        CHANNELS, "sent"
    )
    for delivery in found.values():
        assert [each["step"] for each in delivery["steps"]][:6] == STEPS
        rendered = delivery["steps"][5]
        assert rendered["rule"] == "template.version"
        assert rendered["details"]["version"] == "order-shipped@1"
        assert decided(delivery, "result")[0] == "sent"
    (item,) = [
        each for each in mine.get("notifications").json()["data"] if each["kind"] == "order-shipped"
    ]
    assert item["title"] == "Bestellung B-7"
    assert [mail.subject for mail in mails_to(bob.email)] == ["Bestellung B-7 ist fort"]
    (pushed,) = received_at(far_side, "/push/1")
    assert browser.open(pushed.body)["title"] == "Bestellung B-7"
    (sms,) = SentSms.objects.all()
    assert sms.text.startswith("SMS: B-7 22. November 2026")
    (chatted,) = received_at(far_side, "/chat")
    assert "Order B-7" in json.loads(chatted.body)["text"]


def test_what_is_said_without_a_template_goes_to_every_channel_too(owner, bob, browser, far_side):
    message_id = send(owner, bob, subject="Hello", text="All is well.")
    deliver_events()
    found = traced(owner, message_id)
    assert {channel: each["state"] for channel, each in found.items()} == dict.fromkeys(
        CHANNELS, "sent"
    )
    assert decided(found["in_app"], "render") == ("passed", "template.shipped")
    assert browser.open(received_at(far_side, "/push/1")[0].body)["body"] == "All is well."
    assert SentSms.objects.get().text == "Hello\nAll is well."
    assert json.loads(received_at(far_side, "/chat")[0].body)["text"] == "Hello\nAll is well."


def test_a_mail_is_in_the_language_and_the_time_zone_of_its_reader(owner, mine, bob, far_side):
    publish(owner, TEMPLATE)
    send(owner, bob, **SAID)
    deliver_events()
    (mail,) = mails_to(bob.email)
    assert "Verschickt: 22. November 2026, 18:12 CET" in mail.body
    assert "22. November 2026, 18:12 CET" in html_of(mail)
    assert '<html lang="de"' in html_of(mail)
    link = mail.extra_headers["List-Unsubscribe"].strip("<>")
    assert link.startswith("https://api.example.com/notifications/unsubscribe/")
    assert link in mail.body
    assert f'href="{link}"' in html_of(mail)
    assert "Solche E-Mails abbestellen" in html_of(mail)


@pytest.mark.parametrize("channel", ["email", "web_push", "sms", "chat"])
def test_staff_have_sent_again_what_failed_in_any_channel(owner, bob, far_side, channel):
    message_id = send(owner, bob, subject="Hello", text="All is well.", channels=[channel])
    expand_due_messages(now=now() + timedelta(minutes=1))
    delivery = Delivery.objects.get(message_id=message_id)
    Delivery.objects.filter(id=delivery.id).update(state="dead", attempts=9, failure="permanent")
    answer = staff(superuser=True).post(
        url("delivery", "changelist"),
        {"action": "send_again", "_selected_action": [str(delivery.id)], **WHY},
    )
    assert answer.status_code == 302
    deliver_events()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.redrives, delivery.attempts) == ("sent", 1, 1)
    reached = len(mails_to(bob.email)) + SentSms.objects.count() + len(far_side.received)
    assert reached == 1
    assert ".1" in delivery.mail_id, "what staff have sent again is another message"


def test_a_browser_gathers_what_it_is_told_by_its_own_rhythm(owner, bob, browser, far_side):
    wants(bob, "product", "web_push", "hourly")
    ids = [send(owner, bob, subject=f"News {number}", text="-") for number in (1, 2)]
    deliver_events()
    assert received_at(far_side, "/push/1") == []
    found = [traced(owner, each) for each in ids]
    assert [each["email"]["state"] for each in found] == ["sent", "sent"]
    pushed = [each["web_push"] for each in found]
    assert [each["state"] for each in pushed] == ["merged", "merged"]
    assert pushed[0]["digest_id"] == pushed[1]["digest_id"] is not None
    step = next(each for each in pushed[0]["steps"] if each["step"] == "digest")
    assert (step["decision"], step["rule"]) == ("merged", "digest.hourly")
    assert step["details"]["digest_id"] == pushed[0]["digest_id"]
    close_due_digests(now=now() + timedelta(hours=2))
    send_due_deliveries(now=now() + timedelta(hours=3))
    (told,) = received_at(far_side, "/push/1")
    opened = browser.open(told.body)
    assert "2" in opened["title"] + opened["body"]


def test_quiet_hours_hold_back_all_that_rings_but_what_is_critical(owner, bob):
    there = now().astimezone(ZoneInfo("Europe/Vienna"))
    begins, until = (there - timedelta(hours=1)).time(), (there + timedelta(hours=2)).time()
    keeps(bob, quiet_from=begins, quiet_until=until)
    calm = send(owner, bob, subject="Calm", text="-")
    critical = send(owner, bob, subject="Fire", text="-", priority="critical")
    deliver_events()
    found = traced(owner, calm)
    assert {channel: each["state"] for channel, each in found.items()} == {
        "in_app": "sent",
        "email": "deferred",
        "web_push": "deferred",
        "sms": "deferred",
        # An organization's chat is nobody's night.
        "chat": "sent",
    }
    step = next(each for each in found["sms"]["steps"] if each["step"] == "quiet_hours")
    assert (step["decision"], step["rule"]) == ("deferred", "quiet_hours.person")
    assert moment(step["details"]["until"]) == moment(found["sms"]["due_at"])
    at_once = traced(owner, critical)
    assert {each["state"] for each in at_once.values()} == {"sent"}
    assert decided(at_once["email"], "quiet_hours") == ("passed", "quiet_hours.critical")


def test_what_is_muted_is_told_in_no_channel_of_the_person(owner, mine, bob):
    thing = str(uuid7())
    assert mine.put(f"notifications/mutes/{thing}").status_code in (200, 201, 204)
    message_id = send(owner, bob, subject="Hello", text="-", subject_id=thing)
    deliver_events()
    found = traced(owner, message_id)
    assert found.pop("chat")["state"] == "sent"
    assert {decided(each, "preferences") for each in found.values()} == {
        ("suppressed", "mute.person")
    }
    assert (mails_to(bob.email), SentSms.objects.count()) == ([], 0)


def test_whoever_unsubscribed_gets_no_more_mail_of_the_category_and_everything_else(owner, bob):
    category = {"key": "releases", "name": "Releases"}
    assert owner.post("notifications/categories", category).status_code == 201
    said = {"subject": "Hello", "text": "-"}
    first = send(owner, bob, **said, category="releases")
    deliver_events()
    assert traced(owner, first)["email"]["state"] == "sent"
    (mail,) = mails_to(bob.email)
    link = mail.extra_headers["List-Unsubscribe"].strip("<>")
    one_click = {"List-Unsubscribe": "One-Click"}
    assert Client().post(urlsplit(link).path, one_click).status_code == 200
    second, other = send(owner, bob, **said, category="releases"), send(owner, bob, **said)
    deliver_events()
    found = traced(owner, second)
    assert {channel for channel, each in found.items() if each["state"] == "suppressed"} == {
        "email"
    }
    assert decided(found["email"], "preferences") == ("suppressed", "preference.person")
    assert found["email"]["steps"][0]["details"]["category"] == "releases"
    assert traced(owner, other)["email"]["state"] == "sent"


def test_a_template_may_call_its_values_as_the_product_calls_its_own(owner, mine, bob):
    variables = [{"name": "organization", "type": "object", "example": {"name": "Theirs"}}]
    said = "{{ organization.name }}"
    publish(
        owner,
        {
            "key": "contract",
            "variables": variables,
            "parts": {
                "in_app": {"en": {"title": said, "body": said}},
                "email": {"en": {"subject": said, "text": said}},
            },
        },
    )
    values = {"organization": {"name": "Their organization" * 20}}
    message_id = send(owner, bob, template="contract", values=values)
    deliver_events()
    assert {each["state"] for each in traced(owner, message_id).values()} == {"sent"}
    (item,) = [
        each for each in mine.get("notifications").json()["data"] if each["kind"] == "contract"
    ]
    assert item["title"].startswith("Their organization")
    assert item["organization"]["name"] == "Acme"
