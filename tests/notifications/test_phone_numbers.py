"""A person's phone number: it counts once a code that came there was shown."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from domains.notifications.models import PhoneNumber, SentSms
from domains.notifications.services.channels import phones
from kernel.clock import now
from tests.notifications.conftest import person
from tests.notifications.test_feed import signed_in

pytestmark = pytest.mark.django_db(databases="__all__")

NUMBER, OTHER = "+4915112345678", "+4366012345678"
PATH = "notifications/phone-number"


@pytest.fixture
def mine(api, ada):
    return signed_in(api, ada)


def code_sent() -> str:
    newest = SentSms.objects.order_by("-created_at").first()
    return re.match(r"[0-9]{6}", newest.text)[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def confirm(client, code: str):
    return client.post(f"{PATH}/confirm", {"code": code})


def a_minute_later() -> None:
    PhoneNumber.objects.update(code_sent_at=now() - timedelta(minutes=2))


def test_a_number_counts_once_its_code_was_shown(mine, ada, deliver_events):
    assert mine.get(PATH).status_code == 404
    told = mine.put(PATH, {"number": NUMBER}).json()
    assert (told["number"], told["new_number"]) == (None, NUMBER)
    deliver_events()
    assert SentSms.objects.get().recipient == NUMBER
    proven = confirm(mine, code_sent()).json()
    assert (proven["number"], proven["new_number"]) == (NUMBER, None)
    assert proven["confirmed_at"]
    assert mine.get(PATH).json() == proven


def test_the_code_is_kept_nowhere(mine, ada, deliver_events):
    mine.put(PATH, {"number": NUMBER})
    deliver_events()
    row = PhoneNumber.objects.get()
    assert code_sent() not in str(vars(row))
    assert len(row.code_hash) == 64


def test_a_code_counts_once(mine, deliver_events):
    mine.put(PATH, {"number": NUMBER})
    deliver_events()
    code = code_sent()
    assert confirm(mine, code).status_code == 200
    assert confirm(mine, code).status_code == 404


def test_a_code_can_be_tried_a_few_times_alone(mine, deliver_events):
    mine.put(PATH, {"number": NUMBER})
    deliver_events()
    code = code_sent()
    for _ in range(phones.MOST_ATTEMPTS):
        assert confirm(mine, wrong(code)).status_code == 422
    assert confirm(mine, code).status_code == 422
    assert PhoneNumber.objects.get().number == ""


def test_a_code_holds_for_a_while(mine, deliver_events):
    mine.put(PATH, {"number": NUMBER})
    deliver_events()
    PhoneNumber.objects.update(code_expires_at=now())
    assert confirm(mine, code_sent()).status_code == 422


def test_another_number_counts_once_it_is_proven_and_the_former_until_then(mine, deliver_events):
    mine.put(PATH, {"number": NUMBER})
    deliver_events()
    first = code_sent()
    confirm(mine, first)
    mine.put(PATH, {"number": OTHER})
    deliver_events()
    shown = mine.get(PATH).json()
    assert (shown["number"], shown["new_number"]) == (NUMBER, OTHER)
    assert confirm(mine, first).status_code == 422
    assert confirm(mine, code_sent()).json()["number"] == OTHER


def test_codes_are_not_sent_one_after_the_other(mine, deliver_events):
    mine.put(PATH, {"number": NUMBER})
    deliver_events()
    answer = mine.put(PATH, {"number": OTHER})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    a_minute_later()
    assert mine.put(PATH, {"number": OTHER}).status_code == 200
    deliver_events()
    assert [each.recipient for each in SentSms.objects.order_by("created_at")] == [NUMBER, OTHER]


def test_a_job_that_runs_twice_sends_one_code(mine, ada, deliver_events):
    mine.put(PATH, {"number": NUMBER})
    deliver_events()
    phones.send_code(account_id=ada.id, now=now())
    assert SentSms.objects.count() == 1


@pytest.mark.parametrize("number", ["015112345678", "+0151", "+49 151 123", "+49" + "1" * 14, "me"])
def test_what_is_no_number_is_refused(mine, number):
    assert mine.put(PATH, {"number": number}).status_code == 422
    assert not PhoneNumber.objects.exists()


def test_a_number_is_forgotten(mine, deliver_events):
    mine.put(PATH, {"number": NUMBER})
    assert mine.delete(PATH).status_code == 204
    assert mine.delete(PATH).status_code == 404
    deliver_events()
    assert not SentSms.objects.exists()


def test_without_sms_there_are_no_numbers(mine, settings):
    settings.SMS_URL = ""
    assert mine.put(PATH, {"number": NUMBER}).status_code == 409


def test_another_s_code_proves_nothing(api, mine, deliver_events):
    others = signed_in(api, person("grace"))
    mine.put(PATH, {"number": NUMBER})
    deliver_events()
    code = code_sent()
    others.put(PATH, {"number": NUMBER})
    deliver_events()
    if code != code_sent():
        assert confirm(others, code).status_code == 422
    assert confirm(mine, code).status_code == 200
