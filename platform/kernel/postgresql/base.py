"""Django's backend, but a pooled connection is asked for a sign of life only if there is a doubt.

A server that ends a connection says so and closes it: then there is something to read where an
idle connection has nothing. To look costs a microsecond, the pool's own check a round trip.
"""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, Error
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Named as ENGINE in DATABASES, where CONN_HEALTH_CHECKS must be off."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection; those of the pool that have ended make room for new ones."""
        connection = super().get_new_connection(conn_params)
        while self.pool and not _lives(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


def _lives(connection: Connection[Any]) -> bool:
    try:
        if _has_something_to_read(connection):
            ConnectionPool.check_connection(connection)
    except Error:
        return False
    return True


def _has_something_to_read(connection: Connection[Any]) -> bool:
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    return bool(idle.poll(0))
