"""Whoever says at once what they want is heard one after the other; the last word holds alone."""

from __future__ import annotations

from itertools import count

import pytest

from domains.notifications.contract.permissions import CATEGORY_READ, CATEGORY_WRITE
from domains.notifications.models import DefaultPreference, Preference
from domains.notifications.services.deciding import preferences
from domains.notifications.services.deciding.preferences import Choice
from kernel.clock import now
from tests.notifications.pipeline import who
from tests.notifications.test_at_once import all_at_once

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ROUNDS = 5
CATEGORIES = ("team", "files", "product")
RHYTHM = {
    "quiet_from": None,
    "quiet_until": None,
    "quiet_days": [],
    "digest_hour": 8,
    "digest_day": 0,
}


def choices(number: int) -> list[Choice]:
    """Return choices of two categories: those of one number say nothing of all."""
    chosen = CATEGORIES[number % 3], CATEGORIES[(number + 1) % 3]
    return [
        Choice(category=each, channel="email", frequency="off")
        for each in (chosen if number % 2 else reversed(chosen))
    ]


def test_a_person_who_says_several_things_at_once_said_the_last(ada, acme):
    numbers = count()

    def say() -> None:
        for _ in range(ROUNDS):
            preferences.put_preferences(
                principal=who(acme.id, account_id=ada.id),
                choices=choices(next(numbers)),
                rhythm=RHYTHM,
                now=now(),
            )

    all_at_once(say)
    assert Preference.objects.filter(account_id=ada.id).count() == 2


def test_what_several_say_of_an_organization_is_what_one_of_them_said(ada, acme):
    numbers = count()

    def say() -> None:
        for _ in range(ROUNDS):
            preferences.put_defaults(
                principal=who(acme.id, CATEGORY_READ, CATEGORY_WRITE, account_id=ada.id),
                choices=choices(next(numbers)),
            )

    all_at_once(say)
    assert DefaultPreference.objects.within(acme.id).count() == 2
