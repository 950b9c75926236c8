"""Chat endpoints of organizations: made by who may, secret, and posted to."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from domains.notifications.models import Channel, ChatEndpoint, Delivery
from domains.notifications.services.channels.destinations import (
    Destination,
    organization_destinations,
)
from domains.users import interface as users
from kernel.clock import now
from kernel.ids import uuid7
from tests.notifications.conftest import an_open_delivery, person, send
from tests.notifications.sinks import sink
from tests.notifications.test_admin import WHY, staff, url
from tests.notifications.test_feed import signed_in

pytestmark = pytest.mark.django_db(databases="__all__")

PATH = "notifications/chat-endpoints"


@pytest.fixture
def service(settings):
    with sink() as server:
        server.reply = lambda _: (200, {}, b"ok")
        settings.OUTBOUND_HTTP = True
        settings.OUTBOUND_PORTS = [str(server.port), "443"]
        settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
        yield server


def of(api, account, organization):
    client = signed_in(api, account)
    client.headers["Organization-Id"] = str(organization.id)
    return client


@pytest.fixture
def owner(api, ada, acme):
    return of(api, ada, acme)


def make(client, url: str, *, name: str = "#team", **values):
    return client.post(PATH, {"name": name, "url": url, **values})


def posted(account, acme, endpoint_id: str, *, category: str = "team") -> Delivery:
    delivery = an_open_delivery(
        account,
        channel=Channel.CHAT,
        recipient=endpoint_id,
        account_id=None,
        address="-",
        category=category,
    )
    delivery.message.kind = "users.organization_created"
    delivery.message.organization_id = acme.id
    delivery.message.context |= {"organization": "<!channel> & Söhne"}
    delivery.message.save()
    return delivery


def test_a_message_is_posted_as_slack_takes_it(ada, acme, owner, service):
    made = make(owner, service.url("/services/T0/B0/xyzzy")).json()
    delivery = send(posted(ada, acme, made["id"]))
    (received,) = service.received
    assert (delivery.state, received.path) == ("sent", "/services/T0/B0/xyzzy")
    text = json.loads(received.body)["text"]
    assert "&lt;!channel&gt; &amp; Söhne" in text
    assert "<" not in text
    assert received.headers["idempotency-key"] == delivery.mail_id


def test_the_url_is_shown_to_nobody_and_readable_nowhere(ada, acme, owner, service):
    made = make(owner, service.url("/services/T0/B0/xyzzy"))
    endpoint = ChatEndpoint.objects.within(acme.id).get()
    delivery = send(posted(ada, acme, str(endpoint.id)))
    page = staff(superuser=True).get(url("chatendpoint", "change", endpoint.id)).content.decode()
    shown = [made.content.decode(), owner.get(PATH).content.decode(), page, str(vars(endpoint))]
    assert not [text for text in (*shown, str(vars(delivery))) if "xyzzy" in text]
    assert made.json()["host"] == "127.0.0.1"


def test_an_endpoint_gets_its_categories_alone(ada, acme, owner, service):
    made = make(owner, service.url(), categories=["billing"]).json()
    assert made["categories"] == ["billing"]
    delivery = send(posted(ada, acme, made["id"], category="team"))
    assert (delivery.state, service.received) == ("suppressed", [])
    assert send(posted(ada, acme, made["id"], category="billing")).state == "sent"
    wanted = {"channel": Channel.CHAT, "organization_id": acme.id}
    assert organization_destinations(**wanted, category="team") == ()
    assert organization_destinations(**wanted, category="billing") == (
        Destination(id=made["id"], address="127.0.0.1"),
    )
    assert organization_destinations(channel=Channel.CHAT, organization_id=uuid7()) == ()


@pytest.mark.parametrize("status", [404, 410])
def test_an_endpoint_that_is_gone_is_disabled_until_somebody_enables_it(
    ada, acme, owner, service, status
):
    made = make(owner, service.url()).json()
    service.reply = lambda _: (status, {}, b"no_service")
    assert send(posted(ada, acme, made["id"])).state == "suppressed"
    (shown,) = owner.get(PATH).json()["data"]
    assert shown["disabled_at"]
    assert shown["disabled_because"] == f"{status} no_service"
    send(posted(ada, acme, made["id"]))
    assert len(service.received) == 1
    service.reply = lambda _: (200, {}, b"ok")
    assert owner.patch(f"{PATH}/{made['id']}", {"enabled": True}).json()["disabled_at"] is None
    assert send(posted(ada, acme, made["id"])).state == "sent"


def test_one_organization_s_broken_endpoint_troubles_no_other_one(ada, acme, owner, service):
    broken = make(owner, service.url("/broken"), name="a").json()
    well = make(owner, service.url("/well"), name="b").json()
    service.reply = lambda received: (503 if received.path == "/broken" else 200, {}, b"")
    assert send(posted(ada, acme, broken["id"])).failure == "unreachable"
    assert send(posted(ada, acme, well["id"])).state == "sent"


def test_slack_s_own_limit_is_obeyed(ada, acme, owner, service):
    made = make(owner, service.url()).json()
    service.reply = lambda _: (429, {"Retry-After": "300"}, b"rate_limited")
    delivery = send(posted(ada, acme, made["id"]))
    assert delivery.due_at >= now() + timedelta(minutes=4)


def test_what_may_have_arrived_is_posted_once_more_under_the_same_id(ada, acme, owner, service):
    made = make(owner, service.url()).json()
    service.reply = lambda _: (500, {}, b"")
    delivery = send(posted(ada, acme, made["id"]))
    for minutes in (5, 60, 600):
        send(delivery, later=timedelta(minutes=minutes))
    ids = [each.headers["idempotency-key"] for each in service.received]
    assert (delivery.state, len(ids), len(set(ids))) == ("dead", 2, 1)


@pytest.mark.parametrize(
    "url",
    ["https://10.1.2.3/x", "https://[::1]/x", "https://localhost:5432/", "gopher://a.example/x"],
)
def test_what_leads_inside_is_refused(owner, url, settings):
    answer = make(owner, url)
    assert answer.status_code == 422
    assert "notifications.chat_url_refused" in answer.content.decode()


def test_names_differ_and_there_are_only_so_many(owner, service, monkeypatch):
    from domains.notifications.services.channels import chat_endpoints

    monkeypatch.setattr(chat_endpoints, "MOST", 2)
    answers = [make(owner, service.url(), name=name).status_code for name in "aabc"]
    assert answers == [201, 409, 201, 409]
    first, second = owner.get(PATH).json()["data"]
    taken = owner.patch(f"{PATH}/{second['id']}", {"name": first["name"]})
    assert taken.status_code == 409


def test_a_category_that_there_is_not_is_refused(owner, service):
    assert make(owner, service.url(), categories=["nonsense"]).status_code == 404


def test_members_may_neither_see_nor_make_them(api, acme, owner, service):
    grace = person("grace")
    users.ensure_member(organization_id=acme.id, account_id=grace.id, role="member")
    made = make(owner, service.url()).json()
    client = of(api, grace, acme)
    assert client.get(PATH).status_code == 403
    assert make(client, service.url(), name="mine").status_code == 403
    assert client.delete(f"{PATH}/{made['id']}").status_code == 403


def test_an_organization_disables_its_own(ada, acme, owner, service):
    made = make(owner, service.url()).json()
    changed = owner.patch(f"{PATH}/{made['id']}", {"enabled": False, "name": "#quiet"}).json()
    assert (changed["name"], changed["disabled_because"]) == ("#quiet", "by the organization")
    assert send(posted(ada, acme, made["id"])).state == "suppressed"
    assert owner.delete(f"{PATH}/{made['id']}").status_code == 204
    assert owner.delete(f"{PATH}/{made['id']}").status_code == 404


def test_staff_disable_an_endpoint_for_a_reason(acme, owner, service):
    made = make(owner, service.url()).json()
    chosen = {"action": "disable", "_selected_action": [made["id"]], **WHY}
    staff(superuser=True).post(url("chatendpoint", "changelist"), chosen)
    (shown,) = owner.get(PATH).json()["data"]
    assert shown["disabled_because"] == "by staff: Asked for"


def test_endpoints_go_with_their_organization(acme, owner, service, deliver_events):
    from tests.erasures import organization_erased

    make(owner, service.url())
    organization_erased(acme.id)
    deliver_events()
    assert not ChatEndpoint.objects.within(acme.id).exists()
