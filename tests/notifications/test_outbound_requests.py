"""Requests to customers' servers: by TLS, bounded in size and time, and led nowhere else."""

from __future__ import annotations

import gzip
import socket
import threading

import pytest

from domains.notifications.services.outbound import client
from domains.notifications.services.outbound.errors import Refused, Uncertain, Unreachable
from kernel.db import transaction
from tests.notifications.sinks import authority, raw_server, sink
from tests.notifications.test_outbound_addresses import answers
from tests.notifications.webhooks import local
from tests.ports import free_port

__all__ = ["local"]
NAME = "hooks.example.com"


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("ours"), host=NAME)


def post(url: str, body: bytes = b'{"a": 1}', **options):
    return client.post(url=url, body=body, headers={"Content-Type": "application/json"}, **options)


def test_a_request_has_its_body_headers_and_answer(local):
    with sink() as there:
        there.reply = lambda _: (202, {"X-Answer": "yes"}, b"thank you")
        answer = post(there.url("/hook?a=b"))
    assert (answer.status, answer.body, answer.truncated) == (202, b"thank you", False)
    assert answer.headers["x-answer"] == "yes"
    assert answer.latency_ms >= 0
    [received] = there.received
    assert (received.path, received.body) == ("/hook?a=b", b'{"a": 1}')
    assert received.headers["content-type"] == "application/json"
    assert received.headers["accept-encoding"] == "identity"


def test_tls_is_verified_against_the_name_while_the_address_is_pinned(local, ours, monkeypatch):
    local.OUTBOUND_CA_FILE = str(ours.file)
    answers(monkeypatch, NAME, ["127.0.0.1"])
    with sink(certificate=ours.certificate) as there:
        assert post(there.url(host=NAME, scheme="https")).status == 200
    assert there.names == [NAME]


@pytest.mark.parametrize("trusted", [False, True])
def test_a_certificate_of_another_name_or_of_nobody_is_not_taken(local, ours, monkeypatch, trusted):
    local.OUTBOUND_CA_FILE = str(ours.file) if trusted else ""
    name = "other.example.com" if trusted else NAME
    answers(monkeypatch, name, ["127.0.0.1"])
    with sink(certificate=ours.certificate) as there, pytest.raises(Unreachable, match="TLS"):
        post(there.url(host=name, scheme="https"))
    assert there.received == []


def test_a_certificate_of_a_name_is_not_taken_for_an_address(local, ours):
    local.OUTBOUND_CA_FILE = str(ours.file)
    with sink(certificate=ours.certificate) as there, pytest.raises(Unreachable, match="TLS"):
        post(there.url(scheme="https"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(local, status):
    with sink() as inside, sink() as there:
        there.reply = lambda _: (status, {"Location": inside.url()}, b"")
        assert post(there.url()).status == status
        assert (len(there.received), inside.received) == (1, [])


def test_proxies_of_the_environment_are_not_asked(local, monkeypatch):
    with sink() as proxy, sink() as there:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert post(there.url()).status == 200
        assert proxy.received == []


def test_an_answer_is_read_up_to_its_bound(local):
    with sink() as there:
        there.reply = lambda _: (200, {}, b"a" * 1_000_000)
        answer = post(there.url(), most_read=1000)
    assert (answer.body, answer.truncated) == (b"a" * 1000, True)


def test_a_compressed_answer_is_not_unpacked(local):
    bomb = gzip.compress(b"a" * 10_000_000)
    with sink() as there:
        there.reply = lambda _: (200, {"Content-Encoding": "gzip"}, bomb)
        answer = post(there.url())
    assert answer.body == bomb


def test_too_long_a_body_is_refused_before_anything_is_sent(local):
    with sink() as there, pytest.raises(Refused):
        post(there.url(), body=b"a" * (client.MOST_SENT + 1))
    assert there.received == []


def test_a_server_that_nobody_runs_is_unreachable(local):
    with pytest.raises(Unreachable):
        post(f"http://127.0.0.1:{free_port()}/")


def test_the_next_address_is_tried_where_one_does_not_answer(local, monkeypatch):
    with sink() as there:
        answers(monkeypatch, NAME, ["127.0.0.2", "127.0.0.1"])
        assert post(there.url(host=NAME)).status == 200


def _read_request(connection: socket.socket) -> None:
    while b"\r\n\r\n" not in connection.recv(65536):
        pass


def test_a_connection_that_ends_without_an_answer_may_have_brought_it(local):
    with raw_server(_read_request) as port, pytest.raises(Uncertain):
        post(f"http://127.0.0.1:{port}/")


def test_an_answer_that_is_no_http_may_have_brought_it(local):
    def talk(connection: socket.socket) -> None:
        _read_request(connection)
        connection.sendall(b"220 mail.example.com ESMTP\r\n")

    with raw_server(talk) as port, pytest.raises(Uncertain):
        post(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"],
)
def test_a_server_that_trickles_its_answer_is_given_up(local, start):
    stop = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.sendall(start)
        while not stop.wait(0.02):
            connection.sendall(b"a" if start else b"")

    with raw_server(talk) as port:
        try:
            with pytest.raises(Uncertain):
                post(f"http://127.0.0.1:{port}/", seconds=0.3)
        finally:
            stop.set()


def test_a_server_that_does_not_speak_tls_is_given_up(local):
    stop = threading.Event()
    with raw_server(lambda _: stop.wait() and None) as port:
        try:
            with pytest.raises(Unreachable):
                post(f"https://127.0.0.1:{port}/", seconds=0.3)
        finally:
            stop.set()


def test_a_resolver_that_does_not_answer_is_given_up(local, monkeypatch):
    stop = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: stop.wait() and [])
    try:
        with pytest.raises(Unreachable, match="in time"):
            post("https://hooks.example.com/", seconds=0.2)
    finally:
        stop.set()


def test_headers_of_ours_can_not_be_replaced(local):
    with sink() as there:
        client.post(url=there.url(), body=b"{}", headers={"Host": "inside", "User-Agent": "x"})
    assert there.received[0].headers["host"] == f"127.0.0.1:{there.port}"
    assert there.received[0].headers["user-agent"] == "Tenon"


@pytest.mark.django_db(databases=["notifications"])
def test_a_request_is_not_made_inside_a_transaction(local):
    with transaction("notifications"), pytest.raises(AssertionError):
        post("http://127.0.0.1/")
