"""What staff see of messages, feeds and mails, and the little that they may do."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from domains.auth import interface as auth
from domains.notifications.models import (
    Category,
    DefaultPreference,
    Delivery,
    Message,
    Mute,
    Throttle,
)
from domains.notifications.services.fanout import expansion
from domains.notifications.services.sending import attempts
from kernel.clock import now
from tests.notifications.conftest import PASSWORD, an_open_delivery, mails_to
from tests.notifications.pipeline import keeps, member, order, sent, wants

pytestmark = pytest.mark.django_db(databases="__all__")

WHY = {"reason": "Asked for"}


def staff(*, superuser: bool) -> Client:
    from domains.auth.models import Account

    known = auth.ensure_account(email="staff@example.com", password=PASSWORD, staff=True)
    account = Account.objects.get(id=known.id)
    if not superuser:
        account.is_superuser = False
        account.save()
        seen = ["view_message", "view_notification", "view_delivery"]
        account.user_permissions.set(Permission.objects.filter(codename__in=seen))
    client = Client()
    client.force_login(account)
    return client


def url(model: str, page: str, *args) -> str:
    return reverse(f"admin:domains_notifications_{model}_{page}", args=args)


@pytest.mark.parametrize("model", ["message", "notification", "delivery"])
def test_every_model_is_listed_searched_and_filtered(ada, acme, deliver_events, model):
    an_open_delivery(ada)
    deliver_events()
    client = staff(superuser=False)
    for query in ({}, {"q": "Acme"}, {"q": str(ada.id)}, {"q": "nonsense' --"}):
        assert client.get(url(model, "changelist"), query).status_code == 200, query
    filters = {"message": "state__exact=expanded", "notification": "read_at__isempty=1"}
    chosen = filters.get(model, "state__exact=pending&message__kind=auth.registration_repeated")
    assert client.get(f"{url(model, 'changelist')}?{chosen}").status_code == 200
    assert client.get(url(model, "add")).status_code == 403


def test_the_sent_mail_is_shown_in_a_sandbox_and_nothing_can_be_changed(ada):
    delivery = an_open_delivery(ada)
    attempts.send(delivery_id=delivery.id, now=now())
    page = staff(superuser=True).get(url("delivery", "change", delivery.id))
    shown = page.content.decode()
    assert page.status_code == 200
    assert '<iframe class="staff-mail" sandbox=""' in shown
    assert 'srcdoc="&lt;!DOCTYPE html&gt;' in shown
    assert "somebody tried to register this address" in shown
    assert 'name="_save"' not in shown
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"].split("style-src")[0]


def test_markup_in_a_stored_mail_stays_inside_its_frame(ada):
    delivery = an_open_delivery(ada, html='"><script>alert(1)</script>', text="</pre><script>")
    shown = staff(superuser=True).get(url("delivery", "change", delivery.id)).content.decode()
    assert "<script>alert(1)" not in shown
    assert "</pre><script>" not in shown


def test_a_superuser_has_a_dead_mail_sent_again(ada, deliver_events):
    delivery = an_open_delivery(ada, state="dead", reason="550 no")
    answer = staff(superuser=True).post(
        url("delivery", "changelist"),
        {"action": "send_again", "_selected_action": [str(delivery.id)], **WHY},
    )
    assert answer.status_code == 302
    deliver_events()
    delivery.refresh_from_db()
    assert (delivery.state, len(mails_to(ada.email))) == ("sent", 1)
    assert (
        LogEntry.objects.get(object_id=str(delivery.id)).change_message == "Sent again: Asked for"
    )


def test_nobody_else_can(ada, deliver_events):
    delivery = an_open_delivery(ada, state="dead")
    staff(superuser=False).post(
        url("delivery", "changelist"),
        {"action": "send_again", "_selected_action": [str(delivery.id)], **WHY},
    )
    deliver_events()
    delivery.refresh_from_db()
    assert delivery.state == "dead"


def test_a_message_that_was_given_up_can_be_expanded_again(ada, deliver_events):
    delivery = an_open_delivery(ada)
    Message.objects.filter(id=delivery.message_id).update(state="dead", note="KeyError")
    Delivery.objects.all().delete()
    staff(superuser=True).post(
        url("message", "changelist"),
        {
            "action": "expand_again",
            "_selected_action": [str(delivery.message_id)],
            "reason": "Asked for",
        },
    )
    deliver_events()
    assert Message.objects.get(id=delivery.message_id).state == "expanded"
    assert len(mails_to(ada.email)) == 1


def test_a_failing_expansion_waits_longer_each_time_and_ends_visibly(ada, monkeypatch):
    delivery = an_open_delivery(ada)
    message = delivery.message
    Message.objects.filter(id=message.id).update(state="pending")

    def fail(_):
        raise RuntimeError("users has a bug")

    monkeypatch.setattr(expansion, "resolve", fail)
    for _ in range(40):
        expansion.expand(message_id=message.id, now=now())
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("dead", 30)
    assert message.note == "RuntimeError: users has a bug"


def test_the_trace_is_a_table_of_steps_decisions_and_rules(ada):
    said = {"step": "quiet_hours", "decision": "deferred", "rule": "quiet_hours.person"}
    trace = [{**said, "at": "2026-11-22T22:00:00+00:00", "until": "<b>morning</b>"}]
    delivery = an_open_delivery(ada, trace=trace, state="deferred")
    shown = staff(superuser=False).get(url("delivery", "change", delivery.id)).content.decode()
    row = "<td>quiet hours</td><td>deferred</td><td>quiet_hours.person</td>"
    assert f"{row}<td>2026-11-22 22:00:00</td>" in shown
    assert "until: &lt;b&gt;morning&lt;/b&gt;" in shown
    assert "staff-trace" in shown


def test_what_is_in_the_app_is_not_sent_again(ada):
    delivery = an_open_delivery(ada, channel="in_app", state="sent")
    staff(superuser=True).post(
        url("delivery", "changelist"),
        {"action": "send_again", "_selected_action": [str(delivery.id)], **WHY},
    )
    delivery.refresh_from_db()
    assert delivery.state == "sent"


DECIDING = ("category", "throttle", "defaultpreference", "preference", "rhythm", "mute", "digest")


@pytest.mark.parametrize("model", DECIDING)
def test_what_people_and_organizations_said_is_shown_and_cannot_be_changed(acme, model):
    bob = member(acme.id)
    wants(bob, "product", "email", "daily")
    keeps(bob)
    Mute.objects.create(account_id=bob.id, subject_id=bob.id, created_at=now())
    here = {"organization_id": acme.id}
    Category.objects.create(key="news", name="News", created_at=now(), **here)
    Throttle.objects.create(category="product", most=1, period=60, **here)
    DefaultPreference.objects.create(category="news", channel="email", frequency="off", **here)
    sent(acme.id, order(bob.id))
    client = staff(superuser=True)
    listed = client.get(url(model, "changelist"), {"q": str(bob.id)})
    assert listed.status_code == 200
    row = apps.get_model("domains_notifications", model)._base_manager.first()
    page = client.get(url(model, "change", row.pk)).content.decode()
    assert 'name="_save"' not in page
    assert client.get(url(model, "add")).status_code == 403
