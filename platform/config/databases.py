"""One Django database alias for each served domain, each with a role of its own."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from config.environment import Environment

DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}


def databases(environment: Environment) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES: an empty "default", so that an unrouted query fails loudly."""
    served = {domain: _alias(environment, domain) for domain in environment.domains}
    return {"default": {}, **served}


def _alias(environment: Environment, domain: str) -> dict[str, Any]:
    own_url = environment.domain_database_url(domain)
    parsed = _parse(own_url or environment.database_url)
    if not own_url:
        parsed["USER"] = role = f"{parsed['NAME']}_{domain}"
        parsed["PASSWORD"] = _role_password(environment.database_role_secret, role)
    return {
        **parsed,
        "ENGINE": "kernel.postgresql",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,  # the engine looks for itself
    } | _pool(environment, parsed["OPTIONS"])


def _parse(url: str) -> dict[str, Any]:
    given = conninfo_to_dict(url)
    parsed = {django: given.pop(name, "") for name, django in DJANGO_NAMES.items()}
    return {**parsed, "PORT": str(given.pop("port", "") or ""), "OPTIONS": given}


def _pool(environment: Environment, options: dict[str, Any]) -> dict[str, Any]:
    if environment.testing or not environment.database_pool_size:
        return {"OPTIONS": options}
    pool = {
        "min_size": 0,
        "max_size": environment.database_pool_size,
        "timeout": environment.database_pool_timeout,
    }
    return {"OPTIONS": {**options, "pool": pool}}


def _role_password(secret: str, role: str) -> str:
    return hmac.new(secret.encode(), b"database-role:" + role.encode(), hashlib.sha256).hexdigest()
