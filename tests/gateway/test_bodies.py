"""What may come in, and how fast the rest is refused."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import bodies

pytestmark = pytest.mark.django_db(databases="__all__")


def send(api, body, path="t/raw", content_type="application/json", **headers):
    if isinstance(body, str):
        body = body.encode()
    return api.client.generic(
        "POST", f"/api/v1/{path}", body, content_type=content_type, headers=headers
    )


def refused(response, status, code):
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"


def quickly(started, seconds=0.5):
    """Fail if this thread has used more of a processor, whoever else has used it meanwhile."""
    assert time.thread_time() - started < seconds


def test_a_document_goes_through(api):
    response = send(api, '{"a": [1, 2.5, "ü", null, true, {"b": {}}]}')
    assert response.json() == {"document": {"a": [1, 2.5, "ü", None, True, {"b": {}}]}}


def test_no_body_is_an_empty_object(api):
    assert send(api, "").json() == {"document": {}}


def test_ten_megabytes_are_refused_unread_and_fast(api):
    body = b'{"a": "' + b"x" * 10_000_000 + b'"}'
    started = time.thread_time()
    refused(send(api, body), 413, "gateway.body_too_large")
    quickly(started)


def test_a_view_may_take_more_and_read_it_itself(api):
    body = b"\x00\xff" * 1_000_000
    response = api.client.generic("PUT", "/api/v1/t/upload", body, content_type="image/png")
    assert response.json() == {"size": 2_000_000}
    body = b"x" * 5_000_001
    response = api.client.generic("PUT", "/api/v1/t/upload", body, content_type="image/png")
    refused(response, 413, "gateway.body_too_large")


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_a_depth_of_a_thousand_is_refused_fast(api, opening):
    started = time.thread_time()
    refused(send(api, opening * 1000), 400, "gateway.json_too_complex")
    quickly(started)


@pytest.mark.parametrize(
    "hostile",
    [
        "[" * 1_000_000,
        '{"a":' * 150_000,
        "[]," * 300_000,
        '"\\"' * 300_000 + "[" * 40,
        '"' * 1_000_000 + "[" * 40,
        "\\" * 1_000_000 + "[" * 40,
        '"' + "\\\\" * 400_000 + "[" * 40 + "\\",
        '["' + '","' * 300_000 + '"]',
        "[" + ",".join(["1"] * 500_000) + "]",
        '{"a":"' + "[" * 900_000 + '"}',
    ],
)
def test_nothing_of_one_megabyte_takes_long(api, hostile):
    started = time.thread_time()
    assert send(api, hostile).status_code in (200, 400)
    quickly(started, 1.5)


def test_too_many_members_are_refused(api):
    many = json.dumps({str(n): n for n in range(bodies.Body.max_members + 1)})
    refused(send(api, many), 400, "gateway.json_too_complex")


def test_brackets_inside_text_are_no_depth(api):
    text = '[{"\\"' * 500
    assert send(api, json.dumps({"a": text})).json() == {"document": {"a": text}}


def test_a_name_that_stands_twice_is_refused(api):
    refused(send(api, '{"role": "member", "role": "owner"}'), 400, "gateway.json_invalid")
    refused(send(api, '{"a": {"b": 1, "\\u0062": 2}}'), 400, "gateway.json_invalid")


@pytest.mark.parametrize(
    "wrong",
    [
        b"{",
        b"nothing",
        b'{"a": 1,}',
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\x00"}',
        b'{"a": "tab\there"}',
        b'{"a": "\xff\xfe"}',
        b'{"a": "\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b"{} {}",
        b"\x00" * 100,
    ],
)
def test_what_is_no_json_is_refused(api, wrong):
    refused(send(api, wrong), 400, "gateway.json_invalid")


@pytest.mark.parametrize("character", ["\\u0000", "\\ud800", "\\udfff"])
def test_text_that_cannot_be_stored_is_named_by_its_pointer(api, character):
    body = '{"a": {"b~/": ["xCHARACTER"]}, "c\\\\u0000": "\\\\u0000"}'
    response = send(api, body.replace("CHARACTER", character))
    refused(response, 422, "kernel.validation_failed")
    assert [item["pointer"] for item in response.json()["errors"]] == ["/a/b~0~1/0"]


def test_a_whole_surrogate_pair_is_text(api):
    assert send(api, '{"a": "\\ud83d\\ude00"}').json() == {"document": {"a": "😀"}}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "application/problem+json",
        "",
        ";",
        "application/json\x00",
    ],
)
def test_other_content_types_are_refused(api, content_type):
    refused(send(api, "{}", content_type=content_type), 415, "gateway.content_type_unsupported")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_ways_to_write_the_content_type_are_read(api, content_type):
    assert send(api, "{}", content_type=content_type).status_code == 200


def test_a_body_of_unknown_length_is_refused(api):
    response = send(api, "{}", **{"Transfer-Encoding": "chunked"})
    refused(response, 400, "gateway.length_required")


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "٣"])
def test_a_length_that_is_no_number_is_refused(api, length):
    response = api.client.generic(
        "POST", "/api/v1/t/raw", b"{}", content_type="application/json", CONTENT_LENGTH=length
    )
    refused(response, 400, "gateway.length_required")


@pytest.mark.parametrize("path", ["t/public?a=%00", "t/%00", "t/raise/a%00b"])
def test_nul_in_an_address_is_refused(api, path):
    refused(api.get(path), 400, "gateway.path_malformed")


@pytest.mark.parametrize("path", ["t/%ff%fe", "t/%c3%28", "t/%ed%a0%80", "t/../../etc/passwd"])
def test_an_odd_address_is_just_not_found(api, path):
    refused(api.get(path), 404, "gateway.path_not_found")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(json_values)
def test_every_reasonable_document_is_read_as_it_is(value):
    text = json.dumps(value, ensure_ascii=False)
    if "\0" not in str(value) and "\\u" not in text:
        assert bodies.parse(text) == value


@given(st.text(alphabet='[]{}":,\\ a1', max_size=200))
def test_no_text_breaks_the_parser(text):
    from kernel.errors import DomainError

    try:
        parsed = bodies.parse(text)
    except DomainError:
        return
    assert parsed == json.loads(text)
