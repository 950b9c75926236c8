"""Webhooks are verified by those who receive them, with the libraries that they take for it."""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64decode
from datetime import timedelta
from pathlib import Path

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from standardwebhooks import Webhook, WebhookVerificationError

from domains.notifications.models import WebhookEndpoint
from domains.notifications.services.webhooks import endpoints
from kernel.clock import now
from tests import patience
from tests.notifications.sinks import Received, sink
from tests.notifications.webhooks import an_endpoint, happen, local, send
from tests.npm import installed
from tests.principals import member_of

__all__ = ["local"]
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("local")]
RECEIVER = Path(__file__).resolve().parent / "receiver"


def by_pypi(secret: str, got: Received) -> dict | None:
    try:
        return Webhook(secret).verify(got.body, got.headers)
    except WebhookVerificationError:
        return None


def by_npm(secret: str, got: Received) -> dict | None:
    folder = installed(RECEIVER, name="webhook-receiver")
    line = {"secret": secret, "headers": got.headers, "body": got.body.decode()}
    ran = subprocess.run(
        [shutil.which("node"), "verify.mjs"],
        cwd=folder,
        input=json.dumps(line),
        capture_output=True,
        check=True,
        text=True,
        timeout=patience.SECONDS,
    )
    return json.loads(ran.stdout).get("read")


LIBRARIES = pytest.mark.parametrize(
    "verify", [by_pypi, pytest.param(by_npm, marks=pytest.mark.node)]
)


def received(there, **options) -> tuple[Received, WebhookEndpoint, str]:
    endpoint, secret = an_endpoint(there.url(), **options)
    happen(endpoint)
    send()
    [got] = there.received
    return got, endpoint, secret


@LIBRARIES
def test_what_is_sent_is_verified_by_the_library(verify):
    with sink() as there:
        got, endpoint, secret = received(there)
    read = verify(secret, got)
    assert read["type"] == "users.member_joined.v1"
    assert read["id"] == got.headers["webhook-id"]
    assert read["data"]["organization_id"] == str(endpoint.organization_id)
    assert got.headers["content-type"] == "application/json"


@LIBRARIES
def test_what_was_altered_or_signed_by_another_secret_is_refused_by_the_library(verify):
    with sink() as there:
        got, _endpoint, secret = received(there)
        _other, another = an_endpoint(there.url())
    assert verify(another, got) is None
    assert verify(secret, Received(got.path, got.headers, got.body + b" ")) is None
    other_id = {**got.headers, "webhook-id": "another"}
    assert verify(secret, Received(got.path, other_id, got.body)) is None


@LIBRARIES
def test_both_secrets_sign_until_the_overlap_ends(verify):
    with sink() as there:
        endpoint, former = an_endpoint(there.url())
        owner, overlap = member_of(endpoint.organization_id), timedelta(minutes=2)
        rotated = {"endpoint_id": endpoint.id, "overlap": overlap}
        _, secret = endpoints.rotate(owner, **rotated, now=now())
        happen(endpoint)
        send()
        happen(endpoint, now=now())
        send(now() + overlap)
    during, after = there.received
    assert [bool(verify(each, during)) for each in (secret, former)] == [True, True]
    assert [bool(verify(each, after)) for each in (secret, former)] == [True, False]


def asymmetrically(public_key: str, got: Received) -> bool:
    """Verify as the standard says of v1a, with another library than ours."""
    headers = got.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + got.body
    key = VerifyKey(b64decode(public_key.removeprefix("whpk_")))
    signatures = [each.split(",") for each in headers["webhook-signature"].split(" ")]
    for version, signature in signatures:
        try:
            if version == "v1a" and key.verify(signed, b64decode(signature)):
                return True
        except BadSignatureError:
            continue
    return False


def test_a_key_pair_signs_too_where_that_was_chosen_and_its_public_half_is_told():
    with sink() as there:
        got, endpoint, secret = received(there, asymmetric=True)
    [public_key] = endpoint.public_keys
    assert public_key.startswith("whpk_")
    assert asymmetrically(public_key, got)
    assert by_pypi(secret, got)
    assert not asymmetrically(public_key, Received("", got.headers, got.body + b" "))


def test_both_key_pairs_sign_until_the_overlap_ends():
    with sink() as there:
        endpoint, _ = an_endpoint(there.url(), asymmetric=True)
        [former] = endpoint.public_keys
        owner, overlap = member_of(endpoint.organization_id), timedelta(minutes=2)
        endpoint, _ = endpoints.rotate(owner, endpoint_id=endpoint.id, overlap=overlap, now=now())
        newest = endpoint.public_keys[0]
        happen(endpoint)
        send()
        happen(endpoint, now=now())
        send(now() + overlap)
    during, after = there.received
    assert [asymmetrically(each, during) for each in (newest, former)] == [True, True]
    assert [asymmetrically(each, after) for each in (newest, former)] == [True, False]


def test_without_a_key_pair_there_is_one_signature_and_no_public_key():
    with sink() as there:
        got, endpoint, _ = received(there)
    assert got.headers["webhook-signature"].count(",") == 1
    assert endpoint.public_keys == []


def test_the_id_is_the_same_in_every_attempt_and_the_time_is_the_attempts():
    with sink() as there:
        there.reply = lambda _: (500, {}, b"")
        endpoint, _ = an_endpoint(there.url())
        began = now()
        happen(endpoint, now=began)
        send(began)
        send(began + timedelta(seconds=10))
    first, second = there.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    times = [int(each.headers["webhook-timestamp"]) for each in (first, second)]
    assert times == [int(began.timestamp()), int(began.timestamp()) + 10]
