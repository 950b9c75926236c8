from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.auth.contract.errors import RefreshTokenInvalid
from domains.auth.models import Account, Session
from domains.auth.services import expiry, login, refresh, sessions
from domains.auth.services.clients import Client
from tests.auth.conftest import CLIENT, PASSWORD
from tests.auth.said import said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def exchange(token, clock):
    return refresh.refresh(refresh_token=token, client=CLIENT, now=clock.now).refresh_token


def refused(token, clock):
    with pytest.raises(RefreshTokenInvalid):
        exchange(token, clock)


def test_each_refresh_token_gives_the_next(signed_in, clock):
    seen = [signed_in.refresh_token]
    for _ in range(3):
        seen.append(exchange(seen[-1], clock))
        clock.advance(minutes=10)
    assert len(set(seen)) == 4
    assert Session.objects.get().rotations == 3


def test_repeating_within_thirty_seconds_gives_the_very_same_successor(signed_in, clock):
    first = exchange(signed_in.refresh_token, clock)
    clock.advance(seconds=30)
    assert exchange(signed_in.refresh_token, clock) == first
    assert Session.objects.get().rotations == 1


def test_reuse_after_that_revokes_the_session(signed_in, clock):
    successor = exchange(signed_in.refresh_token, clock)
    clock.advance(seconds=31)
    refused(signed_in.refresh_token, clock)
    refused(successor, clock)
    session = Session.objects.get()
    assert session.revoked_reason == Session.Reason.REUSE
    assert session.successor_encrypted == ""
    assert len(said("auth.session_revoked.v1")) == 1


def test_reuse_is_told_with_the_device_and_place_of_whoever_showed_the_token(signed_in, clock, ada):
    exchange(signed_in.refresh_token, clock)
    clock.advance(seconds=31)
    thief = Client(address="198.51.100.9", user_agent="curl/8.5.0")
    with pytest.raises(RefreshTokenInvalid):
        refresh.refresh(refresh_token=signed_in.refresh_token, client=thief, now=clock.now)
    ((_, told),) = said("auth.refresh_token_reused.v1")
    assert told == {
        "account_id": str(ada.id),
        "session_id": str(Session.objects.get().id),
        "device": "curl",
        "network": "198.51.100.0/24",
        "place": "198.51.100.0/24",
    }
    ((_, revoked),) = said("auth.session_revoked.v1")
    assert revoked["reason"] == "reuse"


def test_an_alarm_is_raised_once(signed_in, clock):
    exchange(signed_in.refresh_token, clock)
    clock.advance(seconds=31)
    refused(signed_in.refresh_token, clock)
    refused(signed_in.refresh_token, clock)
    assert len(said("auth.refresh_token_reused.v1")) == 1


def test_the_session_shows_where_it_was_last_used(signed_in, clock):
    elsewhere = Client(address="198.51.100.9", user_agent=CLIENT.user_agent)
    refresh.refresh(refresh_token=signed_in.refresh_token, client=elsewhere, now=clock.now)
    session = Session.objects.get()
    assert session.network == session.place == "198.51.100.0/24"
    assert session.device == "Firefox on Linux"


def test_the_successor_is_kept_no_longer_than_it_can_be_asked_for(signed_in, clock):
    first = exchange(signed_in.refresh_token, clock)
    kept = Session.objects.get().successor_encrypted
    assert kept
    expiry.delete_expired(now=clock.advance(seconds=30))
    assert Session.objects.get().successor_encrypted == kept
    expiry.delete_expired(now=clock.advance(seconds=1))
    assert Session.objects.get().successor_encrypted == ""
    second = exchange(first, clock)
    assert Session.objects.get().successor_encrypted not in ("", kept)
    clock.advance(seconds=31)
    refused(first, clock)
    assert Session.objects.get().successor_encrypted == ""
    refused(second, clock)


@pytest.mark.parametrize(("name", "days"), [("SESSION_IDLE", 3), ("SESSION_ABSOLUTE", 5)])
def test_both_lifetimes_are_settings(ada, clock, settings, name, days):
    setattr(settings, name, timedelta(days=days))
    token = login.log_in(
        client=CLIENT, email=ada.email, password=PASSWORD, now=clock.now
    ).refresh_token
    if name == "SESSION_ABSOLUTE":
        token = exchange(token, clock)
    clock.advance(days=days, seconds=-1)
    token = exchange(token, clock)
    if name == "SESSION_IDLE":
        clock.advance(days=days, seconds=-1)
        token = exchange(token, clock)
        clock.advance(days=days)
    clock.advance(seconds=1)
    refused(token, clock)


def test_an_exchange_takes_two_statements(signed_in, clock):
    token = exchange(signed_in.refresh_token, clock)
    with CaptureQueriesContext(connections["auth"]) as asked:
        exchange(token, clock)
    said = [query["sql"].split(" ", 1)[0] for query in asked]
    assert [word for word in said if word not in ("SAVEPOINT", "RELEASE")] == ["SELECT", "UPDATE"]


def test_a_token_two_steps_back_revokes_the_session_at_once(signed_in, clock):
    second = exchange(signed_in.refresh_token, clock)
    third = exchange(second, clock)
    refused(signed_in.refresh_token, clock)
    refused(third, clock)


@pytest.mark.parametrize(
    "token", ["", "x", "x" * 86, "\N{SNOWMAN}" * 86, "Zk3uTq0v-_" * 8 + "abcdef"]
)
def test_a_made_up_token_is_refused_and_revokes_nothing(signed_in, clock, token):
    refused(token, clock)
    assert exchange(signed_in.refresh_token, clock)


def test_an_access_token_is_no_refresh_token(signed_in, clock):
    refused(signed_in.access_token, clock)


def test_nothing_that_is_stored_can_be_used(signed_in, clock):
    successor = exchange(signed_in.refresh_token, clock)
    row = Session.objects.values().get()
    stored = " ".join(map(str, row.values()))
    for token in (signed_in.refresh_token, successor):
        assert token not in stored
        assert token[:43] not in stored
    for value in (row["family_hash"], row["refresh_hash"], row["successor_encrypted"]):
        refused(value, clock)


def test_a_session_that_ended_gives_no_tokens(signed_in, clock, ada):
    sessions.revoke_sessions(reason=Session.Reason.STAFF, now=clock.now, account_id=ada.id)
    refused(signed_in.refresh_token, clock)


def test_an_idle_session_gives_no_tokens(signed_in, clock):
    clock.advance(days=14)
    refused(signed_in.refresh_token, clock)


def test_a_disabled_account_gets_no_tokens(signed_in, clock):
    Account.objects.update(is_active=False)
    refused(signed_in.refresh_token, clock)


def test_refreshing_keeps_a_session_alive(signed_in, clock):
    token = signed_in.refresh_token
    for _ in range(8):
        clock.advance(days=10)
        token = exchange(token, clock)
    clock.advance(days=10)
    refused(token, clock)


@settings(max_examples=25)
@given(moves=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40)), max_size=12))
def test_at_most_one_refresh_token_is_ever_alive(ada, clock, moves):
    """Whoever shows whichever token when: the model says what comes back."""
    token = login.log_in(
        client=CLIENT, email=ada.email, password=PASSWORD, now=clock.now
    ).refresh_token
    chain, rotated_at, alive = [token], clock.now, True
    for back, pause in moves:
        clock.advance(seconds=pause)
        shown = chain[-1 - min(back, len(chain) - 1)]
        retry = len(chain) > 1 and shown == chain[-2] and (clock.now - rotated_at).seconds <= 30
        if alive and shown == chain[-1]:
            chain.append(exchange(shown, clock))
            rotated_at = clock.now
        elif alive and retry:
            assert exchange(shown, clock) == chain[-1]
        else:
            refused(shown, clock)
            alive = False
    assert len(set(chain)) == len(chain)


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_parallel_refreshes_get_one_successor_and_raise_no_alarm(self, signed_in, clock):
        call = partial(
            refresh.refresh,
            refresh_token=signed_in.refresh_token,
            client=CLIENT,
            now=clock.now,
        )
        results = at_once(*[call] * 8)
        assert len({r.refresh_token for r in results}) == 1
        session = Session.objects.get()
        assert (session.rotations, session.revoked_at) == (1, None)

    def test_reuse_from_several_sides_revokes_once(self, signed_in, clock):
        exchange(signed_in.refresh_token, clock)
        clock.advance(minutes=1)
        call = partial(
            refresh.refresh,
            refresh_token=signed_in.refresh_token,
            client=CLIENT,
            now=clock.now,
        )
        assert all(isinstance(r, RefreshTokenInvalid) for r in at_once(*[call] * 4))
        assert len(said("auth.session_revoked.v1")) == 1

    def test_a_refresh_that_meets_a_logout_leaves_no_live_session(self, signed_in, clock, ada):
        revoke = partial(
            sessions.revoke_sessions, reason=Session.Reason.STAFF, now=clock.now, account_id=ada.id
        )
        call = partial(
            refresh.refresh,
            refresh_token=signed_in.refresh_token,
            client=CLIENT,
            now=clock.now,
        )
        at_once(call, revoke, call)
        assert Session.objects.get().revoked_at == clock.now
        refused(signed_in.refresh_token, clock)
