"""What a request is called."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import identity

VALID = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OURS = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]\Z")


def test_a_short_printable_request_id_is_kept(api):
    response = api.get("t/public", X_Request_Id="client-7:42")
    assert response["X-Request-Id"] == "client-7:42"


@pytest.mark.parametrize(
    "given_id",
    ["", "x" * 65, "a b", "a\r\nSet-Cookie: a=b", "a\nb", "ä", "<script>", 'a"b', "a;b", "\x00"],
)
def test_any_other_request_id_is_replaced_by_a_new_one(given_id):
    made = identity.request_id(given_id)
    assert made != given_id
    assert re.fullmatch(r"[0-9a-f-]{36}", made)


def test_a_header_injected_through_the_request_id_goes_nowhere(api):
    response = api.client.get("/api/v1/t/public", HTTP_X_REQUEST_ID="a\r\nEvil: 1")
    assert "Evil" not in response.headers
    assert "\n" not in response["X-Request-Id"]


def test_the_request_id_is_in_every_problem(api):
    response = api.get("nothing", X_Request_Id="mine")
    assert response.json()["request_id"] == "mine"


def test_a_trace_is_continued_in_a_span_of_our_own(api):
    response = api.get("t/public", Traceparent=VALID)
    assert response["traceparent"].split("-")[1] == VALID.split("-")[1]
    assert response["traceparent"].split("-")[2] != VALID.split("-")[2]


def test_a_trace_of_a_later_version_is_continued_in_ours():
    later = "01" + VALID[2:] + "-what-comes-later"
    assert str(identity.trace(later)).startswith(VALID[:36])


def test_the_sampling_decision_of_the_caller_is_kept():
    assert str(identity.trace(VALID[:-2] + "00")).endswith("-00")
    assert str(identity.trace(VALID[:-2] + "ff")).endswith("-01")


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "",
        VALID.upper(),
        "ff" + VALID[2:],
        VALID + "-more",
        VALID + "0",
        VALID[:-1],
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
        f"{VALID}, {VALID}",
        " " + VALID,
        VALID + "\n",
    ],
)
def test_a_wrong_traceparent_starts_a_new_trace(wrong):
    made = str(identity.trace(wrong))
    assert OURS.match(made)
    assert VALID.split("-")[1] not in made


@given(st.text(max_size=80))
def test_whatever_comes_in_what_goes_on_is_valid(text):
    assert OURS.match(str(identity.trace(text)))
    assert re.fullmatch(r"[A-Za-z0-9._:+/=@-]{1,64}", identity.request_id(text))


def test_two_requests_have_different_spans():
    assert identity.trace(VALID).span_id != identity.trace(VALID).span_id
