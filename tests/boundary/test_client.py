"""What a caller sees when the other process is slow, away, or talks nonsense."""

from __future__ import annotations

import json
import os
import socket
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest

from kernel.boundary import pool, protocol
from kernel.errors import NotFound, TooLarge, Unavailable
from tests import patience
from tests.boundary import sample
from tests.patience import eventually

OK = (200, b'{"result": 5}')


class Peer(ThreadingHTTPServer):
    """A server that gives the answers it was told to, the last one for ever."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.requests, self.connections = [OK], [], set()
        self.headers, self.may_answer = {}, threading.Event()
        self.may_answer.set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """Callers that gave up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), body))
        self.server.connections.add(self.client_address)
        self.server.may_answer.wait(timeout=patience.SECONDS)
        answers = self.server.answers
        status, content = answers.pop(0) if len(answers) > 1 else answers[0]
        if status == 0:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Location", "/elsewhere")
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        """Stay silent."""


@pytest.fixture
def peer(settings):
    server = Peer()
    settings.REMOTE_DOMAINS = {"billing": server.url}
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def read(expose):
    """A function that may be called again after a failure."""

    def read(*, step: int = 0) -> int:
        """Read."""
        return step

    return expose(read, idempotent=True)


@pytest.fixture
def write(expose):
    """A function that must not be called again after a failure."""

    def write(*, step: int = 0) -> int:
        """Write."""
        return step

    return expose(write, idempotent=False)


def test_a_call_is_a_signed_post_of_its_arguments(peer, write):
    assert write(step=3) == 5
    ((path, headers, body),) = peer.requests
    assert path == "/internal/billing/write"
    assert json.loads(body) == {"step": 3}
    assert {"Tenon-Timestamp", "Tenon-Nonce", "Tenon-Signature"} <= set(headers)


def test_a_url_may_have_a_path_and_a_slash(peer, read, settings):
    settings.REMOTE_DOMAINS = {"billing": peer.url + "/behind/"}
    assert read() == 5
    assert peer.requests[0][0] == "/behind/internal/billing/read"


def test_connections_are_kept(peer, read):
    for _ in range(5):
        read()
    assert len(peer.connections) == 1


def test_threads_share_the_connections_safely(peer, read):
    results = []
    threads = [
        threading.Thread(target=lambda: results.append([read() for _ in range(10)]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[5] * 10] * 8
    assert len(peer.connections) <= 8


def test_a_forked_child_has_connections_of_its_own(peer, read):
    assert read() == 5
    parents = pool.pool()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            fresh = pool._pool is None
            code = 0 if fresh and read() == 5 and pool.pool() is not parents else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert read() == 5
    assert len(peer.connections) == 2


BROKEN = [
    (0, b""),
    (500, b"{}"),
    (502, b"<html>"),
    (503, b""),
    (504, b""),
    (302, b""),
    (401, b'{"code": "kernel.unauthenticated", "detail": ""}'),
    (404, b'{"code": "kernel.not_found", "detail": ""}'),
    (409, b"{}"),
    (413, b"{}"),
    (200, b""),
    (200, b"[]"),
    (200, b'{"result": "5"}'),
    (200, b'{"answer": 5}'),
    (422, b"nonsense"),
    (422, b"[]"),
    (422, b"{}"),
    (422, b'{"code": "nobody.knows", "detail": "", "pointer": null, "details": {}, "errors": []}'),
    (422, b'{"code": ["a"], "detail": "", "pointer": null, "details": {}, "errors": []}'),
    (422, b'{"code": "kernel.too_many", "detail": "", "pointer": null, "details": {}}'),
    (422, b'{"code": "kernel.not_found", "detail": "", "pointer": null, "details": {"self": 1}}'),
    (422, b'{"code": "kernel.not_found", "detail": "", "pointer": null, "details": [1]}'),
]


@pytest.mark.parametrize("answer", BROKEN)
def test_an_answer_that_is_none_makes_the_domain_unavailable(answer, peer, write):
    peer.answers = [answer]
    with pytest.raises(Unavailable) as caught:
        write()
    assert type(caught.value) is Unavailable
    assert caught.value.retry_after >= 1
    assert len(peer.requests) == 1


def test_an_answer_in_a_broken_encoding_makes_the_domain_unavailable(peer, read):
    peer.headers["Content-Encoding"] = "gzip"
    with pytest.raises(Unavailable):
        read()
    assert len(peer.requests) == 1


@pytest.mark.parametrize("answer", [(0, b""), (502, b""), (503, b""), (504, b"")])
def test_only_a_call_that_may_be_repeated_is(answer, peer, read, write):
    peer.answers = [answer, OK]
    assert read() == 5
    assert len(peer.requests) == 2
    peer.requests.clear()
    peer.answers = [answer, OK]
    with pytest.raises(Unavailable):
        write()
    assert len(peer.requests) == 1


def test_repetition_has_an_end(peer, read):
    peer.answers = [(503, b"")]
    with pytest.raises(Unavailable):
        read()
    assert len(peer.requests) == 3


def test_every_repetition_is_signed_anew(peer, read):
    peer.answers = [(503, b""), OK]
    read()
    nonces = {headers["Tenon-Nonce"] for _, headers, _ in peer.requests}
    assert len(nonces) == 2


@pytest.mark.parametrize("status", [422, 500, 401])
def test_a_refusal_is_not_repeated(status, peer, read):
    peer.answers = [(status, b"{}")]
    with pytest.raises(Unavailable):
        read()
    assert len(peer.requests) == 1


def test_an_error_of_the_kernel_arrives_as_itself(peer, read):
    given = {"code": "kernel.not_found", "detail": "", "pointer": None, "details": {}, "errors": []}
    peer.answers = [(422, json.dumps(given).encode())]
    with pytest.raises(NotFound):
        read()


def test_a_newer_process_may_say_more(peer, read):
    peer.answers = [(200, b'{"result": 5, "hint": "new"}')]
    assert read() == 5


def test_a_slow_domain_is_given_up(peer, write, read, monkeypatch):
    monkeypatch.setattr(protocol, "TIMEOUT", timedelta(seconds=0.2))
    peer.may_answer.clear()
    for call, requests in ((write, 1), (read, 2)):
        with pytest.raises(Unavailable):
            call()
        eventually(lambda requests=requests: len(peer.requests) == requests)
    peer.may_answer.set()


def test_a_domain_that_is_down_is_unavailable(read, settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings.REMOTE_DOMAINS = {"billing": f"http://127.0.0.1:{port}"}
    with pytest.raises(Unavailable):
        read()


@pytest.mark.parametrize("url", ["http://no.such.host.invalid", "nonsense", "ftp://x", "http://["])
def test_a_url_that_leads_nowhere_makes_the_domain_unavailable(url, read, settings):
    settings.REMOTE_DOMAINS = {"billing": url}
    with pytest.raises(Unavailable):
        read()


def test_a_server_that_comes_back_is_found_again(peer, read):
    assert read() == 5
    peer.answers = [(0, b""), (0, b""), (0, b"")]
    with pytest.raises(Unavailable):
        read()
    peer.answers = [OK]
    assert read() == 5


def test_an_argument_of_another_type_is_the_callers_mistake(peer, read):
    with pytest.raises(TypeError):
        read(step="3")
    assert peer.requests == []


def test_more_than_a_call_may_carry_is_refused_before_it_is_sent(peer, expose):
    value = sample.everything()
    call = expose(sample.echo, idempotent=True)
    parts = [sample.Part(id=uuid4())] * 20_000
    with pytest.raises(TooLarge):
        call(value=sample.Everything(**{**vars(value), "parts": parts}))
    assert peer.requests == []


def test_no_proxy_of_the_environment_stands_between(peer, read, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert read() == 5
