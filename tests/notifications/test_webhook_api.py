"""Endpoints and their log over the API: who may, what is refused, what is shown once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.notifications.models import WebhookDelivery, WebhookEndpoint
from domains.notifications.services.webhooks import secrets
from domains.notifications.services.webhooks.endpoints import MOST_ENDPOINTS
from domains.users import interface as users
from kernel.clock import now
from tests.client import Api
from tests.notifications.conftest import PASSWORD, person
from tests.notifications.sinks import sink
from tests.notifications.webhooks import an_endpoint, happen, local, send, the_webhook_of

__all__ = ["local"]
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("local")]
ENDPOINTS = "notifications/webhook-endpoints"
WANTED = {"url": "http://127.0.0.1:9000/hook?key=abc", "event_types": ["users.*"]}


def signed_in(account, organization_id) -> Api:
    api = Api()
    answer = api.post("auth/login", {"email": account.email, "password": PASSWORD})
    return api.as_(token=answer.json()["access_token"], organization_id=organization_id)


@pytest.fixture
def api(ada, acme, deliver_events) -> Api:
    """Ada's client, in Acme."""
    deliver_events()
    return signed_in(ada, acme.id)


def test_the_secret_is_in_the_first_answer_alone_and_kept_encrypted(api):
    created = api.post(ENDPOINTS, {**WANTED, "asymmetric": True})
    assert (created.status_code, created["Cache-Control"]) == (201, "no-store")
    shown = created.json()
    secret = shown.pop("secret")
    assert secret.startswith("whsec_")
    one = api.get(f"{ENDPOINTS}/{shown['id']}")
    assert one.json() == shown
    assert [shown] == api.get(ENDPOINTS).json()["data"]
    row = WebhookEndpoint.objects.get()
    kept = str(WebhookEndpoint.objects.values().get())
    assert secret not in kept
    assert secrets.signers(row, now=now()).secrets == [secret]
    [private_key] = secrets.signers(row, now=now()).private_keys
    assert private_key not in kept + str(shown)
    assert "encrypted" not in created.content.decode()


def test_a_new_secret_is_shown_once_and_the_former_counts_for_a_day(api):
    shown = api.post(ENDPOINTS, WANTED).json()
    began = now()
    rotated = api.post(f"{ENDPOINTS}/{shown['id']}/rotate-secret", {})
    assert rotated.status_code == 201
    assert rotated.json()["secret"] != shown["secret"]
    row = WebhookEndpoint.objects.get()
    assert timedelta(hours=23) < row.former_until - began < timedelta(hours=25)
    both = secrets.signers(row, now=began).secrets
    assert both == [rotated.json()["secret"], shown["secret"]]
    assert secrets.signers(row, now=row.former_until).secrets == both[:1]
    assert "secret" not in api.get(f"{ENDPOINTS}/{shown['id']}").json()


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"url": "https://10.0.0.1/"}, "notifications.address_refused", "/url"),
        ({"url": "https://user:pw@example.com/"}, "notifications.address_refused", "/url"),
        ({"url": "ftp://example.com/"}, "notifications.address_refused", "/url"),
        ({"url": "https://example.com/" + "a" * 3000}, "kernel.validation_failed", "/url"),
        ({"url": 5}, "kernel.validation_failed", "/url"),
        ({"url": None}, "kernel.validation_failed", "/url"),
        ({"event_types": []}, "kernel.validation_failed", "/event_types"),
        ({"event_types": "users.*"}, "kernel.validation_failed", "/event_types"),
        ({"event_types": [5]}, "kernel.validation_failed", "/event_types/0"),
        ({"event_types": ["users.nothing.v1"]}, "notifications.event_type_unknown", "/event_types"),
        ({"event_types": ["auth.session_started.v1"]}, "notifications.event_type_unknown",
         "/event_types"),
        ({"event_types": ["users.[a-z]*"]}, "notifications.event_type_unknown", "/event_types"),
        ({"event_types": ["*"] * 101}, "kernel.validation_failed", "/event_types"),
        ({"is_ordered": "yes"}, "kernel.validation_failed", "/is_ordered"),
        ({"description": "a" * 201}, "kernel.validation_failed", "/description"),
        ({"secret": "whsec_mine"}, "kernel.validation_failed", "/secret"),
        ({"organization_id": "0192f0c1-0a1b-7c2d-8e3f-4a5b6c7d8e9f"}, "kernel.validation_failed",
         "/organization_id"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused(api, changes, code, pointer):
    refused = api.post(ENDPOINTS, {**WANTED, **changes})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert pointer in {error["pointer"] for error in refused.json()["errors"]}
    shown = api.post(ENDPOINTS, WANTED).json()
    again = api.patch(f"{ENDPOINTS}/{shown['id']}", changes)
    assert (again.status_code, again.json()["code"]) == (422, code)
    assert api.get(f"{ENDPOINTS}/{shown['id']}").json()["url"] == WANTED["url"]


def test_an_organization_has_a_bounded_number_of_endpoints(api, acme):
    for _ in range(MOST_ENDPOINTS):
        an_endpoint(WANTED["url"], organization_id=acme.id)
    refused = api.post(ENDPOINTS, WANTED)
    assert refused.status_code == 409
    assert refused.json()["code"] == "notifications.too_many_webhook_endpoints"


def test_an_endpoint_is_changed_paused_resumed_and_deleted(api):
    path = f"{ENDPOINTS}/{api.post(ENDPOINTS, WANTED).json()['id']}"
    seen = api.get(path)
    changed = api.patch(path, {"description": "CRM"}, **{"If-Match": seen["ETag"]})
    assert changed.json()["description"] == "CRM"
    assert changed.json()["event_types"] == ["users.*"]
    stale = api.patch(path, {"description": "x"}, **{"If-Match": seen["ETag"]})
    assert stale.status_code == 412
    assert api.post(f"{path}/pause").json()["state"] == "paused"
    assert api.post(f"{path}/ping").json()["code"] == "notifications.webhook_endpoint_not_active"
    assert api.post(f"{path}/resume").json()["state"] == "active"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_a_ping_is_sent_and_its_log_shown_without_the_signature(api, deliver_events):
    with sink() as there:
        there.reply = lambda _: (200, {"Set-Cookie": "a=b", "X-Seen": "1"}, b"pong\x00" * 2000)
        shown = api.post(ENDPOINTS, {**WANTED, "url": there.url()}).json()
        path = f"{ENDPOINTS}/{shown['id']}"
        sent = api.post(f"{path}/ping")
        assert (sent.status_code, sent.json()["state"]) == (201, "pending")
        deliver_events()
    [listed] = api.get(f"{path}/deliveries").json()["data"]
    assert (listed["state"], listed["event_type"]) == (
        "succeeded",
        "notifications.webhook_ping.v1",
    )
    one = api.get(f"notifications/webhook-deliveries/{sent.json()['id']}").json()
    assert one["body"] == there.received[0].body.decode()
    [entry] = one["log"]
    assert (entry["status"], entry["error"]) == (200, "")
    assert entry["latency_ms"] >= 0
    assert entry["request_headers"].keys() == {"content-type", "webhook-id", "webhook-timestamp"}
    assert entry["response_headers"]["x-seen"] == "1"
    assert "set-cookie" not in entry["response_headers"]
    assert len(entry["response"]) == 4000
    assert there.received[0].headers["webhook-signature"] not in str(one)


def test_one_is_replayed_by_the_same_id_unless_it_is_under_way(api, acme):
    with sink() as there:
        endpoint, _ = an_endpoint(there.url(), organization_id=acme.id)
        happen(endpoint)
        path = f"notifications/webhook-deliveries/{the_webhook_of(endpoint).id}/replay"
        assert api.post(path).json()["code"] == "notifications.webhook_under_way"
        send()
        again = api.post(path).json()
        assert (again["state"], again["replays"], again["attempts"]) == ("pending", 1, 0)
        send(now() + timedelta(seconds=1))
    first, second = there.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_all_failed_or_all_of_a_time_are_replayed(api, acme):
    endpoint, _ = an_endpoint("http://127.0.0.1/", organization_id=acme.id)
    began = now() - timedelta(days=3)
    for day, state in enumerate(("dead", "succeeded", "dead", "pending")):
        happen(endpoint, now=began + timedelta(days=day))
        newest = WebhookDelivery.objects.order_by("-created_at").first()
        WebhookDelivery.objects.filter(id=newest.id).update(state=state)
    path = f"{ENDPOINTS}/{endpoint.id}/replay"
    since = (began + timedelta(hours=1)).isoformat()
    until = (began + timedelta(days=2)).isoformat()
    assert api.post(path, {"only_failed": False}).status_code == 422
    assert api.post(path, {"since": until, "until": since}).status_code == 422
    assert api.post(path, {"since": "yesterday"}).status_code == 422
    window = {"only_failed": False, "since": since, "until": until}
    assert api.post(path, window).json() == {"replayed": 1}
    assert api.post(path, {"since": since}).json() == {"replayed": 1}
    assert api.post(path, {}).json() == {"replayed": 1}
    assert api.post(path, {}).json() == {"replayed": 0}


def test_members_without_the_permission_and_strangers_see_nothing(api, acme, deliver_events):
    member, stranger = person("member"), person("stranger")
    users.ensure_member(organization_id=acme.id, account_id=member.id, role="member")
    deliver_events()
    endpoint, _ = an_endpoint(WANTED["url"], organization_id=acme.id)
    happen(endpoint)
    paths = [
        f"{ENDPOINTS}/{endpoint.id}",
        f"{ENDPOINTS}/{endpoint.id}/deliveries",
        f"notifications/webhook-deliveries/{the_webhook_of(endpoint).id}",
    ]
    for path in paths:
        assert api.get(path).status_code == 200
        assert signed_in(member, acme.id).get(path).status_code == 403
        assert signed_in(stranger, None).get(path).status_code == 404


def test_the_events_that_can_be_sent_are_listed(api):
    listed = api.get("notifications/webhook-event-types").json()["data"]
    names = [each["name"] for each in listed]
    assert names == sorted(names)
    assert "users.member_joined.v1" in names
    assert "auth.session_started.v1" not in names
    assert all(each["description"] and each["facts"] for each in listed)


def test_the_same_key_makes_one_endpoint(api):
    key = {"Idempotency-Key": "a-key-of-mine"}
    first, second = (api.post(ENDPOINTS, WANTED, **key) for _ in range(2))
    assert first.json() == second.json()
    assert WebhookEndpoint.objects.count() == 1
