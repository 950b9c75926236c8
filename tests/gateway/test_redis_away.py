"""Without Redis everything goes on, and what must hold holds."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connections

from domains.auth.models import Session
from gateway.limits import Window, admission, durable, shared
from kernel.clock import now
from kernel.idempotency import purge_expired
from kernel.models import RateCounter

pytestmark = pytest.mark.django_db(databases="__all__")


def test_reads_and_writes_go_on(ada, api, redis_away):
    assert ada.api.get("t/me").status_code == 200
    assert api.post("t/write").status_code == 201


def test_a_login_goes_on(ada, api, redis_away):
    credentials = {"email": "ada@example.com", "password": "correct horse battery staple"}
    assert api.post("auth/login", credentials).status_code == 200


def test_a_revoked_session_stays_revoked(ada, redis_away):
    assert ada.api.get("t/me").status_code == 200
    ada.api.post("auth/logout")
    response = ada.api.get("t/me")
    assert (response.status_code, response.json()["code"]) == (401, "gateway.session_ended")


def test_general_limits_are_held_by_the_process(api, ada, redis_away, settings):
    settings.RATE_LIMIT_ANONYMOUS = (2, 60)
    assert [api.get("t/public").status_code for _ in range(3)] == [200, 200, 429]
    settings.RATE_LIMIT_ACCOUNT = (2, 60)
    assert [ada.api.get("t/me").status_code for _ in range(3)] == [200, 200, 429]


def test_sensitive_limits_are_held_by_postgresql(api, redis_away):
    statuses = [api.post("t/limited", {"email": f"{n}@b.c"}).status_code for n in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = api.post("t/limited", {})
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert '"guess";r=0;t=' in refused["RateLimit"]
    keys = RateCounter.objects.using("billing").values_list("key", flat=True)
    assert not any("@" in key for key in keys)


def test_a_window_in_postgresql_ends(redis_away, api, monkeypatch):
    for _ in range(4):
        api.post("t/limited", {})
    RateCounter.objects.using("billing").update(expires_at=now())
    assert api.post("t/limited", {}).status_code == 200


def test_counts_of_the_past_are_purged(redis_away, api):
    api.post("t/limited", {"email": "a@b.c"})
    purge_expired("billing", now())
    assert RateCounter.objects.using("billing").count() == 2
    RateCounter.objects.using("billing").update(expires_at=now())
    purge_expired("billing", now())
    assert not RateCounter.objects.using("billing").exists()


def test_redis_is_not_waited_for_by_every_request(api, monkeypatch):
    from redis import TimeoutError as RedisTimeout

    asked = []

    def hang():
        asked.append(1)
        raise RedisTimeout("slow")

    monkeypatch.setattr("gateway.limits.shared.connection", hang)
    monkeypatch.setattr(admission, "PAUSE_SECONDS", 3600.0)
    for _ in range(20):
        assert api.get("t/public").status_code == 200
    assert len(asked) == 1


def test_redis_is_used_again_when_it_is_back(api, monkeypatch, settings):
    settings.RATE_LIMIT_ANONYMOUS = (5, 60)
    with monkeypatch.context() as broken:
        broken.setattr(shared, "connection", lambda: (_ for _ in ()).throw(ConnectionError))
        broken.setattr(admission, "RedisError", ConnectionError)
        api.get("t/public")
    monkeypatch.setattr(admission.process, "away_until", time.monotonic() - 1)
    assert '"default";r=4' in api.get("t/public")["RateLimit"]


def test_a_new_session_is_found_out_without_redis(ada, redis_away):
    Session.objects.all().delete()
    assert ada.api.get("t/me").status_code == 401


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_many_at_once_get_exactly_the_quota_from_postgresql():
    window = Window(name="w", key="rate:w:x", quota=10, seconds=60)
    allowed, barrier = [], threading.Barrier(20)

    def call():
        barrier.wait()
        for _ in range(3):
            (count,) = durable.ask("billing", [window], now=now())
            allowed.append(not count.wait)
        connections["billing"].close()

    callers = [threading.Thread(target=call) for _ in range(20)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert (len(allowed), allowed.count(True)) == (60, 10)
