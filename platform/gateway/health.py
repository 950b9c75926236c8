"""Whether the process is alive, and whether it could do its work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from functools import cache

from django.conf import settings
from django.core.files.storage import storages
from django.db import DatabaseError, connections
from django.http import HttpRequest, JsonResponse
from redis import RedisError

from kernel.errors import Unavailable
from kernel.management.commands.migrate_domains import unmigrated_apps
from kernel.redis import connection

OK = "ok"
STORAGE_SECONDS = 1.0


class NotReady(Unavailable):
    code = "gateway.not_ready"
    title = "Not ready to serve"


class _Pending(Exception):
    """There are migrations to apply; an exception, so that the good answer alone is kept."""


def livez(_request: HttpRequest) -> JsonResponse:
    """Answer that the process is alive, touching nothing."""
    return JsonResponse({"status": OK})


def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer what works; raise `NotReady` if PostgreSQL or a migration is missing.

    Without Redis or the storage most of the product goes on, so those only degrade it.
    """
    needed = {f"postgresql.{alias}": _database(alias) for alias in settings.DOMAINS}
    helpful = {"redis": _redis()} | ({"storage": _storage()} if "files" in settings.DOMAINS else {})
    checks = needed | helpful
    if set(needed.values()) != {OK}:
        raise NotReady("Not all of its databases can be used.", checks=checks)
    degraded = set(helpful.values()) != {OK}
    return JsonResponse({"status": "degraded" if degraded else OK, "checks": checks})


def _database(alias: str) -> str:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
        _require_migrations(alias)
    except DatabaseError:
        return "unavailable"
    except _Pending:
        return "migrations pending"
    return OK


@cache
def _require_migrations(alias: str) -> None:
    if unmigrated_apps(alias):
        raise _Pending


def _redis() -> str:
    try:
        connection().ping()
    except RedisError:
        return "unavailable"
    return OK


def _storage() -> str:
    """Ask the storage for a file that isn't there, and not for long."""
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        pool.submit(storages["files"].exists, "readyz").result(timeout=STORAGE_SECONDS)
    except TooSlow:
        return "slow"
    except Exception:  # noqa: BLE001  each storage has errors of its own
        return "unavailable"
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return OK
