"""Templates over HTTP, through the whole gateway."""

from __future__ import annotations

import pytest
from django.core import mail

from tests.notifications.conftest import PASSWORD, person

pytestmark = pytest.mark.django_db(databases="__all__")

NEW = {
    "key": "order-shipped",
    "variables": [{"name": "order", "type": "string", "example": "A-1"}],
    "parts": {
        "in_app": {"en": {"title": "Order {{ order }}", "body": "Shipped"}},
        "email": {"en": {"subject": "Order {{ order }}", "text": "Shipped: {{ order }}"}},
    },
}


@pytest.fixture
def owner(api, ada, acme):
    answer = api.post("auth/login", {"email": ada.email, "password": PASSWORD})
    return api.as_(token=answer.json()["access_token"], organization_id=acme.id)


def made(owner) -> str:
    answer = owner.post("notifications/templates", NEW)
    assert answer.status_code == 201, answer.content
    return f"notifications/templates/{answer.json()['id']}"


def test_a_template_is_written_published_changed_and_rolled_back(owner):
    path = made(owner)
    first = owner.get(f"{path}/versions/1")
    assert first.json()["state"] == "draft"
    assert owner.post(f"{path}/publish", If_Match=first["ETag"]).json()["state"] == "published"
    assert owner.post(f"{path}/versions").json()["number"] == 2
    changed = owner.patch(
        f"{path}/draft", {"parts": {"in_app": {"en": {"title": "New", "body": "B"}}}}
    )
    assert changed.status_code == 200, changed.content
    assert owner.post(f"{path}/publish").json()["number"] == 2
    assert owner.post(f"{path}/roll-back", {"number": 1}).json()["state"] == "published"
    listed = owner.get(f"{path}/versions").json()["data"]
    assert [(each["number"], each["state"]) for each in listed] == [
        (2, "rolled_back"),
        (1, "published"),
    ]
    assert [each["key"] for each in owner.get("notifications/templates").json()["data"]] == [
        "order-shipped"
    ]


def test_faults_are_answered_by_their_places(owner):
    path = made(owner)
    owner.patch(f"{path}/draft", {"parts": {"sms": {"en": {"text": "\n{{ nobody }}"}}}})
    answer = owner.post(f"{path}/publish")
    assert answer.status_code == 422
    assert answer.json()["code"] == "notifications.template_faulty"
    [error] = answer.json()["errors"]
    assert error["pointer"] == "/parts/sms/en/text"
    assert error["detail"].startswith("Line 2: ")


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "users.invitation"},
        {"key": "Order"},
        {"parts": {"fax": {}}},
        {"parts": {"sms": {"en": {"body": "x"}}}},
        {"parts": {"sms": {"../en": {"text": "x"}}}},
        {"parts": {"sms": {"en": {"text": "x" * 20_001}}}},
        {"variables": [{"name": "product", "type": "string", "example": "x"}]},
        {"variables": [{"name": "a", "type": "number", "example": 1}] * 2},
        {"default_locale": "en_GB!"},
    ],
)
def test_what_is_no_template_is_refused(owner, wrong):
    assert owner.post("notifications/templates", {**NEW, **wrong}).status_code == 422


def test_a_preview_says_what_would_be_said(owner):
    path = made(owner)
    asked = {"channel": "in_app", "locale": "de-AT", "values": {"order": "<B>"}}
    shown = owner.post(f"{path}/versions/1/preview", asked).json()
    assert shown == {
        "subject": "Order <B>",
        "text": "Shipped",
        "html": "",
        "version": "order-shipped@1",
    }
    page = owner.post(f"{path}/versions/1/preview", {"channel": "email"}).json()
    assert "Shipped: A-1" in page["html"]
    wrong = owner.post(f"{path}/versions/1/preview", {"channel": "email", "values": {}})
    assert wrong.json()["errors"][0]["pointer"] == "/values/order"


@pytest.mark.parametrize("type_", ["money", "date", "datetime"])
def test_a_draft_whose_example_is_of_another_type_is_not_shown(owner, type_):
    path = made(owner)
    wrong = [{"name": "order", "type": type_, "example": {"amount": 1}}]
    assert owner.patch(f"{path}/draft", {"variables": wrong}).status_code == 200
    asked = {"preview": {"channel": "email"}, "test": {}}
    for what, body in asked.items():
        answer = owner.post(f"{path}/versions/1/{what}", body)
        assert answer.status_code == 422, answer.content
        assert answer.json()["detail"] == f"The example of order is no {type_}."


def test_a_test_mail_goes_to_whoever_asks(owner, ada, deliver_events):
    path = made(owner)
    answer = owner.post(f"{path}/versions/1/test", {"values": {"order": "T-1"}})
    assert (answer.status_code, answer.json()) == (202, {"address": ada.email})
    deliver_events()
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([ada.email], "[Test] Order T-1")
    assert "Shipped: T-1" in sent.alternatives[0].content


def test_another_organization_finds_nothing(api, owner):
    path = made(owner)
    other = person("other")
    answer = api.post("auth/login", {"email": other.email, "password": PASSWORD})
    stranger = api.as_(token=answer.json()["access_token"])
    for call in (
        lambda: stranger.get(path),
        lambda: stranger.get(f"{path}/versions"),
        lambda: stranger.post(f"{path}/publish"),
        lambda: stranger.post(f"{path}/versions/1/preview", {"channel": "in_app"}),
        lambda: stranger.post(f"{path}/versions/1/test", {}),
    ):
        assert call().json()["code"] == "notifications.template_not_found"
    assert stranger.get("notifications/templates").json()["data"] == []
