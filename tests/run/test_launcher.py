"""What `make run` promises, shown on real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from tests.patience import eventually
from tests.ports import free_port
from tests.run.launcher import Launcher, still_alive

pytestmark = pytest.mark.xdist_group("launcher")  # one process runs them all, in this order


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def both(place: Path) -> Iterator[tuple[Launcher, Launcher]]:
    """Two instances, started at the same moment."""
    launchers = Launcher(place / "one", free_port()), Launcher(place / "two", free_port())
    yield launchers
    for launcher in launchers:
        if launcher.process.poll() is None:
            launcher.stop()


def test_two_instances_start_beside_each_other(both: tuple[Launcher, Launcher]) -> None:
    for launcher in both:
        assert launcher.wait_until_running().answers()


def test_the_start_ends_with_what_a_person_needs(both: tuple[Launcher, Launcher]) -> None:
    block = both[0].output.partition("Tenon runs.")[2]
    for expected in ("/api/v1/", "/api/docs", "/admin/", "owner@", "member@", "staff@", "Ctrl-C"):
        assert expected in block
    assert str(both[0].port) in block
    assert "/mail/" in block


def test_its_secrets_are_its_own_and_private(both: tuple[Launcher, Launcher]) -> None:
    files = [launcher.data / "secrets.json" for launcher in both]
    assert files[0].read_text() != files[1].read_text()
    for path in (*files, both[0].data / "environment"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_what_dies_is_started_again(both: tuple[Launcher, Launcher]) -> None:
    def relay() -> psutil.Process | None:
        for process in both[1].processes():
            with contextlib.suppress(psutil.Error):  # it may end while it is looked at
                if process.cmdline()[-1:] == ["relay"]:
                    return process
        return None

    before = relay()
    before.kill()
    assert eventually(lambda: (now := relay()) != before and now).pid != before.pid


def test_sigterm_ends_every_process(both: tuple[Launcher, Launcher]) -> None:
    processes = both[1].processes()
    assert len(processes) > 10
    sockets = Path(both[1].setting("REDIS_URL").removeprefix("unix://")).parent
    assert both[1].stop(signal.SIGTERM) == 0
    eventually(lambda: not still_alive(processes))
    assert not sockets.exists()
    assert both[0].answers()


def test_a_second_instance_on_the_same_data_is_refused(both: tuple[Launcher, Launcher]) -> None:
    second = Launcher(both[0].data, free_port())
    assert "is in use by another instance" in second.fails()
    assert both[0].answers()


def test_after_kill_9_of_everything_it_starts_again_with_its_data(
    both: tuple[Launcher, Launcher],
) -> None:
    killed = both[0]
    with psycopg.connect(killed.setting("DATABASE_URL"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    cache = redis.from_url(killed.setting("REDIS_URL"))
    cache.set("kept", "42")
    eventually(lambda: cache.info("persistence")["aof_buffer_length"] == 0)
    stale = Path(killed.setting("REDIS_URL").removeprefix("unix://")).parent
    killed.kill_everything()
    assert stale.exists()

    again = Launcher(killed.data, killed.port)
    try:
        assert again.wait_until_running().answers()
        assert not stale.exists()
        with psycopg.connect(again.setting("DATABASE_URL")) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert redis.from_url(again.setting("REDIS_URL")).get("kept") == b"42"
    finally:
        processes = again.processes()
        assert again.stop(signal.SIGINT) == 0
    eventually(lambda: not still_alive(processes))


def test_a_taken_port_is_said_plainly(place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        output = Launcher(place / "taken", port).fails()
    assert f"port {port} is taken" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("port", ["0", "65536", "web", "-1", "8000 "])
def test_a_port_that_is_none_is_refused(place: Path, port: str) -> None:
    output = Launcher(place / "none", 0, PORT=port).fails()
    assert "PORT is" in output
    assert "Traceback" not in output


def test_the_supervisor_ends_what_it_runs_when_the_launcher_is_killed(place: Path) -> None:
    launcher = Launcher(place / "orphaned", free_port())
    processes = eventually(lambda: len(found := launcher.processes()) >= 4 and found)
    os.kill(launcher.process.pid, signal.SIGKILL)
    launcher.process.wait()
    eventually(lambda: not still_alive(processes))
