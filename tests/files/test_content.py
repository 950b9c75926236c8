"""What bytes are is read from them."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.files.services.content import agrees, inspect, sniff
from tests.files.conftest import PNG


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PNG, "image/png"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PK\x03\x04" + b"\0" * 40, "application/zip"),
        (b"hello", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text/plain"),
        ("grüße".encode()[:-1], "text/plain"),
        (b"\xff\xfe\x00\x01", "application/octet-stream"),
        (b"a\0b", "application/octet-stream"),
        (b"", "text/plain"),
    ],
)
def test_the_type_is_what_the_first_bytes_show(head, media_type):
    assert sniff(head) == media_type


@pytest.mark.parametrize(
    ("announced", "sniffed", "agreed"),
    [
        ("image/png", "image/png", True),
        ("IMAGE/PNG", "image/png", True),
        ("image/png", "image/jpeg", False),
        ("image/png", "text/plain", False),
        ("image/png", "application/octet-stream", False),
        ("text/csv", "text/plain", True),
        ("application/json", "text/plain", True),
        ("text/html", "application/octet-stream", False),
        ("application/octet-stream", "image/png", True),
        ("application/x-custom", "application/octet-stream", True),
        ("application/x-custom", "application/pdf", False),
    ],
)
def test_an_announcement_must_fit_the_content(announced, sniffed, agreed):
    assert agrees(announced=announced, sniffed=sniffed) is agreed


@given(st.binary(max_size=5000))
def test_inspection_counts_and_hashes_every_byte(data):
    content = inspect(io.BytesIO(data), limit=len(data))
    assert (content.size, content.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_inspection_stops_soon_after_the_limit():
    stream = io.BytesIO(b"x" * 10_000_000)
    inspect(stream, limit=10)
    assert stream.tell() <= 1024 * 1024
