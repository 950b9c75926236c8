"""What the server itself refuses, over a real socket: a problem document as everywhere."""

from __future__ import annotations

import json
import socket
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator

from gateway.openapi.problems import SCHEMA
from kernel.errors import by_code
from tests import patience
from tests.notifications.streams import serving

GET = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    """The web server as it is shipped."""
    with serving(tmp_path_factory.mktemp("web")) as web:
        yield web


def answer_to(web, sent: bytes):
    """Return the answer to the bytes, and whether the connection is closed after it."""
    parts = urlsplit(web.url)
    with socket.create_connection((parts.hostname, parts.port), patience.SECONDS) as connection:
        connection.sendall(sent)
        answer = HTTPResponse(connection)
        answer.begin()
        body = answer.read()
        return answer, body, connection.recv(1) == b""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, "gateway.request_unreadable"),
        (b"<script>alert(1)</script> / HTTP/1.1\r\n\r\n", 400, "gateway.request_unreadable"),
        (b"GET / HTTP/9.9\r\n\r\n", 400, "gateway.request_unreadable"),
        (GET + b"No colon\r\n\r\n", 400, "gateway.request_unreadable"),
        (GET + b"Content-Length: many\r\n\r\n", 400, "gateway.request_unreadable"),
        (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n", 414, "gateway.request_line_too_long"),
        (GET + b"X: " + b"a" * 9000 + b"\r\n\r\n", 431, "gateway.headers_too_large"),
        (GET + b"X: y\r\n" * 101 + b"\r\n", 431, "gateway.headers_too_large"),
        (GET + b"Expect: cake\r\n\r\n", 417, "gateway.expectation_unmet"),
        (POST + b"Transfer-Encoding: x\r\n\r\n", 501, "gateway.transfer_coding_unsupported"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_parsed_is_answered_by_a_problem_document(web, sent, status, code):
    answer, body, closed = answer_to(web, sent)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert closed
    said = json.loads(body)
    assert (answer.status, said["status"], said["code"]) == (status, status, code)
    assert list(Draft202012Validator(SCHEMA).iter_errors(said)) == []
    assert said["title"] == by_code[code].title
    assert said["request_id"] == answer.headers["X-Request-Id"]
    assert said["request_id"] in web.log.read_text()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"gunicorn" not in body
    assert b"script" not in body


@pytest.mark.slow
def test_whoever_asks_properly_afterwards_is_answered(web):
    answer, body, _ = answer_to(web, GET + b"Connection: close\r\n\r\n")
    assert (answer.status, body) == (200, b'{"status": "ok"}')
