from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.billing.services.arithmetic import TimeZoneUnknown, end_of_day
from domains.billing.services.arithmetic.local_time import (
    local_day,
    midnight,
    to_instant,
    zone_of,
)
from tests.billing.arithmetic.strategies import SECOND, local_times, seconds, zones


def at(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        ("Europe/Berlin", "2025-06-01T12:00", "2025-06-01T10:00+00:00"),
        # 02:00 to 03:00 does not exist
        ("Europe/Berlin", "2025-03-30T01:59:59", "2025-03-30T00:59:59+00:00"),
        ("Europe/Berlin", "2025-03-30T02:00", "2025-03-30T01:00+00:00"),
        ("Europe/Berlin", "2025-03-30T02:30", "2025-03-30T01:00+00:00"),
        ("Europe/Berlin", "2025-03-30T03:00", "2025-03-30T01:00+00:00"),
        ("Europe/Berlin", "2025-03-30T03:00:01", "2025-03-30T01:00:01+00:00"),
        # 02:00 to 03:00 happens twice
        ("Europe/Berlin", "2025-10-26T02:30", "2025-10-26T00:30+00:00"),
        ("Europe/Berlin", "2025-10-26T03:00", "2025-10-26T02:00+00:00"),
        # midnight does not exist
        ("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00+00:00"),
        # half an hour
        ("Australia/Lord_Howe", "2025-10-05T02:15", "2025-10-04T15:30+00:00"),
        # 30 December does not exist
        ("Pacific/Apia", "2011-12-30T17:45", "2011-12-30T10:00+00:00"),
        # back from 00:01 to 23:01
        ("America/St_Johns", "2010-11-07T00:00", "2010-11-07T02:30+00:00"),
        ("America/St_Johns", "2010-11-06T23:30", "2010-11-07T02:00+00:00"),
    ],
)
def test_a_local_time_is_the_first_instant_that_shows_it_or_a_later_one(zone, local, instant):
    assert to_instant(local=at(local), zone=ZoneInfo(zone)) == at(instant)


@given(local_times(), zones)
def test_no_instant_before_shows_the_local_time_or_a_later_one(local, name):
    zone = ZoneInfo(name)
    instant = to_instant(local=local, zone=zone)

    def shown(moment):
        return moment.astimezone(zone).replace(tzinfo=None, fold=0)

    assert instant.tzinfo is UTC
    assert shown(instant) >= local
    before = [instant - SECOND, *(instant - timedelta(minutes=15 * n) for n in range(1, 100))]
    assert all(shown(moment) < local for moment in before)


@given(local_times(), st.integers(0, 4 * 86_400), zones)
def test_a_later_local_time_is_no_earlier_instant(local, later, name):
    zone = ZoneInfo(name)
    assert to_instant(local=local, zone=zone) <= to_instant(local=local + later * SECOND, zone=zone)


@given(seconds, zones)
def test_an_instant_is_in_the_day_that_began_last(instant, name):
    zone = ZoneInfo(name)
    day = local_day(instant=instant, zone=zone)
    following = day + timedelta(days=1)
    assert midnight(day=day, zone=zone) <= instant < midnight(day=following, zone=zone)


@given(local_times(), zones, st.integers(0, 3 * 3600))
def test_days_do_not_run_backwards(local, name, later):
    zone = ZoneInfo(name)
    instant = to_instant(local=local, zone=zone)
    assert local_day(instant=instant, zone=zone) <= local_day(
        instant=instant + later * SECOND, zone=zone
    )


def test_the_hour_before_midnight_that_comes_again_is_in_the_new_day():
    zone = ZoneInfo("America/St_Johns")
    again = at("2010-11-07T03:00+00:00")
    assert again.astimezone(zone).date() == date(2010, 11, 6)
    assert local_day(instant=again, zone=zone) == date(2010, 11, 7)


@pytest.mark.parametrize(
    ("zone", "instant", "end"),
    [
        ("UTC", "2025-06-01T00:00+00:00", "2025-06-02T00:00+00:00"),
        ("Asia/Tokyo", "2025-06-01T14:59:59+00:00", "2025-06-01T15:00+00:00"),
        ("America/Sao_Paulo", "2018-11-03T12:00+00:00", "2018-11-04T03:00+00:00"),
        ("Pacific/Apia", "2011-12-30T09:00+00:00", "2011-12-30T10:00+00:00"),
    ],
)
def test_a_day_ends_at_local_midnight(zone, instant, end):
    assert end_of_day(instant=at(instant), time_zone=zone) == at(end)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "Europe", "../UTC", "/etc/localtime", "Europe/Berlin\0", "CEST+1"]
)
def test_what_the_iana_database_does_not_know_is_no_zone(name):
    with pytest.raises(TimeZoneUnknown):
        zone_of(name)
