"""Bounces and complaints that mail providers tell of, and what then goes nowhere any more."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from config.mail import email_settings
from domains.notifications.models import Suppression
from domains.notifications.services.sending import attempts
from domains.notifications.services.sending.suppressions import suppressed
from kernel.clock import now
from kernel.ids import uuid7
from tests.notifications.conftest import an_open_delivery, mails_to
from tests.notifications.test_admin import staff, url

pytestmark = pytest.mark.django_db(databases="__all__")

SECRET = "postmark:correct horse"
POSTMARK = "/api/v1/notifications/mail-events/postmark"


@pytest.fixture(autouse=True)
def _providers(settings):
    given = email_settings("postmark://token@ mailgun://key@mg.example.com, ses://eu-west-1")
    settings.EMAIL_PROVIDERS, settings.ANYMAIL = given["EMAIL_PROVIDERS"], given["ANYMAIL"]
    settings.EMAIL_WEBHOOK_SECRET = SECRET


def tell(path: str, told: dict, *, secret: str | None = SECRET):
    headers = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
    client = Client(raise_request_exception=False)
    return client.post(path, json.dumps(told), content_type="application/json", headers=headers)


def bounce(address: str, *, kind: str = "HardBounce") -> dict:
    return {
        "RecordType": "Bounce",
        "Type": kind,
        "Email": address,
        "ID": 1,
        "MessageID": str(uuid7()),
        "Description": "The server was unable to deliver your message",
        "Details": "smtp;550 5.1.1 The email account does not exist",
        "BouncedAt": "2026-11-29T22:00:00Z",
    }


def complaint(address: str) -> dict:
    return {**bounce(address), "RecordType": "SpamComplaint", "Type": "SpamComplaint"}


def held(address: str, category: str) -> bool:
    return bool(
        suppressed(channel="email", addresses=[address], category=category, organization_id=None)
    )


def test_a_hard_bounce_keeps_everything_away(ada):
    for _ in range(2):
        assert tell(POSTMARK, bounce(ada.email.upper())).status_code == 200
    assert held(ada.email, "team")
    assert held(ada.email, "security")
    row = Suppression.objects.get()
    assert (row.cause, row.provider) == ("bounce", "postmark")
    delivery = an_open_delivery(ada, category="security")
    attempts.send(delivery_id=delivery.id, now=now())
    delivery.refresh_from_db()
    assert (delivery.state, mails_to(ada.email)) == ("suppressed", [])
    assert delivery.reason == "the address is on the suppression list"
    assert delivery.trace[-1]["rule"] == "destination.gone"


def test_a_complaint_keeps_away_what_is_not_mandatory(ada):
    assert tell(POSTMARK, complaint(ada.email)).status_code == 200
    assert held(ada.email, "team")
    assert not held(ada.email, "security")


@pytest.mark.parametrize("kind", ["SoftBounce", "Transient", "DnsError"])
def test_a_soft_bounce_keeps_nothing_away(ada, kind):
    assert tell(POSTMARK, bounce(ada.email, kind=kind)).status_code == 200
    assert not Suppression.objects.exists()


def test_a_bounce_that_says_that_it_may_pass_keeps_nothing_away(ada):
    later = {**bounce(ada.email), "Details": "smtp;452 4.2.2 The mailbox is full"}
    assert tell(POSTMARK, later).status_code == 200
    assert not Suppression.objects.exists()


def test_what_was_delivered_or_opened_keeps_nothing_away(ada):
    for what in ("Delivery", "Open", "Click"):
        assert tell(POSTMARK, {"RecordType": what, "Recipient": ada.email}).status_code == 200
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("secret", [None, "postmark:wrong", ":"])
def test_nobody_else_may_tell(ada, secret):
    answer = tell(POSTMARK, bounce(ada.email), secret=secret)
    assert answer.status_code == 401
    assert "notifications.mail_event_refused" in answer.content.decode()
    assert not Suppression.objects.exists()


def test_without_a_secret_nobody_may_tell(ada, settings):
    settings.EMAIL_WEBHOOK_SECRET = ""
    for secret in (None, ":", SECRET):
        assert tell(POSTMARK, bounce(ada.email), secret=secret).status_code == 404
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("provider", ["sendgrid", "smtp", "nobody"])
def test_a_provider_that_is_not_used_tells_nothing(ada, provider):
    path = f"/api/v1/notifications/mail-events/{provider}"
    assert tell(path, bounce(ada.email)).status_code == 404


def test_a_provider_s_own_signature_is_checked_too(ada):
    path = "/api/v1/notifications/mail-events/mailgun"
    token, at = "t" * 50, "1764453600"
    right = hmac.new(b"key", f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    event = {
        "event": "failed",
        "severity": "permanent",
        "reason": "bounce",
        "recipient": ada.email,
        "timestamp": 1764453600.0,
        "id": "e1",
        "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
    }
    for signature, status, known in (("0" * 64, 401, False), (right, 200, True)):
        signed = {"timestamp": at, "token": token, "signature": signature}
        answer = tell(path, {"signature": signed, "event-data": event})
        assert (answer.status_code, held(ada.email, "team")) == (status, known)
    Suppression.objects.all().delete()
    passing = {**event, "severity": "temporary"}
    tell(path, {"signature": signed, "event-data": passing})
    assert not held(ada.email, "team")


def test_staff_lift_a_suppression_for_a_reason(ada):
    tell(POSTMARK, bounce(ada.email))
    row = Suppression.objects.get()
    chosen = {"action": "lift", "_selected_action": [str(row.id)]}
    client = staff(superuser=True)
    client.post(url("suppression", "changelist"), {**chosen, "reason": ""})
    assert held(ada.email, "team")
    client.post(url("suppression", "changelist"), {**chosen, "reason": "Mailbox was restored"})
    assert not held(ada.email, "team")
    row.refresh_from_db()
    assert row.lifted_because == "Mailbox was restored"
    assert LogEntry.objects.get(object_id=str(row.id)).change_message.startswith("Lifted")
    tell(POSTMARK, bounce(ada.email))
    assert held(ada.email, "team"), "it bounced again"
