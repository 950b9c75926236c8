"""What the internal endpoint does with calls that nobody should make."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from kernel import clock
from kernel.boundary import protocol, signing
from kernel.errors import Unavailable
from tests.boundary import sample

CALLED: list[int] = []


@pytest.fixture(autouse=True)
def functions(expose):
    CALLED.clear()
    expose(count)
    expose(add, idempotent=True)
    expose(sample.refuse)
    expose(wrong_result)


def count(*, step: int) -> int:
    """Count."""
    CALLED.append(step)
    return len(CALLED)


def add(*, a: int, b: int = 1) -> int:
    """Add."""
    return a + b


def wrong_result() -> int:
    """Return something else than was said."""
    return object()


def post(function, arguments=None, *, body=None, domain="billing", path=None, now=None, **changed):
    """Call as another process would, but for what `changed` says of the headers."""
    data = json.dumps(arguments or {}).encode() if body is None else body
    signed = path or f"/internal/{domain}/{function}"
    proof = signing.sign(path=signed, context={}, body=data, now=now or clock.now())
    named = {name.replace("_", "-"): value for name, value in changed.items()}
    headers = {name: value for name, value in {**proof, **named}.items() if value is not None}
    url = f"/internal/{domain}/{function}"
    return Client().post(url, data, content_type="application/json", headers=headers)


def test_a_signed_call_is_answered():
    answer = post("add", {"a": 2, "b": 3})
    assert (answer.status_code, answer.json()) == (200, {"result": 5})
    assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize("missing", [signing.TIMESTAMP, signing.NONCE, signing.SIGNATURE])
def test_a_call_without(missing):
    answer = post("count", {"step": 1}, **{missing.replace("-", "_"): None})
    assert (answer.status_code, answer.json()["code"]) == (401, "kernel.call_not_signed")
    assert CALLED == []


@pytest.mark.parametrize("seconds", [-31, 31, 10**9])
def test_a_call_of_another_time_is_refused(seconds):
    answer = post("count", {"step": 1}, now=clock.now() + timedelta(seconds=seconds))
    assert answer.status_code == 401
    assert CALLED == []


@pytest.mark.parametrize("seconds", [-28, 28])
def test_clocks_may_differ_a_little(seconds):
    answer = post("add", {"a": 2}, now=clock.now() + timedelta(seconds=seconds))
    assert answer.status_code == 200


@pytest.mark.parametrize("timestamp", ["", "now", "1e9", "-5", "9" * 400, "١٢٣", "nan", " "])
def test_a_timestamp_that_is_none_is_refused(timestamp):
    assert post("count", {"step": 1}, Tenon_Timestamp=timestamp).status_code == 401


def test_a_timestamp_can_not_be_renewed():
    old = clock.now() - timedelta(minutes=5)
    fresh = str(int(clock.now().timestamp()))
    assert post("count", {"step": 1}, now=old, Tenon_Timestamp=fresh).status_code == 401


@pytest.mark.parametrize(
    "signature", ["", "v1=", "v1=" + "0" * 64, "v2=" + "0" * 64, "\xff\xfe", "v1=" + "0" * 100_000]
)
def test_a_signature_that_fits_no_key_is_refused(signature):
    answer = post("count", {"step": 1}, Tenon_Signature=signature)
    assert answer.status_code == 401
    assert CALLED == []


def test_a_key_of_somebody_else_is_refused(settings):
    own, settings.BOUNDARY_KEYS = settings.BOUNDARY_KEYS, ("key-of-somebody-else",)
    proof = signing.sign(
        path="/internal/billing/count", context={}, body=b'{"step":1}', now=clock.now()
    )
    settings.BOUNDARY_KEYS = own
    answer = Client().post(
        "/internal/billing/count", b'{"step":1}', content_type="application/json", headers=proof
    )
    assert answer.status_code == 401


def test_no_call_is_taken_while_there_is_no_key(settings):
    proof = signing.sign(path="/internal/billing/count", context={}, body=b"{}", now=clock.now())
    settings.BOUNDARY_KEYS = ()
    answer = Client().post(
        "/internal/billing/count", b"{}", content_type="application/json", headers=proof
    )
    assert answer.status_code == 401


def test_an_altered_body_is_refused():
    proof = signing.sign(
        path="/internal/billing/count", context={}, body=b'{"step":1}', now=clock.now()
    )
    answer = Client().post(
        "/internal/billing/count", b'{"step":9}', content_type="application/json", headers=proof
    )
    assert answer.status_code == 401
    assert CALLED == []


def test_a_signature_for_another_function_is_refused():
    assert post("count", {"step": 1}, path="/internal/billing/add").status_code == 401
    assert post("count", {"step": 1}, path="/internal/users/count").status_code == 401


@pytest.mark.parametrize(
    "header", ["Tenon_Actor_Id", "Tenon_Organization_Id", "Tenon_Client_Address", "Traceparent"]
)
def test_a_context_that_was_not_signed_is_refused(header):
    answer = post("count", {"step": 1}, **{header: str(uuid4())})
    assert answer.status_code == 401
    assert CALLED == []


def test_a_replayed_call_is_carried_out_once():
    body = b'{"step":1}'
    proof = signing.sign(path="/internal/billing/count", context={}, body=body, now=clock.now())
    answers = [
        Client().post(
            "/internal/billing/count", body, content_type="application/json", headers=proof
        )
        for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 409, 409]
    assert CALLED == [1]


def test_a_replay_of_a_call_that_changes_nothing_more_is_answered():
    body = b'{"a":1}'
    proof = signing.sign(path="/internal/billing/add", context={}, body=body, now=clock.now())
    for _ in range(2):
        answer = Client().post(
            "/internal/billing/add", body, content_type="application/json", headers=proof
        )
        assert answer.json() == {"result": 2}


def test_calls_go_on_while_redis_is_away(settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert post("count", {"step": 1}).status_code == 200


def test_a_new_key_signs_while_the_old_one_is_still_taken(settings):
    old = settings.BOUNDARY_KEYS[0]
    settings.BOUNDARY_KEYS = ("a-newer-key", old)
    assert post("add", {"a": 1}).status_code == 200
    body = b'{"a":1}'
    settings.BOUNDARY_KEYS = (old,)
    proof = signing.sign(path="/internal/billing/add", context={}, body=body, now=clock.now())
    settings.BOUNDARY_KEYS = ("a-newer-key", old)
    url = "/internal/billing/add"
    answer = Client().post(url, body, content_type="application/json", headers=proof)
    assert answer.status_code == 200
    settings.BOUNDARY_KEYS = ("a-newer-key",)
    answer = Client().post(url, body, content_type="application/json", headers=proof)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("domain", "function"),
    [
        ("billing", "nothing_of_this_name"),
        ("billing", "__class__"),
        ("nowhere", "add"),
        ("kernel", "add"),
        ("billing.services", "add"),
    ],
)
def test_what_is_not_exposed_is_not_there(domain, function):
    answer = post(function, domain=domain)
    assert (answer.status_code, answer.json()["code"]) == (404, "kernel.no_such_function")


def test_a_domain_served_elsewhere_is_not_there(settings):
    settings.DOMAINS = ("auth",)
    assert post("add", {"a": 1}).status_code == 404


def test_whoever_has_no_key_can_not_tell_what_is_there():
    there = post("add", {"a": 1}, Tenon_Signature="v1=0")
    elsewhere = post("nothing_of_this_name", Tenon_Signature="v1=0")
    assert there.status_code == elsewhere.status_code == 401
    assert there.json() == elsewhere.json()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"{}",
        b'{"a": "2"}',
        b'{"a": 2.0}',
        b'{"a": true}',
        b'{"a": null}',
        b'{"a": 1, "c": 1}',
        b'{"a": 1, "self": 1}',
        b'{"a": NaN}',
        b"\xff",
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_arguments_of_other_types_are_refused(body):
    answer = post("add", body=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "kernel.call_malformed")


def test_a_body_that_is_too_large_is_not_read():
    answer = post("add", body=b" " * (protocol.MAX_BODY + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "kernel.too_large")


def test_other_methods_are_refused():
    for method in ("get", "put", "patch", "delete", "options", "head"):
        assert getattr(Client(), method)("/internal/billing/add").status_code == 405


def test_a_bug_is_logged_without_the_arguments_and_tells_the_caller_nothing(caplog):
    with caplog.at_level(logging.INFO):
        answer = post("refuse", {"kind": "bug"})
        wrong = post("wrong_result")
    assert answer.status_code == wrong.status_code == 500
    assert "secret" not in answer.content.decode()
    assert answer.json()["code"] == "kernel.call_failed"
    assert "/internal/billing/refuse failed" in caplog.text


def test_no_log_has_what_was_sent(caplog):
    with caplog.at_level(logging.DEBUG):
        post("add", {"a": "a-secret-of-the-caller"})
        post("refuse", {"kind": "a-secret-of-the-caller"})
        post("add", {"a": 1, "b": 2}, Tenon_Signature="v1=0")
    assert "a-secret-of-the-caller" not in "".join(r.getMessage() for r in caplog.records)


def test_a_domains_error_is_answered_by_its_code():
    answer = post("refuse", {"kind": "plain"})
    assert answer.status_code == 422
    assert answer.json() == {
        "code": "sample.out_of_stock",
        "detail": "All are sold.",
        "pointer": None,
        "details": {"left": 0},
        "errors": [],
    }


def test_unavailable_is_an_answer_like_any_other(expose):
    def away() -> None:
        """Be away."""
        raise Unavailable("Come back later.", retry_after=9)

    expose(away)
    assert post("away").json()["details"] == {"retry_after": 9}
