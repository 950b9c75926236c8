"""The limits: exact, also under many callers at once, and told on every answer."""

from __future__ import annotations

import multiprocessing
import re
import time

import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from gateway.limits import LimitExceeded, Window, refuse_exceeded, shared
from gateway.limits.local import LocalLimits
from gateway.policies import policy_of
from kernel.ids import uuid7
from kernel.redis import connection
from kernel.rest import IdempotencyKeyRequired, Operation
from tests import patience
from tests.isolation.operations import views

NEVER = -1  # what Redis says of a key that stays
fork = multiprocessing.get_context("fork")


def window(quota, seconds=60, name="default", key=None, cost=1):
    key = key or f"rate:test:{uuid7()}"
    return Window(name=name, key=key, quota=quota, seconds=seconds, cost=cost)


def allowed(*windows):
    return not any(count.wait for count in shared.ask(list(windows)).counts)


def test_exactly_the_quota_gets_through():
    limit = window(7)
    assert [allowed(limit) for _ in range(10)] == [True] * 7 + [False] * 3


def test_what_is_left_is_told():
    limit = window(3)
    told = [shared.ask([limit]).counts[0] for _ in range(4)]
    assert [count.left for count in told] == [2, 1, 0, 0]
    assert [count.wait > 0 for count in told] == [False, False, False, True]
    assert all(0 < count.resets_in <= 60 for count in told)
    assert 0 < told[-1].wait <= 61


def test_several_windows_hold_at_once():
    key = f"rate:test:{uuid7()}"
    short, long = window(2, 3600, "short", key + ":s"), window(3, 7200, "long", key + ":l")
    assert [allowed(short, long) for _ in range(3)] == [True, True, False]
    connection().delete(short.key)  # as when it has ended
    assert [allowed(short, long) for _ in range(3)] == [True, False, False]


def test_what_one_limit_refuses_costs_nothing_with_the_others():
    tight, wide = window(1), window(10)
    for _ in range(5):
        shared.ask([tight, wide])
    assert shared.ask([wide]).counts[0].left == 8


def test_a_limit_that_is_only_looked_at_is_not_used_up():
    limit = window(2)
    look = Window(name="x", key=limit.key, quota=2, seconds=60, cost=0)
    assert all(allowed(look) for _ in range(5))
    assert [allowed(limit) for _ in range(3)] == [True, True, False]
    assert not allowed(look)


def test_the_wait_that_is_told_is_long_enough():
    limit = window(2, seconds=1)
    while allowed(limit):
        pass
    time.sleep(shared.ask([limit]).counts[0].wait)
    assert allowed(limit)


def test_no_span_of_a_window_lets_more_than_the_quota_through():
    limit, passed = window(20, seconds=1), []
    while len(passed) <= 40:
        before = time.monotonic()
        if allowed(limit):
            passed.append((before, time.monotonic()))
        time.sleep(0.004)
    for first, last in zip(passed, passed[20:], strict=False):
        assert last[1] - first[0] >= 1


def test_the_counts_of_a_window_do_not_stay(monkeypatch):
    limit = window(50, seconds=1)
    for _ in range(20):
        allowed(limit)
        time.sleep(0.02)
    assert connection().hlen(limit.key) <= 64
    assert NEVER != connection().pttl(limit.key) <= 1100


def test_a_script_that_redis_has_forgotten_is_sent_again():
    limit = window(5)
    assert allowed(limit)
    connection().script_flush()
    assert allowed(limit)
    assert shared.ask([limit]).counts[0].left == 2


def _knock(limit, times, results, barrier):
    barrier.wait()
    results.put(sum(allowed(limit) for _ in range(times)))


def test_fifty_processes_at_once_get_exactly_the_quota():
    limit = window(100, seconds=3600)
    results, barrier = fork.Queue(), fork.Barrier(50)
    callers = [fork.Process(target=_knock, args=(limit, 10, results, barrier)) for _ in range(50)]
    for caller in callers:
        caller.start()
    total = sum(results.get(timeout=patience.SECONDS) for _ in callers)
    for caller in callers:
        caller.join()
    assert total == 100


def _call(address, times, results, barrier):
    from tests.client import Api

    api = Api()
    barrier.wait()
    statuses = [
        api.client.get("/api/v1/t/public", REMOTE_ADDR=address).status_code for _ in range(times)
    ]
    results.put(statuses.count(200))


def test_fifty_processes_at_once_get_exactly_the_quota_through_the_gateway(settings):
    settings.RATE_LIMIT_ANONYMOUS = (60, 3600)
    results, barrier = fork.Queue(), fork.Barrier(50)
    arguments = ("198.51.100.77", 4, results, barrier)
    callers = [fork.Process(target=_call, args=arguments) for _ in range(50)]
    for caller in callers:
        caller.start()
    total = sum(results.get(timeout=patience.SECONDS) for _ in callers)
    for caller in callers:
        caller.join()
    assert total == 60


@budget(max_examples=200)
@given(
    st.integers(1, 5),
    st.lists(st.floats(0, 2, allow_nan=False), max_size=60),
)
def test_the_local_limit_never_lets_more_through_in_a_window(quota, pauses):
    limits, now, passed = LocalLimits(), 0.0, []
    for pause in pauses:
        now += pause
        (count,) = limits.ask([window(quota, seconds=5, key="k")], now=now)
        if not count.wait:
            passed.append(now)
    for first, last in zip(passed, passed[quota:], strict=False):
        assert last - first >= 5


def test_the_local_limit_forgets_the_oldest_callers(monkeypatch):
    monkeypatch.setattr("gateway.limits.local.MOST_KEYS", 10)
    limits = LocalLimits()
    for n in range(100):
        limits.ask([window(1, key=str(n))], now=0)
    assert len(limits._times) <= 10


def test_wherever_money_moves_there_is_a_limit_of_its_own():
    moving = {
        f"{method} {path}": {m for limit in policy_of(view).limits for m in limit.methods}
        for path, view in views()
        for method in policy_of(view).methods
        if IdempotencyKeyRequired in _problems(view.cls, method)
    }
    assert moving
    assert [name for name, limited in moving.items() if name.split()[0] not in limited] == []


def _problems(kind, method):
    return getattr(getattr(kind, method.lower(), None), "operation", Operation).problems


def test_the_longest_wait_is_the_one_that_is_told():
    key = f"rate:test:{uuid7()}"
    short, long = window(1, 1, "short", key + ":s"), window(1, 60, "long", key + ":l")
    shared.ask([short, long])
    with pytest.raises(LimitExceeded) as refusal:
        refuse_exceeded(shared.ask([short, long]).counts)
    assert refusal.value.retry_after > 50
    assert refusal.value.details["limit"] == "long"


@pytest.mark.django_db(databases="__all__")
class TestOverHTTP:
    def test_every_answer_tells_the_limit(self, api, settings):
        settings.RATE_LIMIT_ANONYMOUS = (100, 60)
        for path in ("t/public", "nothing", "t/me", "/api/docs", "t/break/now", "t/%00"):
            response = api.get(path)
            assert response["RateLimit-Policy"] == '"default";q=100;w=60'
            assert re.fullmatch(r'"default";r=\d+;t=\d+', response["RateLimit"])

    def test_what_is_refused_before_it_is_read_counts_too(self, api, settings):
        settings.RATE_LIMIT_ANONYMOUS = (2, 60)
        statuses = [
            api.client.generic("POST", "/api/v1/t/raw", b"{", content_type="text/x").status_code
            for _ in range(4)
        ]
        assert statuses == [415, 415, 429, 429]

    def test_beyond_the_limit_there_is_a_problem_that_says_when_to_come_back(self, api, settings):
        settings.RATE_LIMIT_ANONYMOUS = (1, 60)
        api.get("t/public")
        response = api.get("t/public")
        assert response.status_code == 429
        assert response.json()["code"] == "gateway.limit_exceeded"
        assert 1 <= int(response["Retry-After"]) <= 61
        assert response["RateLimit"].startswith('"default";r=0;t=')

    def test_an_account_has_a_limit_of_its_own_wherever_it_comes_from(self, ada, settings):
        settings.RATE_LIMIT_ACCOUNT = (3, 60)
        addresses = [f"198.51.100.{n}" for n in range(5)]
        statuses = [
            ada.api.client.get("/api/v1/t/me", REMOTE_ADDR=a, headers=ada.api.headers).status_code
            for a in addresses
        ]
        assert statuses == [200, 200, 200, 429, 429]

    def test_accounts_behind_one_address_do_not_share_a_limit(self, sign_in, settings):
        settings.RATE_LIMIT_ACCOUNT = (1, 60)
        for name in ("ada", "bob"):
            assert sign_in(name).api.get("t/me").status_code == 200

    def test_a_wrong_token_is_counted_by_its_address(self, api, settings):
        settings.RATE_LIMIT_ANONYMOUS = (2, 60)
        statuses = [api.get("t/me", Authorization=f"Bearer a.b.{n}").status_code for n in range(4)]
        assert statuses == [401, 401, 429, 429]

    def test_unknown_api_keys_stop_being_looked_up(self, api, settings):
        settings.RATE_LIMIT_ANONYMOUS = (2, 60)
        statuses = [api.get("t/me", Authorization=f"Bearer tnn_{n}").status_code for n in range(4)]
        assert statuses == [401, 401, 429, 429]

    def test_a_sensitive_operation_has_limits_of_its_own(self, api):
        statuses = [
            api.post("t/limited", {"email": f"{n}@example.com"}).status_code for n in range(4)
        ]
        assert statuses == [200, 200, 200, 429]
        assert '"guess";q=3;w=60' in api.post("t/limited", {})["RateLimit-Policy"]

    def test_one_mailbox_is_protected_against_many_addresses(self, api):
        statuses = [
            api.client.post(
                "/api/v1/t/limited",
                {"email": email},
                content_type="application/json",
                REMOTE_ADDR=f"198.51.100.{n}",
            ).status_code
            for n, email in enumerate(["a@b.c", " A@B.C", "a@b.c", "other@b.c"])
        ]
        assert statuses == [200, 200, 429, 200]

    @pytest.mark.parametrize("email", [None, 7, ["a"], {"a": 1}, "x" * 10_000, "\u00fc"])
    def test_a_field_of_any_kind_does_not_break_the_limit(self, api, email):
        assert api.post("t/limited", {"email": email}).status_code == 200
        assert api.post("t/limited", [email]).status_code == 200
