"""Migrated databases that every test database is a copy of, kept until a migration changes.

To migrate takes a minute on a busy machine, to copy a moment. What is kept is a PostgreSQL that was
stopped, under a name made from all that its content depends on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from config.embedded import throwaway_servers

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".cache" / "test-postgres"
# What decides what a fresh, migrated database holds.
SOURCES = (
    "domains/*/migrations/*.py",
    "platform/kernel/migrations/*.py",
    "platform/kernel/provisioning.py",
    "platform/config/databases.py",
    "platform/config/embedded.py",
    "requirements/dev.txt",
    "tests/servers.py",
    "tests/templates.py",
)


def ready() -> Path:
    """Return the directory of a stopped PostgreSQL with the migrated databases, made if need be."""
    directory = KEPT / _digest()
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once make it once
        if not directory.exists():
            _make(directory)
    return directory


def _digest() -> str:
    seen = hashlib.sha256(f"{sys.version_info[:2]} {os.geteuid()}".encode())
    for path in _sources():
        seen.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return seen.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    for pattern in SOURCES:
        yield from sorted(ROOT.glob(pattern))


def _make(directory: Path) -> None:
    from tests import servers

    made = KEPT / "new"
    shutil.rmtree(made, ignore_errors=True)
    with throwaway_servers(keep=made) as running:
        # In a process of its own: Django's settings are read once, and these servers soon end.
        command = [sys.executable, "-c", "from tests import templates; templates.fill()"]
        path = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
        given = os.environ | servers.environment(running) | {"PYTHONPATH": path}
        subprocess.run(command, cwd=ROOT, env=given, check=True)
    made.rename(directory)
    # Another run may still copy the one before.
    for old in sorted(filter(Path.is_dir, KEPT.iterdir()), key=_made_at)[:-2]:
        shutil.rmtree(old, ignore_errors=True)


def _made_at(directory: Path) -> float:
    return directory.stat().st_mtime


def fill() -> None:
    """Make a database for each alias that has the domains' roles, schemas, grants and tables."""
    import django

    django.setup()
    from django.conf import settings

    _provision(settings.DATABASES)
    for alias in settings.DOMAINS:
        _migrate(alias)


def _provision(databases: dict[str, dict[str, Any]]) -> None:
    from config.environment import environment
    from kernel.provisioning import DomainRole, provision

    owner_url = environment.database_url
    roles = [
        DomainRole(schema=alias, name=database["USER"], password=database["PASSWORD"])
        for alias, database in databases.items()
        if database.get("USER")
    ]
    provision(owner_url=owner_url, roles=roles)
    with psycopg.connect(owner_url, dbname="postgres", autocommit=True) as connection:
        for role in roles:
            # However long a busy machine takes, and whatever else it does meanwhile.
            for patience in ("lock_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(f'ALTER ROLE "{role.name}" SET {patience} = 0')
            template = f"tenon_template_{role.schema}"
            connection.execute(f"CREATE DATABASE {template} TEMPLATE tenon IS_TEMPLATE true")


def _migrate(alias: str) -> None:
    """Migrate the template of the alias, as Django migrates a test database."""
    from django.core.management import call_command
    from django.db import connections

    connections[alias].settings_dict["NAME"] = f"tenon_template_{alias}"
    call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
    connections[alias].close()
