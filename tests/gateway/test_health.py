"""The probes."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connections

from gateway import health
from tests import patience

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _forget():
    health._require_migrations.cache_clear()


def test_livez_touches_nothing(api, redis_away, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError

    for alias in connections:
        monkeypatch.setattr(connections[alias], "cursor", refuse)
    response = api.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "RateLimit" not in response


def test_readyz_names_everything_that_it_has_tried(api, settings):
    response = api.get("/readyz")
    assert response.status_code == 200
    said = response.json()
    assert said["status"] == "ok"
    assert set(said["checks"]) == {
        *(f"postgresql.{alias}" for alias in settings.DOMAINS),
        "redis",
        "storage",
    }
    assert set(said["checks"].values()) == {"ok"}


def test_without_redis_it_is_ready_but_degraded(api, redis_away):
    response = api.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["redis"] == "unavailable"


def test_without_the_storage_it_is_ready_but_degraded(api, monkeypatch):
    class Broken:
        def exists(self, name):
            raise OSError("the bucket is gone: s3://secret")

    monkeypatch.setattr(health, "storages", {"files": Broken()})
    response = api.get("/readyz")
    assert (response.status_code, response.json()["checks"]["storage"]) == (200, "unavailable")
    assert "secret" not in response.content.decode()


def test_a_slow_storage_is_not_waited_for(api, monkeypatch):
    import threading

    release = threading.Event()

    class Slow:
        def exists(self, name):
            release.wait(patience.SECONDS)

    monkeypatch.setattr(health, "storages", {"files": Slow()})
    monkeypatch.setattr(health, "STORAGE_SECONDS", 0.05)
    assert api.get("/readyz").json()["checks"]["storage"] == "slow"
    release.set()


def test_without_one_database_it_is_not_ready(api, monkeypatch):
    def refuse(*_, **__):
        raise OperationalError("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr(connections["billing"], "cursor", refuse)
    response = api.get("/readyz")
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response["Retry-After"]
    said = response.json()
    assert (said["code"], said["checks"]["postgresql.billing"]) == (
        "gateway.not_ready",
        "unavailable",
    )
    assert said["checks"]["postgresql.users"] == "ok"
    assert "10.0.0.7" not in response.content.decode()


def test_with_a_migration_to_apply_it_is_not_ready(api):
    with connections["files"].cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE id = "
            "(SELECT max(id) FROM django_migrations WHERE app = 'domains_files')"
        )
    response = api.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["postgresql.files"] == "migrations pending"


def test_once_migrated_is_not_asked_again(api, django_assert_num_queries):
    api.get("/readyz")
    with django_assert_num_queries(1, using="billing"):
        api.get("/readyz")
