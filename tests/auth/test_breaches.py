"""The service of breached passwords, played by a real HTTP server."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from domains.auth.models import Account
from domains.auth.services import breaches, passwords, registration
from kernel.db import transaction
from kernel.errors import ValidationFailed
from tests import patience
from tests.auth.conftest import PASSWORD

BREACHED = hashlib.sha1(PASSWORD.encode()).hexdigest().upper()
ENDING = BREACHED[5:]


class Service:
    """What the server answers, and what it was asked."""

    def __init__(self) -> None:
        self.status, self.answer = 200, ""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.may_answer = Event()
        self.may_answer.set()


@pytest.fixture
def service(settings):
    played = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            played.asked.append((self.path, dict(self.headers)))
            played.may_answer.wait(timeout=patience.SECONDS)
            body = played.answer.encode()
            self.send_response(played.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    settings.BREACHED_PASSWORDS_URL = f"http://127.0.0.1:{server.server_port}/range/"
    yield played
    played.may_answer.set()
    server.shutdown()
    server.server_close()


def codes(password: str = PASSWORD) -> list[str]:
    try:
        passwords.check_password_rules(password=password, email="ada@example.com")
    except ValidationFailed as error:
        return [e.code for e in error.errors]
    return []


def test_a_breached_password_is_refused(service):
    service.answer = f"{'0' * 35}:3\r\n{ENDING}:42\r\n"
    assert codes() == ["auth.password_breached"]


def test_the_service_is_told_five_digits_and_nothing_else(service):
    codes()
    ((path, headers),) = service.asked
    assert path == f"/range/{BREACHED[:5]}"
    assert headers["Add-Padding"] == "true"
    assert not {"Authorization", "Cookie", "Referer"} & set(headers)


def test_a_padded_answer_that_names_it_with_no_sighting_is_no_breach(service):
    service.answer = f"{ENDING}:0\r\n"
    assert codes() == []


def test_every_spelling_of_unicode_is_asked_for_as_it_is_hashed(service):
    for spelling in ("\u00c5ngstr\u00f6m \u00fcber alles", "A\u030angstro\u0308m u\u0308ber alles"):
        codes(spelling)
    assert len({path for path, _ in service.asked}) == 1


@pytest.mark.parametrize(
    ("status", "answer"),
    [(500, ""), (404, ""), (302, ""), (200, ""), (200, "<html>"), (200, "ÿ:\n:::\n"), (429, "")],
)
def test_a_service_that_fails_keeps_nobody_from_a_password(service, status, answer):
    service.status, service.answer = status, answer
    assert codes() == []
    assert service.asked


def test_a_service_that_is_silent_is_not_waited_for(service, monkeypatch):
    monkeypatch.setattr(breaches, "TIMEOUT", 0.05)
    service.answer = f"{ENDING}:42"
    service.may_answer.clear()
    assert codes() == []


def test_a_service_that_does_not_stop_is_not_heard_out(service, monkeypatch):
    monkeypatch.setattr(breaches, "LARGEST_ANSWER", 1_000)
    service.answer = f"{ENDING}:42\r\n" * 100
    assert codes() == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://nowhere.invalid/", "nonsense"])
def test_a_service_that_is_not_there_keeps_nobody_from_a_password(settings, url):
    settings.BREACHED_PASSWORDS_URL = url
    assert codes() == []


def test_a_password_that_the_list_refuses_is_not_asked_about(service):
    assert codes("manchesterunited") == ["auth.password_too_common"]
    assert not service.asked


@pytest.mark.django_db(databases="__all__")
class TestRegistration:
    def test_whoever_registers_a_breached_password_is_refused(self, service, clock):
        service.answer = f"{ENDING}:42"
        with pytest.raises(ValidationFailed):
            registration.register(email="ada@example.com", password=PASSWORD, now=clock.now)
        assert not Account.objects.exists()

    def test_nothing_is_locked_while_the_service_is_asked(self, service):
        with transaction("auth"), pytest.raises(breaches.AskedInTransaction):
            codes()
