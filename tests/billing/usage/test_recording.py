"""Telling of what was used."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.billing.contract.usage import UsageBatchTooLarge
from domains.billing.models import UsageBucket, UsageEvent
from kernel.ids import uuid7
from tests.billing.usage.conftest import NOW, quantity, tell, used

pytestmark = [pytest.mark.django_db(databases=["billing"]), pytest.mark.usefixtures("meters")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_batch_that_is_sent_again_counts_nothing_twice():
    organization = uuid7()
    batch = [used(organization, value=n, id=f"e{n}") for n in range(1, 5)]
    assert tell(*batch) == ["accepted"] * 4
    assert tell(*batch) == ["duplicate"] * 4
    assert tell(*batch[2:], used(organization, value=7, id="e7")) == [
        "duplicate",
        "duplicate",
        "accepted",
    ]
    assert quantity(organization, "sum", NOW - DAY, NOW + DAY) == 17


def test_of_the_same_event_in_one_batch_the_first_counts():
    organization = uuid7()
    batch = [used(organization, value=value, id="same") for value in (3, 4, 5)]
    assert tell(*batch) == ["accepted", "duplicate", "duplicate"]
    assert quantity(organization, "sum", NOW - DAY, NOW + DAY) == 3


def test_the_same_id_of_another_organization_is_another_event():
    assert tell(used(uuid7(), id="same"), used(uuid7(), id="same")) == ["accepted"] * 2


def test_each_is_told_what_became_of_it():
    organization = uuid7()
    assert tell(
        used(organization),
        used(organization, meter="unheard-of"),
        used(organization, value=-1),
        used(organization, value="1e18"),
        used(organization, at=NOW - timedelta(days=34, seconds=1)),
        used(organization, at=NOW + timedelta(minutes=5, seconds=1)),
        used(organization, meter="unique"),
        used(organization, at=NOW - timedelta(days=34)),
        used(organization, at=NOW + timedelta(minutes=5)),
    ) == [
        "accepted",
        "meter_unknown",
        "value_invalid",
        "value_invalid",
        "too_late",
        "in_the_future",
        "property_missing",
        "accepted",
        "accepted",
    ]
    assert UsageEvent.objects.count() == 3


def test_more_than_a_thousand_at_once_are_refused_whole():
    organization = uuid7()
    with pytest.raises(UsageBatchTooLarge):
        tell(*[used(organization)] * 1001)
    assert not UsageBucket.objects.exists()


def test_nothing_told_is_nothing_answered():
    assert tell() == []
