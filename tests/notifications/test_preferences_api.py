"""Categories, preferences, quiet hours and mutes through the API."""

from __future__ import annotations

import pytest

from domains.notifications.models import DefaultPreference, Preference, Throttle
from domains.notifications.services.deciding import categories, mutes
from kernel.ids import uuid7
from tests.notifications.pipeline import became, member, order, sent
from tests.notifications.test_feed import signed_in

pytestmark = pytest.mark.django_db(databases="__all__")

DIGEST = {"hour": 9, "weekday": "friday"}
QUIET = {"start": "22:00", "end": "07:00", "weekdays": ["monday", "sunday"]}
NEWS = {"key": "news", "name": "News"}


def wishes(*choices: tuple[str, str, str], **changes) -> dict:
    said = [
        {"category": category, "channel": channel, "frequency": frequency}
        for category, channel, frequency in choices
    ]
    return {"preferences": said, "quiet_hours": None, "digest": DIGEST, **changes}


def held(answer, category: str, channel: str) -> tuple[str, str]:
    assert answer.status_code == 200, answer.content
    (found,) = [
        each
        for each in answer.json()["preferences"]
        if (each["category"], each["channel"]) == (category, channel)
    ]
    return found["frequency"], found["said_by"]


def code(answer, status: int) -> str:
    assert answer.status_code == status, answer.content
    return answer.json()["code"]


def test_whoever_says_nothing_is_told_everything_at_once(owner):
    shown = owner.get("notifications/preferences")
    assert held(shown, "files", "email") == ("immediately", "product")
    assert shown.json()["quiet_hours"] is None
    assert shown.json()["digest"] == {"hour": 8, "weekday": "monday"}
    mandatory = {each["category"] for each in shown.json()["preferences"] if each["mandatory"]}
    assert mandatory == {"security"}


def test_what_a_person_says_replaces_what_was_said_before(owner):
    owner.put("notifications/preferences", wishes(("files", "email", "off"), quiet_hours=QUIET))
    answer = owner.put("notifications/preferences", wishes(("team", "email", "daily")))
    assert held(answer, "files", "email") == ("immediately", "product")
    assert held(answer, "team", "email") == ("daily", "person")
    assert (answer.json()["quiet_hours"], answer.json()["digest"]) == (None, DIGEST)
    assert Preference.objects.count() == 1


def test_quiet_hours_are_shown_as_they_were_said(owner):
    answer = owner.put("notifications/preferences", wishes(quiet_hours=QUIET))
    assert answer.json()["quiet_hours"] == QUIET
    every_day = {"start": "22:00", "end": "07:00"}
    answer = owner.put("notifications/preferences", wishes(quiet_hours=every_day))
    assert len(answer.json()["quiet_hours"]["weekdays"]) == 7


@pytest.mark.parametrize("frequency", ["off", "daily"])
def test_what_is_mandatory_is_neither_switched_off_nor_gathered(owner, frequency):
    body = wishes(("security", "email", frequency))
    assert code(owner.put("notifications/preferences", body), 409) == (
        "notifications.category_mandatory"
    )
    defaults = {"preferences": body["preferences"]}
    assert code(owner.put("notifications/preference-defaults", defaults), 409) == (
        "notifications.category_mandatory"
    )


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (wishes(("files", "in_app", "daily")), 422, "notifications.frequency_unsupported"),
        (wishes(("nonsense", "email", "off")), 404, "notifications.category_not_found"),
        (wishes(("files", "pigeon", "off")), 422, "kernel.validation_failed"),
        (wishes(("files", "email", "yearly")), 422, "kernel.validation_failed"),
        (wishes(digest={"hour": 24, "weekday": "friday"}), 422, "kernel.validation_failed"),
        (wishes(digest={"hour": "9", "weekday": "friday"}), 422, "kernel.validation_failed"),
        (wishes(quiet_hours={**QUIET, "end": "22:00"}), 422, "kernel.validation_failed"),
        (wishes(quiet_hours={**QUIET, "end": "25:00"}), 422, "kernel.validation_failed"),
        (wishes(quiet_hours={**QUIET, "weekdays": []}), 422, "kernel.validation_failed"),
        (wishes(quiet_hours={**QUIET, "weekdays": [0]}), 422, "kernel.validation_failed"),
        (wishes(preferences="all"), 422, "kernel.validation_failed"),
        (wishes(preferences=[{}]), 422, "kernel.validation_failed"),
    ],
)
def test_what_does_not_make_sense_is_refused_and_changes_nothing(owner, body, status, problem):
    assert code(owner.put("notifications/preferences", body), status) == problem
    assert not Preference.objects.exists()


def test_the_organizations_defaults_hold_for_members_who_say_nothing(owner, api, acme):
    said = {"preferences": wishes(("product", "email", "off"))["preferences"]}
    answer = owner.put("notifications/preference-defaults", said)
    assert held(answer, "product", "email") == ("off", "organization")
    bob = member(acme.id)
    client = signed_in(api, bob)
    client.headers["Organization-Id"] = str(acme.id)
    shown = client.get("notifications/preferences")
    assert held(shown, "product", "email") == ("off", "organization")
    assert code(client.put("notifications/preference-defaults", said), 403) == "kernel.forbidden"
    assert became(sent(acme.id, order(bob.id)))[0].state == "suppressed"


def test_an_organization_has_categories_of_its_own(owner, acme):
    made = owner.post("notifications/categories", NEWS)
    assert (made.status_code, made.json()["own"]) == (201, True)
    changed = owner.patch("notifications/categories/news", {"name": "The news"})
    assert changed.json()["name"] == "The news"
    owner.put("notifications/preferences", wishes(("news", "email", "off")))
    assert held(owner.get("notifications/preferences"), "news", "email") == ("off", "person")
    bob = member(acme.id)
    message = sent(acme.id, order(bob.id, category="news"))
    assert became(message)[0].state == "pending"
    shown = owner.get("notifications/messages").json()["data"]
    assert [each["category"] for each in shown] == ["news"]
    assert owner.delete("notifications/categories/news").status_code == 204
    assert not Preference.objects.exists()
    assert code(owner.delete("notifications/categories/news"), 404) == (
        "notifications.category_not_found"
    )


def test_a_key_is_given_once_and_not_the_products(owner, monkeypatch):
    owner.post("notifications/categories", NEWS)
    for key in ("news", "security"):
        answer = owner.post("notifications/categories", {**NEWS, "key": key})
        assert code(answer, 409) == "notifications.category_key_taken"
    for key in ("News", "", "a b", 7):
        answer = owner.post("notifications/categories", {**NEWS, "key": key})
        assert code(answer, 422) == "kernel.validation_failed"
    monkeypatch.setattr(categories, "MOST", 1)
    answer = owner.post("notifications/categories", {**NEWS, "key": "more"})
    assert code(answer, 409) == "notifications.category_limit_reached"


def test_the_products_categories_stay_as_they_are(owner):
    for answer in (
        owner.patch("notifications/categories/files", {"name": "x"}),
        owner.delete("notifications/categories/files"),
    ):
        assert code(answer, 409) == "notifications.category_reserved"


def test_a_throttle_is_set_shown_and_removed(owner, acme):
    path = "notifications/categories/files/throttle"
    answer = owner.put(path, {"most": 5, "period": 3600})
    assert (answer.json()["most"], answer.json()["period"]) == (5, 3600)
    owner.put(path, {"most": 6, "period": 60})
    assert Throttle.objects.within(acme.id).get().most == 6
    for wrong in ({"most": 0, "period": 60}, {"most": 101, "period": 60}, {"most": 1, "period": 0}):
        assert code(owner.put(path, wrong), 422) == "kernel.validation_failed"
    assert owner.delete(path).status_code == 204
    assert not Throttle.objects.within(acme.id).exists()


def test_a_thing_is_muted_listed_and_heard_of_again(owner, monkeypatch):
    subject = uuid7()
    path = f"notifications/mutes/{subject}"
    first, again = owner.put(path), owner.put(path)
    assert first.json() == again.json()
    listed = owner.get("notifications/mutes").json()["data"]
    assert [each["subject_id"] for each in listed] == [str(subject)]
    monkeypatch.setattr(mutes, "MOST", 1)
    full = owner.put(f"notifications/mutes/{uuid7()}")
    assert code(full, 409) == "notifications.mute_limit_reached"
    assert owner.delete(path).status_code == 204
    assert code(owner.delete(path), 404) == "notifications.mute_not_found"


def test_what_an_organization_set_goes_with_it(owner, acme):
    from domains.notifications.services import erasure

    owner.post("notifications/categories", NEWS)
    owner.put("notifications/preferences", wishes(("news", "email", "off")))
    owner.put("notifications/preference-defaults", {"preferences": []})
    owner.put("notifications/categories/news/throttle", {"most": 1, "period": 60})
    bob = member(acme.id)
    sent(acme.id, order(bob.id, category="news"))
    for _ in range(2):
        erasure.erase_organization(organization_id=acme.id)
    assert not Preference.objects.exists()
    assert not Throttle.objects.within(acme.id).exists()
    assert not DefaultPreference.objects.within(acme.id).exists()
