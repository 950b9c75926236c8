"""The container image against a PostgreSQL and a Redis outside of it, by every PROCESS.

    deploy/build-image tenon && python -m tests.run.image tenon       (as root, with buildah)

Migrates, goes the journey with PROCESS=all, then starts web, worker and relay each alone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from config import embedded
from config.domains import ALL_DOMAINS
from tests.journeys import test_journey
from tests.journeys.stack import SECRETS, Tenon
from tests.ports import free_port
from tests.run.launcher import still_alive

IMAGE_USER = 10001
MOUNTED = "/mnt/data"  # buildah covers a mount on the image's own VOLUME
PATIENCE_SECONDS = 60
STOP_SECONDS = 10


def main(image: str) -> None:
    """Print one line for everything that works; end with an error at the first that does not."""
    place = Path(tempfile.mkdtemp(prefix="tenon-image-"))
    place.chmod(0o711)
    container = _output("buildah", "from", "--pull-never", image)
    try:
        with _servers(place) as servers:
            _try(container, place, servers)
    finally:
        _output("buildah", "rm", container)
        shutil.rmtree(place)


def _try(container: str, place: Path, servers: embedded.Servers) -> None:
    data = place / "data"
    data.mkdir()
    os.chown(data, IMAGE_USER, IMAGE_USER)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **SECRETS,
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATA_DIR": MOUNTED,
        "PAYMENT_PROVIDER": "test",
        "DATABASE_URL": servers.database_url,
        "EMAIL_URL": f"file://{MOUNTED}/mail",
        "PORT": str(port),
        "PUBLIC_URL": url,
        "REDIS_URL": servers.redis_url,
        "WEB_CONCURRENCY": "1",
    }
    run = ["buildah", "run", "--user", str(IMAGE_USER), "--volume", f"{data}:{MOUNTED}"]
    subprocess.run(_command(run, container, environment, "migrate"), check=True)
    _say("migrate")
    with _started(_command(run, container, environment, "start"), url):
        databases = dict.fromkeys(ALL_DOMAINS, servers.database_url)
        tenon = Tenon(url=url, mails=data / "mail", databases=databases)
        test_journey.test_a_stranger_becomes_a_paying_team_that_shares_files(tenon)
        _say("PROCESS=all: /livez and the journey")
    for process in ("web", "worker", "relay"):
        alone = environment | {"PROCESS": process}
        command = _command(run, container, alone, "start")
        with _started(command, url if process == "web" else ""):
            _say(f"PROCESS={process}")


def _command(
    run: list[str], container: str, environment: Mapping[str, str], verb: str
) -> list[str]:
    options = [f"--env={name}={value}" for name, value in environment.items()]
    return [*run, *options, container, "--", "deploy/entrypoint", verb]


@contextlib.contextmanager
def _started(command: list[str], url: str) -> Iterator[None]:
    """Run it until it answers (or has stayed up), and see SIGTERM end all of it."""
    engine = subprocess.Popen(command)
    try:
        _wait(engine, url)
        yield
    finally:
        _stop(engine)


def _wait(engine: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + (PATIENCE_SECONDS if url else 10)
    while time.monotonic() < deadline:
        assert engine.poll() is None, "it ended by itself"
        with contextlib.suppress(OSError):
            if url and urllib.request.urlopen(f"{url}/livez", timeout=5).status == 200:
                return
        time.sleep(0.2)
    assert not url, f"no answer at {url}/livez"


def _stop(engine: subprocess.Popen[bytes]) -> None:
    """Send what an engine sends: SIGTERM to the container's first process alone."""
    processes = psutil.Process(engine.pid).children(recursive=True)
    inside = [p for p in processes if _is_the_images(p)]
    first = next(p for p in inside if p.parent() not in inside)
    first.send_signal(signal.SIGTERM)
    engine.wait(STOP_SECONDS)
    assert still_alive(inside) == []


def _is_the_images(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        own = process.uids().real == IMAGE_USER
        return own and "buildah" not in process.cmdline()[0]
    return False


@contextlib.contextmanager
def _servers(place: Path) -> Iterator[embedded.Servers]:
    """PostgreSQL and Redis on ports, as a container finds them."""
    sockets = embedded.make_socket_directory()
    database, redis = free_port(), free_port()
    listening = {"listen_addresses": "127.0.0.1", "port": str(database)}
    embedded.prepare(place)
    commands = (
        embedded.postgres_command(place, sockets, parameters=embedded.THROWAWAY | listening),
        [*embedded.redis_command(place, sockets), "--port", str(redis)],
    )
    running = [subprocess.Popen(command, cwd="/") for command in commands]
    try:
        embedded.wait_until_ready(sockets, names=("redis",))
        time.sleep(1)
        yield embedded.Servers(
            database_url=f"postgresql://tenon@127.0.0.1:{database}/tenon",
            redis_url=f"redis://127.0.0.1:{redis}/0",
        )
    finally:
        for process in running:
            process.send_signal(signal.SIGINT)
            process.wait()
        shutil.rmtree(sockets)


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _say(text: str) -> None:
    sys.stdout.write(f"works: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
