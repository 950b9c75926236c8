"""The pool lends what lives, and asks PostgreSQL only where there is a doubt."""

import pytest
from django.db import connections
from psycopg_pool import ConnectionPool

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def pooled():
    """Return requests' connections of one pool, each a thread's."""
    made = []

    def connection():
        wrapper = connections["auth"].copy(alias="pooled")
        wrapper.settings_dict["OPTIONS"]["pool"] = {"min_size": 0, "max_size": 2, "timeout": 10}
        made.append(wrapper)
        return wrapper

    yield connection
    for wrapper in made:
        wrapper.close()
    if made:
        made[0].close_pool()


def _process(connection) -> int:
    """Return which of PostgreSQL's processes answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def _end(process: int) -> None:
    """End it, and return when it has told its client."""
    with connections["auth"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [process])
        assert cursor.fetchone() == (True,)


def test_a_connection_that_lives_is_lent_again_without_a_question(pooled, monkeypatch):
    connection = pooled()
    process = _process(connection)
    connection.close()
    monkeypatch.setattr(ConnectionPool, "check_connection", lambda _: pytest.fail("was asked"))
    assert _process(connection) == process


def test_a_connection_that_the_server_has_ended_is_replaced(pooled):
    connection = pooled()
    process = _process(connection)
    connection.close()
    _end(process)
    assert _process(connection) != process


def test_all_connections_are_replaced_after_the_server_was_away(pooled):
    ended = [pooled(), pooled()]
    processes = {_process(connection) for connection in ended}
    for connection in ended:
        connection.close()
    for process in processes:
        _end(process)
    fresh = {_process(connection) for connection in ended}
    assert len(fresh) == 2
    assert not fresh & processes


def test_a_connection_that_was_only_told_something_is_kept(pooled):
    connection = pooled()
    process = _process(connection)
    with connection.cursor() as cursor:
        cursor.execute("LISTEN gossip")
    connection.close()
    with connections["auth"].cursor() as cursor:
        cursor.execute("NOTIFY gossip")
    assert _process(connection) == process
