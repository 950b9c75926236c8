"""What staff see of webhooks: how they went, never a secret; and they send them once more."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from domains.notifications.services.webhooks import secrets
from kernel.clock import now
from tests.notifications.sinks import sink
from tests.notifications.test_admin import WHY, staff, url
from tests.notifications.webhooks import an_endpoint, happen, local, send, the_webhook_of

__all__ = ["local"]
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("local")]


@pytest.fixture
def sent():
    """Return an endpoint to which one webhook was sent."""
    with sink() as there:
        there.reply = lambda _: (200, {}, b"thank you")
        endpoint, _ = an_endpoint(there.url("/path-with-a-token"), asymmetric=True)
        happen(endpoint)
        send()
    return endpoint


def test_endpoints_are_shown_without_secrets_or_the_path(sent):
    client = staff(superuser=True)
    pages = [
        client.get(url("webhookendpoint", "changelist"), {"q": str(sent.organization_id)}),
        client.get(url("webhookendpoint", "change", sent.id)),
    ]
    signers = secrets.signers(sent, now=now())
    hidden = [*signers.secrets, *signers.private_keys, sent.secret_encrypted, "path-with-a-token"]
    for page in pages:
        shown = page.content.decode()
        assert page.status_code == 200
        assert "127.0.0.1" in shown
        assert [each for each in hidden if each in shown] == []
    assert client.get(url("webhookendpoint", "add")).status_code == 403


def test_a_webhook_is_shown_with_its_attempts_and_nothing_can_be_changed(sent):
    client = staff(superuser=True)
    page = url("webhookdelivery", "change", the_webhook_of(sent).id)
    shown = client.get(page)
    assert shown.status_code == 200
    assert "thank you" in shown.content.decode()
    assert "v1," not in shown.content.decode()
    assert client.post(page, {"state": "pending", **WHY}).status_code == 403


def test_superusers_have_webhooks_sent_once_more_for_a_reason(sent):
    webhook = the_webhook_of(sent)
    chosen = {"action": "replay", "_selected_action": [str(webhook.id)]}
    client = staff(superuser=True)
    for reason, state in (({}, "succeeded"), (WHY, "pending")):
        client.post(url("webhookdelivery", "changelist"), {**chosen, **reason})
        assert the_webhook_of(sent).state == state
    assert "Asked for" in str(LogEntry.objects.values())


def test_staff_who_only_look_have_nothing_sent(sent):
    chosen = {"action": "replay", "_selected_action": [str(the_webhook_of(sent).id)]}
    staff(superuser=False).post(url("webhookdelivery", "changelist"), {**chosen, **WHY})
    assert the_webhook_of(sent).state == "succeeded"
