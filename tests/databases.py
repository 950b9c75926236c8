"""The databases of one test process: copies of what was migrated once, one for each domain."""

from __future__ import annotations

import os

import psycopg
import pytest
from django.conf import settings
from django.db import connections


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None) -> None:
    """Take the place of pytest-django's, which migrates; the server ends with its databases."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    for domain in settings.DOMAINS:
        connections[domain].close()
        connections[domain].settings_dict["NAME"] = _copy(domain, name=f"test_{domain}_{worker}")


def _copy(domain: str, *, name: str) -> str:
    role, url = settings.DATABASES[domain]["USER"], settings.DATABASE_OWNER_URL
    with psycopg.connect(url, dbname="postgres", autocommit=True) as owner:
        owner.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        template = f"tenon_template_{domain}"
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{role}"')
    return name
