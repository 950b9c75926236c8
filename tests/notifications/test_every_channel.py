"""One call reaches people in every channel, through the API, and each delivery says how."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from domains.notifications.models import Delivery, SentSms
from domains.notifications.tasks import expand_due_messages
from kernel.clock import now
from kernel.events.testing import deliver_events
from tests.notifications.conftest import html_of, mails_to
from tests.notifications.everywhere import (
    CHANNELS,
    decided,
    publish,
    received_at,
    send,
    traced,
)
from tests.notifications.test_admin import WHY, staff, url

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("browser"),
]

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


def test_a_template_of_an_organization_goes_to_every_channel_and_each_says_how(
    owner, bobs, bob, browser, far_side
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
        each for each in bobs.get("notifications").json()["data"] if each["kind"] == "order-shipped"
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


def test_a_mail_is_in_the_language_and_the_time_zone_of_its_reader(owner, bobs, bob, far_side):
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


def test_a_template_may_call_its_values_as_the_product_calls_its_own(owner, bobs, bob):
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
        each for each in bobs.get("notifications").json()["data"] if each["kind"] == "contract"
    ]
    assert item["title"].startswith("Their organization")
    assert item["organization"]["name"] == "Acme"


def test_a_long_text_is_as_long_as_each_channel_takes(owner, bob, browser, far_side):
    text = "word " * 3_900
    message_id = send(owner, bob, subject="Long", text=text)
    deliver_events()
    assert {each["state"] for each in traced(owner, message_id).values()} == {"sent"}
    assert SentSms.objects.get().segments == 4
    (pushed,) = received_at(far_side, "/push/1")
    assert len(pushed.body) < 4_096
    assert browser.open(pushed.body)["body"].endswith("…")
    (chatted,) = received_at(far_side, "/chat")
    assert len(json.loads(chatted.body)["text"]) == 3_000
    assert text.strip() in mails_to(bob.email)[0].body
