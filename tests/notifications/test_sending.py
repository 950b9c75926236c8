"""One delivery against a real mail server that has its moods."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import override_settings

from domains.auth import interface as auth
from domains.notifications.models import Channel, Delivery, Failure
from domains.notifications.services.rendering.rendering import render
from domains.notifications.services.sending import attempts, claims
from domains.users.models import Invitation
from kernel.clock import now
from kernel.errors import Unavailable
from kernel.ids import uuid7
from tests.notifications.conftest import an_open_delivery, mails_to, send
from tests.notifications.mail_server import mail_server, mute_server, sending_to
from tests.ports import free_port

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_mail_has_text_html_and_the_headers_of_an_automatic_one(ada):
    with mail_server() as server:
        delivery = send(an_open_delivery(ada))
    (received,) = server.accepted
    assert [part.get_content_type() for part in received.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert received["To"] == ada.email
    assert received["Message-ID"] == delivery.mail_id == f"<{delivery.id.hex}.0@localhost>"
    assert received["Auto-Submitted"] == "auto-generated"
    assert (delivery.state, delivery.attempts) == ("sent", 1)
    assert delivery.due_at == delivery.sent_at


def test_a_refused_recipient_is_dead_at_once_with_the_servers_words(ada):
    with mail_server(to_recipient="550 5.1.1 no such user"):
        delivery = send(an_open_delivery(ada))
    assert (delivery.state, delivery.failure) == ("dead", Failure.PERMANENT)
    assert delivery.reason == "550 5.1.1 no such user"


def test_refused_content_is_dead_at_once(ada):
    with mail_server(to_data="554 5.7.1 spam"):
        delivery = send(an_open_delivery(ada))
    assert (delivery.state, delivery.reason) == ("dead", "554 5.7.1 spam")


def test_a_greylisted_mail_is_sent_once_when_its_time_has_come(ada):
    with mail_server(to_recipient="451 4.7.1 come back later") as server:
        delivery = send(an_open_delivery(ada))
        assert (delivery.state, delivery.failure) == ("pending", Failure.TEMPORARY)
        assert timedelta(seconds=25) < delivery.due_at - now() <= timedelta(minutes=1)
        server.to_recipient = "250 OK"
        send(delivery)
        assert server.accepted == [], "its time has not come"
        send(delivery, later=timedelta(minutes=2))
        send(delivery, later=timedelta(minutes=3))
    assert len(server.accepted) == 1
    assert (delivery.state, delivery.attempts, delivery.reason) == ("sent", 2, "")


def test_a_connection_dropped_after_the_content_leads_to_one_duplicate_at_most(ada):
    with mail_server(to_data="drop", keep_dropped=True) as server:
        delivery = send(an_open_delivery(ada))
        assert (delivery.state, delivery.failure) == ("pending", Failure.UNCERTAIN)
        delivery = send(delivery, later=timedelta(minutes=2))
        assert delivery.state == "dead"
        send(delivery, later=timedelta(days=1))
    assert {each["Message-ID"] for each in server.accepted} == {delivery.mail_id}
    assert len(server.accepted) == 2


def test_a_server_that_is_away_is_asked_by_one_delivery_and_spared_by_the_others(ada):
    first, second = an_open_delivery(ada), an_open_delivery(ada)
    with sending_to(free_port()):
        send(first)
        send(second)
    assert (first.state, first.failure, first.attempts) == ("pending", Failure.UNREACHABLE, 1)
    assert (second.state, second.failure, second.attempts) == ("pending", "", 0)
    with mail_server() as server:
        send(second, later=timedelta(minutes=2))
        send(first, later=timedelta(minutes=2))
    assert len(server.accepted) == 2


@pytest.mark.parametrize("hangs", [False, True])
def test_a_server_that_hangs_up_or_says_nothing_was_given_nothing(ada, hangs):
    with mute_server(hangs=hangs):
        delivery = send(an_open_delivery(ada))
    assert (delivery.state, delivery.failure) == ("pending", Failure.UNREACHABLE)
    assert delivery.uncertain_attempts == 0


def test_a_server_that_wants_a_password_is_a_matter_of_configuration(ada):
    account = override_settings(EMAIL_HOST_USER="tenon", EMAIL_HOST_PASSWORD="wrong")
    with mail_server() as server, account:
        delivery = send(an_open_delivery(ada))
    assert (delivery.state, delivery.failure) == ("pending", Failure.CONFIGURATION)
    assert server.accepted == []


def test_a_worker_that_dies_after_hand_over_leads_to_the_same_mail_once_more(ada, monkeypatch):
    class Killed(BaseException):
        """As SIGKILL: nothing after it runs."""

    def die(**_):
        raise Killed

    delivery = an_open_delivery(ada)
    with monkeypatch.context() as patch:
        patch.setattr(attempts, "settle_sent", die)
        with pytest.raises(Killed):
            send(delivery)
    delivery.refresh_from_db()
    assert delivery.state == "claimed"
    send(delivery, later=timedelta(minutes=5))
    assert delivery.attempts == 1, "it may still be under way"
    send(delivery, later=timedelta(minutes=11))
    assert (delivery.state, delivery.failure) == ("pending", Failure.UNCERTAIN)
    send(delivery, later=timedelta(minutes=13))
    sent = mails_to(ada.email)
    assert (delivery.state, len(sent)) == ("sent", 2)
    assert len({each.extra_headers["Message-ID"] for each in sent}) == 1


def test_a_worker_that_dies_before_hand_over_leads_to_one_mail(ada, monkeypatch):
    class Killed(BaseException):
        """As SIGKILL: nothing after it runs."""

    def die(*_, **__):
        raise Killed

    delivery = an_open_delivery(ada)
    with monkeypatch.context() as patch:
        patch.setattr(attempts, "mark_hand_over", die)
        with pytest.raises(Killed):
            send(delivery)
    send(delivery, later=timedelta(minutes=3))
    assert (delivery.state, len(mails_to(ada.email))) == ("sent", 1)


def test_a_claim_that_was_lost_hands_nothing_over(ada):
    delivery = an_open_delivery(ada)
    slow = claims.claim(delivery_id=delivery.id, now=now())
    fast = claims.claim(delivery_id=delivery.id, now=now() + timedelta(minutes=3))
    copy = render(kind=slow.message.kind, channel=Channel.EMAIL, context=slow.message.context)
    mark = {"copy": copy, "address": ada.email, "now": now()}
    assert not claims.mark_hand_over(delivery=slow, **mark)
    assert claims.mark_hand_over(delivery=fast, **mark)


def test_a_mail_that_left_late_is_sent_all_the_same(ada):
    delivery = an_open_delivery(ada)
    slow = claims.claim(delivery_id=delivery.id, now=now())
    claims.claim(delivery_id=delivery.id, now=now() + timedelta(minutes=3))
    claims.settle_sent(delivery=slow, now=now())
    claims.settle_failed(delivery=slow, failure=Failure.TEMPORARY, reason="late", now=now())
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_an_account_that_vanished_or_was_disabled_gets_no_mail(ada):
    from domains.auth.models import Account

    disabled = an_open_delivery(ada)
    Account.objects.filter(id=ada.id).update(is_active=False)
    send(disabled)
    assert (disabled.state, disabled.reason) == ("suppressed", "the account is gone or disabled")
    assert mails_to(ada.email) == []


def test_an_address_that_is_not_confirmed_any_more_gets_no_mail(ada):
    from domains.auth.models import Account

    delivery = an_open_delivery(ada)
    Account.objects.filter(id=ada.id).update(email_verified_at=None, password="!")
    send(delivery)
    assert delivery.reason == "the address has not been confirmed"


@pytest.mark.parametrize(
    ("lasts", "reason"),
    [
        (timedelta(hours=-1), "the invitation has expired"),
        (None, "the invitation is not open any more"),
    ],
)
def test_an_invitation_that_is_over_is_not_mailed(ada, acme, lasts, reason):
    invitation_id = uuid7()
    if lasts:
        Invitation.objects.create(
            id=invitation_id,
            organization_id=acme.id,
            email="bob@example.com",
            role="member",
            invited_by=ada.id,
            created_at=now() - timedelta(days=9),
            expires_at=now() + lasts,
        )
    delivery = an_open_delivery(
        ada, account_id=None, recipient="bob@example.com", address="bob@example.com"
    )
    delivery.message.kind = "users.invitation"
    delivery.message.facts = {"invitation_id": str(invitation_id)}
    delivery.message.save()
    send(delivery)
    assert (delivery.state, delivery.reason) == ("suppressed", reason)
    assert mails_to("bob@example.com") == []


def test_a_mail_goes_to_the_address_that_the_account_has_now(ada):
    delivery = an_open_delivery(ada, address="former@example.com")
    send(delivery)
    assert delivery.address == ada.email
    assert len(mails_to(ada.email)) == 1


def test_a_domain_that_is_away_is_waited_for(ada, monkeypatch):
    def away(**_):
        raise Unavailable("auth can't be reached")

    delivery = an_open_delivery(ada)
    monkeypatch.setattr(auth, "get_accounts", away)
    send(delivery)
    assert (delivery.state, delivery.failure) == ("pending", Failure.TEMPORARY)
    assert delivery.reason == "auth can't be reached"


def test_a_template_that_can_not_be_filled_is_dead_with_its_reason(ada):
    delivery = an_open_delivery(ada)
    delivery.message.context = {}
    delivery.message.save()
    send(delivery)
    assert delivery.state == "dead"
    assert "occurred_at" in delivery.reason


@pytest.mark.parametrize("state", ["sent", "dead", "suppressed"])
def test_what_staff_sends_again_is_a_mail_of_its_own(ada, state):
    delivery = an_open_delivery(ada, state=state, attempts=7, reason="550 no")
    assert attempts.send_again(delivery_id=delivery.id, now=now())
    send(delivery)
    assert (delivery.state, delivery.attempts, delivery.redrives) == ("sent", 1, 1)
    (sent,) = mail.outbox
    assert sent.extra_headers["Message-ID"] == f"<{delivery.id.hex}.1@localhost>"


def test_what_waits_can_be_sent_at_once_and_what_is_under_way_can_not(ada):
    waiting = an_open_delivery(ada, due_at=now() + timedelta(hours=4))
    assert attempts.send_again(delivery_id=waiting.id, now=now())
    send(waiting)
    assert (waiting.state, waiting.redrives) == ("sent", 0)
    claimed = an_open_delivery(ada, state="claimed")
    assert not attempts.send_again(delivery_id=claimed.id, now=now())


def test_a_sweep_expands_what_nobody_rang_for(ada, deliver_events):
    message = an_open_delivery(ada).message
    Delivery.objects.all().delete()
    type(message).objects.filter(id=message.id).update(
        state="pending", due_at=now() - timedelta(minutes=1)
    )
    deliver_events(sweeps=True)
    assert Delivery.objects.get(message=message).state == "sent"


def test_a_sweep_finds_what_nobody_rang_for(ada, deliver_events):
    deliver_events()
    delivery = an_open_delivery(ada)
    deliver_events()
    delivery.refresh_from_db()
    assert delivery.state == "pending"
    deliver_events(sweeps=True)
    delivery.refresh_from_db()
    assert delivery.state == "sent"
