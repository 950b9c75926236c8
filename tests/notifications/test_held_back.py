"""What holds a message back, through the API: each delivery says by which rule, and until when."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from domains.notifications.models import SentSms
from domains.notifications.services.sending import suppressions
from domains.notifications.services.sending.suppressions import MailEvent
from domains.notifications.tasks import close_due_digests, send_due_deliveries
from kernel.clock import now
from kernel.events.testing import deliver_events
from kernel.ids import uuid7
from tests.notifications.conftest import mails_to
from tests.notifications.everywhere import decided, moment, received_at, send, traced
from tests.notifications.pipeline import keeps, wants

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("browser"),
]


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
    begins, until = ((there + timedelta(minutes=each)).time() for each in (-30, 30))
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


def test_what_is_muted_is_told_in_no_channel_of_the_person(owner, bobs, bob):
    thing = str(uuid7())
    assert bobs.put(f"notifications/mutes/{thing}").status_code in (200, 201, 204)
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


def test_an_address_that_bounced_gets_no_mail_and_all_else(owner, bob):
    bounced = MailEvent(cause="bounce", address=bob.email, provider="postmark", detail="550")
    suppressions.record_mail_events(events=[bounced], now=now())
    message_id = send(owner, bob, subject="Hello", text="-")
    deliver_events()
    found = traced(owner, message_id)
    assert decided(found["email"], "preferences") == ("suppressed", "address.suppressed")
    assert found.pop("email")["state"] == "suppressed"
    assert {each["state"] for each in found.values()} == {"sent"}
    assert mails_to(bob.email) == []


def test_a_throttle_of_the_organization_says_how_many_it_lets_through(owner, bob):
    told = {"most": 1, "period": 3600}
    assert owner.put("notifications/categories/product/throttle", told).status_code in (200, 201)
    ids = [send(owner, bob, subject="Hello", text="-", channels=["email"]) for _ in range(2)]
    deliver_events()
    first, second = (traced(owner, each)["email"] for each in ids)
    assert (first["state"], second["state"]) == ("sent", "suppressed")
    step = next(each for each in second["steps"] if each["step"] == "throttle")
    assert (step["decision"], step["rule"]) == ("suppressed", "throttle.category")
    assert step["details"] == told
