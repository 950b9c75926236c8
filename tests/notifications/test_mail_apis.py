"""Mail through a provider's API: how its URL is written, and what its answers mean."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import override_settings

from config.mail import email_settings
from domains.notifications.models import Failure
from kernel.clock import now
from tests.notifications.conftest import an_open_delivery, send
from tests.notifications.mail_server import MailServer, listening, sending_to_either
from tests.notifications.sinks import raw_server, sink
from tests.ports import free_port

pytestmark = pytest.mark.django_db(databases="__all__")

TAKEN = {"ErrorCode": 0, "Message": "OK", "MessageID": "b7bc2f4a-e38e-4336-af7d-e6c392c2f817"}


def postmark(port: int):
    url = f"postmark://token@?api_url=http://127.0.0.1:{port}/"
    (given,) = email_settings(url)["EMAIL_PROVIDERS"]
    backend = "anymail.backends.postmark.EmailBackend"
    return override_settings(EMAIL_PROVIDERS=[{**given, "backend": backend}])


def answering(status: int, body: dict | None = None, **headers: str):
    written = json.dumps(body or {}).encode()
    return lambda _: (status, {"Content-Type": "application/json", **headers}, written)


def test_a_mail_goes_to_the_provider_with_its_message_id(ada):
    with sink() as server, postmark(server.port):
        server.reply = answering(200, {**TAKEN, "To": ada.email})
        delivery = send(an_open_delivery(ada))
    (received,) = server.received
    told = json.loads(received.body)
    assert (delivery.state, delivery.provider) == ("sent", "postmark")
    assert told["To"] == ada.email
    assert {"Name": "Message-ID", "Value": delivery.mail_id} in told["Headers"]
    assert received.headers["x-postmark-server-token"] == "token"


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (401, Failure.CONFIGURATION),
        (422, Failure.PERMANENT),
        (429, Failure.UNREACHABLE),
        (503, Failure.UNREACHABLE),
        (500, Failure.UNCERTAIN),
        (504, Failure.UNCERTAIN),
    ],
)
def test_an_answer_says_whether_it_may_have_been_taken(ada, status, failure):
    with sink() as server, postmark(server.port):
        server.reply = answering(status, {"ErrorCode": 1, "Message": "no"})
        delivery = send(an_open_delivery(ada))
    assert delivery.failure == failure
    assert str(status) in delivery.reason


def test_a_provider_that_is_not_there_took_nothing(ada):
    with postmark(free_port()):
        assert send(an_open_delivery(ada)).failure == Failure.UNREACHABLE


def test_a_provider_that_hangs_up_without_an_answer_may_have_taken_it(ada):
    with raw_server(lambda connection: connection.recv(65_536)) as port, postmark(port):
        assert send(an_open_delivery(ada)).failure == Failure.UNCERTAIN


def test_a_provider_that_is_busy_is_left_alone_for_as_long_as_it_says(ada):
    with sink() as server, postmark(server.port):
        server.reply = answering(429, **{"Retry-After": "600"})
        delivery = send(an_open_delivery(ada))
        send(an_open_delivery(ada))
    assert delivery.due_at >= now() + timedelta(minutes=9)
    assert len(server.received) == 1


def test_a_server_of_ones_own_takes_what_a_busy_provider_did_not(ada):
    own = MailServer()
    with sink() as server, listening(own) as port:
        server.reply = answering(503)
        with postmark(server.port) as first, sending_to_either(port) as second:
            providers = [*_providers(first), *_providers(second)]
            with override_settings(EMAIL_PROVIDERS=providers):
                delivery = send(an_open_delivery(ada))
    assert (delivery.state, delivery.provider, len(own.accepted)) == ("sent", "server-0", 1)


def _providers(overridden) -> list:
    del overridden
    from django.conf import settings

    return list(settings.EMAIL_PROVIDERS)


def test_several_are_written_one_after_the_other():
    urls = "smtp+tls://u:a,b@mail.example.com, postmark://T%40@ \n mailgun://k@mg.example.com"
    given = email_settings(urls)
    assert [each["name"] for each in given["EMAIL_PROVIDERS"]] == [
        "mail.example.com", "postmark", "mailgun",
    ]  # fmt: skip
    assert given["EMAIL_HOST_PASSWORD"] == "a,b"
    assert given["EMAIL_PROVIDERS"][1]["options"] == {"server_token": "T@"}
    assert given["EMAIL_PROVIDERS"][2] == {
        "name": "mailgun",
        "backend": "anymail.backends.mailgun.EmailBackend",
        "options": {"api_key": "k", "sender_domain": "mg.example.com"},
    }


def test_a_provider_that_comes_first_is_django_s_own_too():
    given = email_settings("sendgrid://SG.x@ smtps://u:p@mail.example.com:465")
    assert given["EMAIL_BACKEND"] == "anymail.backends.sendgrid.EmailBackend"
    assert given["EMAIL_PROVIDERS"][1]["options"] == {
        "host": "mail.example.com", "port": 465, "username": "u", "password": "p", "use_ssl": True,
        "timeout": 10,
    }  # fmt: skip


def test_amazon_is_named_by_its_region():
    (given,) = email_settings("ses://id:key@eu-west-1")["EMAIL_PROVIDERS"]
    assert given["options"]["client_params"] == {
        "aws_access_key_id": "id", "aws_secret_access_key": "key", "region_name": "eu-west-1",
    }  # fmt: skip


@pytest.mark.parametrize(
    "urls",
    ["postmark://", "postmark://token", "mailgun://key@", "postmark://t@?track=yes", "nobody://k@",
     "mailjet://key@", "smtp://a.example.com smtp://a.example.com", "postmark://a@ postmark://b@",
     "file:///mail smtp://a.example.com", "smtp://a.example.com file:///mail"],
)  # fmt: skip
def test_what_can_not_be_used_is_refused(urls):
    with pytest.raises(ValueError):
        email_settings(urls)
