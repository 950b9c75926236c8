"""SMS: how long they are, what the book says, and what an API is asked."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.notifications.models import Channel, Delivery, PhoneNumber, SentSms
from domains.notifications.services.channels import segments
from domains.notifications.services.channels.destinations import Destination, destinations
from kernel.clock import now
from tests.notifications.conftest import an_open_delivery, send
from tests.notifications.sinks import sink

django = pytest.mark.django_db(databases="__all__")
NUMBER = "+4915112345678"
BASIC = st.text(alphabet=sorted(segments.BASIC | segments.EXTENSION))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # 152 and an escape don't fit in one part: the euro begins the next.
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("🎉" * 35, 1),
        ("🎉" * 36, 2),
        # 67 units hold 33 of them: a pair of surrogates is not split.
        ("🎉" * 67, 3),
        ("a" * 69 + "ç", 1),
        ("a" * 70 + "ç", 2),
    ],
)
def test_segments_are_counted_as_networks_do(text, count):
    assert segments.count(text) == count


@given(BASIC)
def test_a_basic_text_takes_no_more_than_its_septets_ask_for(text):
    septets = sum(2 if character in segments.EXTENSION else 1 for character in text)
    least = 1 if septets <= 160 else -(-septets // 153)
    assert segments.encoding_of(text) is segments.GSM
    assert least <= segments.count(text) <= -(-septets // 152) + 1


@given(st.text(), st.text(max_size=20))
def test_more_text_never_takes_fewer_segments(text, more):
    assert segments.count(text) <= segments.count(text + more)


@given(st.text(max_size=2_000), st.integers(min_value=1, max_value=4))
def test_a_bounded_text_is_the_beginning_and_within_its_bound(text, most):
    bounded = segments.bounded(text, most=most)
    assert segments.count(bounded) <= most
    assert bounded == text or text.startswith(bounded.removesuffix(segments.CUT))
    if segments.count(text) <= most:
        assert bounded == text


def reachable(account) -> None:
    PhoneNumber.objects.create(
        account_id=account.id, number=NUMBER, confirmed_at=now(), created_at=now()
    )


def an_sms(account, **fields) -> Delivery:
    values = {"channel": Channel.SMS, "recipient": str(account.id), "address": NUMBER}
    delivery = an_open_delivery(account, **values, **fields)
    delivery.message.kind = "auth.welcome"
    delivery.message.save()
    return delivery


@django
def test_the_book_says_what_would_have_been_sent(ada):
    reachable(ada)
    delivery = send(an_sms(ada))
    entry = SentSms.objects.get()
    assert (delivery.state, delivery.provider) == ("sent", "book")
    assert (entry.recipient, entry.reference) == (NUMBER, delivery.mail_id)
    assert (entry.text, entry.segments) == (delivery.text, 1)


@django
def test_a_repeat_stands_in_the_book_once(ada):
    reachable(ada)
    delivery = send(an_sms(ada))
    Delivery.objects.filter(id=delivery.id).update(state="pending")
    assert send(delivery, later=timedelta(hours=1)).state == "sent"
    assert SentSms.objects.count() == 1
    Delivery.objects.filter(id=delivery.id).update(state="pending", redrives=1)
    send(delivery, later=timedelta(hours=2))
    assert SentSms.objects.count() == 2, "what staff sends anew is a message of its own"


@django
def test_nothing_goes_to_a_number_that_is_not_proven_or_gone(ada):
    PhoneNumber.objects.create(account_id=ada.id, new_number=NUMBER, created_at=now())
    delivery = send(an_sms(ada))
    assert (delivery.state, SentSms.objects.count()) == ("suppressed", 0)
    assert destinations(channel=Channel.SMS, account_ids=[ada.id]) == {}


@django
def test_a_proven_number_is_a_destination_where_there_are_sms(ada, settings):
    reachable(ada)
    found = destinations(channel=Channel.SMS, account_ids=[ada.id])
    assert found == {ada.id: (Destination(id=str(ada.id), address=NUMBER),)}
    settings.SMS_URL = ""
    assert destinations(channel=Channel.SMS, account_ids=[ada.id]) == {}


@django
@pytest.mark.parametrize("written", ["form", "json"])
def test_an_api_is_asked_as_twilio_is(ada, settings, written):
    reachable(ada)
    with sink() as server:
        settings.SMS_URL = f"http://AC1:to%40ken@127.0.0.1:{server.port}/Messages.json"
        settings.SMS_FROM, settings.SMS_FORMAT = "+15005550006", written
        delivery = send(an_sms(ada))
    (received,) = server.received
    if written == "json":
        told = json.loads(received.body)
    else:
        told = {name: values[0] for name, values in parse_qs(received.body.decode()).items()}
    assert told == {"To": NUMBER, "From": "+15005550006", "Body": delivery.text}
    assert received.headers["idempotency-key"] == delivery.mail_id
    assert b64decode(received.headers["authorization"].split()[1]) == b"AC1:to@ken"
    assert (delivery.state, delivery.provider) == ("sent", "127.0.0.1")


@django
@pytest.mark.parametrize(
    ("status", "failure"),
    [(400, "permanent"), (401, "configuration"), (429, "unreachable"), (500, "uncertain")],
)
def test_an_answer_of_the_api_says_what_happens_next(ada, settings, status, failure):
    reachable(ada)
    with sink() as server:
        server.reply = lambda _: (status, {}, b"no")
        settings.SMS_URL = f"http://127.0.0.1:{server.port}/"
        assert send(an_sms(ada)).failure == failure


@django
def test_what_may_have_arrived_is_asked_for_once_more_with_the_same_key(ada, settings):
    reachable(ada)
    with sink() as server:
        server.reply = lambda _: (500, {}, b"")
        settings.SMS_URL = f"http://127.0.0.1:{server.port}/"
        delivery = send(an_sms(ada))
        for minutes in (5, 60, 600):
            send(delivery, later=timedelta(minutes=minutes))
    assert delivery.state == "dead"
    keys = [each.headers["idempotency-key"] for each in server.received]
    assert (len(keys), len(set(keys))) == (2, 1)
