"""Messages of organizations through the API: who may send what to whom, and see what became."""

from __future__ import annotations

import pytest

from domains.notifications.models import Delivery, Message
from domains.notifications.services.messages import sending
from domains.users import interface as users
from kernel.ids import uuid7
from tests.client import Api
from tests.notifications.conftest import mails_to, person
from tests.notifications.pipeline import member
from tests.notifications.test_at_once import all_at_once
from tests.notifications.test_feed import signed_in

pytestmark = pytest.mark.django_db(databases="__all__")


def a_message(*account_ids, **changes) -> dict:
    said = {
        "recipients": {"account_ids": [str(each) for each in account_ids]},
        "subject": "The build is green",
        "text": "Go on <b>now</b>.\nAll of you.",
    }
    return {**said, **changes}


def send(client: Api, body: dict, key: str = "") -> dict:
    answer = client.post("notifications/messages", body, Idempotency_Key=key or str(uuid7()))
    assert answer.status_code == 201, answer.content
    return answer.json()


def refused(client: Api, body: dict, status: int) -> str:
    answer = client.post("notifications/messages", body, Idempotency_Key=str(uuid7()))
    assert answer.status_code == status, answer.content
    return answer.json()["code"]


def test_a_message_reaches_feed_and_mail_and_its_trace_says_how(owner, acme, deliver_events):
    bob = member(acme.id)
    sent = send(owner, a_message(bob.id))
    assert (sent["state"], sent["category"]) == ("pending", "product")
    deliver_events()
    (mail,) = mails_to(bob.email)
    assert mail.subject == "The build is green"
    assert "Go on <b>now</b>.\nAll of you." in mail.body
    assert "Go on &lt;b&gt;now&lt;/b&gt;.<br" in mail.alternatives[0].content
    shown = owner.get(f"notifications/messages/{sent['id']}").json()
    assert (shown["state"], shown["recipients"]) == ("expanded", 1)
    trace = owner.get(f"notifications/messages/{sent['id']}/trace?channel=email").json()
    (delivery,) = trace["data"]
    assert (delivery["account_id"], delivery["state"]) == (str(bob.id), "sent")
    steps = [(each["step"], each["decision"]) for each in delivery["steps"]]
    assert steps[:5] == [
        (step, "passed") for step in ("fan_out", "preferences", "quiet_hours", "throttle", "digest")
    ]
    assert delivery["steps"][0]["details"]["category"] == "product"


def test_a_machine_sends_by_a_key_that_may_and_by_no_other(owner, acme, deliver_events):
    bob = member(acme.id)

    def machine(*permissions: str) -> Api:
        key = owner.post("auth/api-keys", {"name": "CI", "permissions": list(permissions)})
        assert key.status_code == 201, key.content
        return Api().as_(token=key.json()["secret"])

    ours = machine("notifications.message:send", "notifications.message:read")
    sent = send(ours, a_message(bob.id), "build-7")
    assert send(ours, a_message(bob.id), "build-7")["id"] == sent["id"]
    deliver_events()
    assert len([each for each in mails_to(bob.email) if each.subject == "The build is green"]) == 1
    trace = ours.get(f"notifications/messages/{sent['id']}/trace").json()
    assert {each["state"] for each in trace["data"]} == {"sent"}
    readers = machine("notifications.message:read")
    assert refused(readers, a_message(bob.id), 403) == "kernel.forbidden"


def test_a_team_and_all_members_are_reached_by_their_names(owner, acme, deliver_events):
    bob, eve = member(acme.id), member(acme.id, "eve")
    teams = f"users/organizations/{acme.id}/teams"
    team = owner.post(teams, {"name": "Builders"}).json()
    added = owner.put(f"{teams}/{team['id']}/members/{bob.id}")
    assert added.status_code < 300, added.content
    to_team = send(owner, a_message(recipients={"team_ids": [team["id"]]}, subject="To a team"))
    to_all = send(owner, a_message(recipients={"organization": True}, subject="To all"))
    deliver_events()

    def told(account) -> list[str]:
        mine = {"To a team", "To all"}
        return sorted(each.subject for each in mails_to(account.email) if each.subject in mine)

    assert (told(bob), told(eve)) == (["To a team", "To all"], ["To all"])
    found = [owner.get(f"notifications/messages/{each['id']}").json() for each in (to_team, to_all)]
    assert [each["recipients"] for each in found] == [1, 3]


def test_the_trace_comes_in_pages(owner, acme, deliver_events):
    people = [member(acme.id, f"m{number}") for number in range(3)]
    sent = send(owner, a_message(*[each.id for each in people], channels=["in_app"]))
    deliver_events()
    path, found = f"notifications/messages/{sent['id']}/trace?limit=2", []
    page = owner.get(path).json()
    while True:
        found += [each["account_id"] for each in page["data"]]
        if page["next_cursor"] is None:
            break
        page = owner.get(f"{path}&cursor={page['next_cursor']}").json()
    assert sorted(found) == sorted(str(each.id) for each in people)
    assert len(found) == 3


def test_the_same_key_and_the_same_reference_send_once(owner, acme, deliver_events):
    bob = member(acme.id)
    body = a_message(bob.id)
    assert send(owner, body, "one")["id"] == send(owner, body, "one")["id"]
    named = a_message(bob.id, reference="build-1")
    assert send(owner, named)["id"] == send(owner, named)["id"]
    assert Message.objects.filter(source="customer").count() == 2
    other = {**named, "subject": "Another"}
    assert refused(owner, other, 409) == "notifications.reference_taken"
    assert owner.get("notifications/messages?reference=build-1").json()["data"][0]["reference"]


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_of_many_at_once_under_one_reference_one_is_sent(acme):
    from kernel.clock import now
    from tests.notifications.pipeline import order, who

    bob = member(acme.id)
    asked = order(bob.id, reference="build-1")
    all_at_once(lambda: sending.send_message(principal=who(acme.id), order=asked, now=now()))
    assert Message.objects.filter(reference="build-1").count() == 1


def test_only_members_and_teams_of_the_organization_are_told(owner, ada, acme):
    from domains.users.models import Team

    stranger = person("stranger")
    elsewhere = users.ensure_organization(account_id=stranger.id, name="Elsewhere")
    team = Team(organization_id=elsewhere.id, name="Theirs")
    team.path = [team.id]
    team.save()
    for recipients in (
        {"account_ids": [str(stranger.id)]},
        {"account_ids": [str(ada.id), str(uuid7())]},
        {"team_ids": [str(team.id)]},
    ):
        body = a_message(recipients=recipients)
        assert refused(owner, body, 404) == "notifications.recipient_not_found"
    assert not Message.objects.filter(source="customer").exists()


def test_another_organizations_message_is_not_there(owner, api, acme):
    stranger = person("stranger")
    elsewhere = users.ensure_organization(account_id=stranger.id, name="Elsewhere")
    sent = send(owner, a_message(member(acme.id).id))
    other = signed_in(api, stranger)
    other.headers["Organization-Id"] = str(elsewhere.id)
    for path in (sent["id"], f"{sent['id']}/trace"):
        answer = other.get(f"notifications/messages/{path}")
        assert (answer.status_code, answer.json()["code"]) == (
            404,
            "notifications.message_not_found",
        )
    assert other.get("notifications/messages").json()["data"] == []


def test_a_thousand_are_taken_and_one_more_is_not(owner, ada):
    addresses = [f"n{number}@example.com" for number in range(1_001)]
    assert send(owner, a_message(recipients={"addresses": addresses[:1_000]}))["id"]
    body = a_message(recipients={"addresses": addresses})
    assert refused(owner, body, 422) == "kernel.validation_failed"
    mixed = {"addresses": addresses[:1_000], "account_ids": [str(ada.id)]}
    assert refused(owner, a_message(recipients=mixed), 422) == "notifications.too_many_recipients"


def test_only_so_many_addresses_are_written_to_in_a_day(owner, monkeypatch):
    monkeypatch.setattr(sending, "MOST_ADDRESSES", 2)
    two = {"addresses": ["a@example.com", "b@example.com"]}
    send(owner, a_message(recipients=two))
    one = {"addresses": ["c@example.com"]}
    assert refused(owner, a_message(recipients=one), 422) == "notifications.too_many_recipients"


def test_an_address_gets_its_mail(owner, deliver_events):
    send(owner, a_message(recipients={"addresses": ["bare@example.com"]}))
    deliver_events()
    assert len(mails_to("bare@example.com")) == 1
    delivery = Delivery.objects.get(address="bare@example.com")
    assert (delivery.account_id, delivery.state) == (None, "sent")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"category": "security"}, 409, "notifications.category_reserved"),
        ({"category": "billing"}, 409, "notifications.category_reserved"),
        ({"category": "nonsense"}, 404, "notifications.category_not_found"),
        ({"template": "welcome"}, 422, "kernel.validation_failed"),
        ({"recipients": {}}, 422, "kernel.validation_failed"),
        ({"recipients": {"organization": "yes"}}, 422, "kernel.validation_failed"),
        ({"recipients": {"account_ids": "all"}}, 422, "kernel.validation_failed"),
        ({"recipients": {"account_ids": [1]}}, 422, "kernel.validation_failed"),
        ({"recipients": {"addresses": ["nowhere"]}}, 422, "kernel.validation_failed"),
        ({"recipients": []}, 422, "kernel.validation_failed"),
        ({"channels": []}, 422, "kernel.validation_failed"),
        ({"channels": ["pigeon"]}, 422, "kernel.validation_failed"),
        ({"subject": 7}, 422, "kernel.validation_failed"),
        ({"subject": "s" * 201}, 422, "kernel.validation_failed"),
        ({"text": "t" * 20_001}, 422, "kernel.validation_failed"),
        ({"text": "a\0b"}, 422, "kernel.validation_failed"),
        ({"priority": "urgent"}, 422, "kernel.validation_failed"),
        ({"reference": "ü"}, 422, "kernel.validation_failed"),
        ({"subject_id": "seven"}, 422, "kernel.validation_failed"),
        ({"values": {}}, 422, "kernel.validation_failed"),
        ({"html": "<b>"}, 422, "kernel.validation_failed"),
    ],
)
def test_what_does_not_make_sense_is_refused(owner, ada, changes, status, code):
    assert refused(owner, a_message(ada.id, **changes), status) == code


def test_values_belong_to_a_template_and_are_bounded(owner, ada):
    body = a_message(ada.id, template="welcome", values={"name": "x" * 20_001})
    del body["subject"], body["text"]
    assert refused(owner, body, 422) == "kernel.validation_failed"
    body["values"] = {"name": "a\0b"}
    assert refused(owner, body, 422) == "kernel.validation_failed"


def test_a_template_that_the_organization_does_not_have_is_not_there(owner, ada):
    for template in ("unknown", "auth_password_reset"):
        body = {"recipients": {"account_ids": [str(ada.id)]}, "template": template}
        assert refused(owner, body, 404) == "notifications.template_not_found"


def test_a_subject_stays_one_line(owner, ada, deliver_events):
    send(owner, a_message(ada.id, subject="One\r\nBcc: all@example.com"))
    deliver_events()
    (mail,) = [each for each in mails_to(ada.email) if "Bcc" in each.subject]
    assert mail.subject == "One Bcc: all@example.com"


def test_who_may_not_send_is_refused(api, acme):
    bob = member(acme.id)
    client = signed_in(api, bob)
    client.headers["Organization-Id"] = str(acme.id)
    assert refused(client, a_message(bob.id), 403) == "kernel.forbidden"
    assert client.get("notifications/messages").status_code == 403
