"""What Prometheus reads."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from gateway import metrics
from tests import patience
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
LISTENING = re.compile(rb"Listening at: (http://[0-9.:]+)")

pytestmark = pytest.mark.django_db(databases="__all__")


def figures() -> str:
    registry = CollectorRegistry()
    registry.register(metrics.REQUESTS)
    return generate_latest(registry).decode()


@pytest.fixture
def _readable(settings):
    settings.METRICS_PORT = 1


@pytest.mark.usefixtures("_readable")
def test_a_request_is_counted_by_route_not_by_path(api):
    from kernel.ids import uuid7

    api.get(f"t/rows/{uuid7()}")
    api.client.generic("BREW", "/api/v1/t/public")
    text = figures()
    assert 'route="api/v1/t/rows/<uuid:row_id>"' in text
    assert 'method="-"' in text
    assert "BREW" not in text


def test_nothing_is_counted_where_nobody_reads(api):
    before = figures()
    api.get("t/public")
    assert figures() == before


@pytest.fixture
def metrics_port():
    return free_port()


@pytest.fixture
def server(metrics_port, tmp_path):
    """Yield the address of a gunicorn with two workers, started as in production."""
    environment = {
        **os.environ,
        "HOST": "127.0.0.1",
        "PORT": "0",
        "WEB_CONCURRENCY": "2",
        "METRICS_PORT": str(metrics_port),
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": f"platform{os.pathsep}.",
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    command += ["--log-level", "info", "config.wsgi"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE) as process:
        try:
            yield _address(process)
        finally:
            process.terminate()


def _address(process):
    for line in process.stderr:
        if match := LISTENING.search(line):
            return match[1].decode()
    raise AssertionError("gunicorn did not start")


def _read(url):
    with urllib.request.urlopen(url, timeout=patience.SECONDS) as answer:
        return answer.read().decode()


def _read_when_there(url):
    def read():
        with suppress(OSError):
            return _read(url)

    return patience.eventually(read)


@pytest.mark.slow
def test_the_workers_of_one_server_are_counted_together(server, metrics_port, tmp_path):
    _read_when_there(f"{server}/livez")
    for _ in range(9):
        _read(f"{server}/livez")
    read = _read(f"http://127.0.0.1:{metrics_port}/metrics")
    name = "tenon_http_request_duration_seconds_count"
    assert f'{name}{{method="GET",route="livez",status="200"}} 10.0' in read
    assert next(tmp_path.iterdir()).name.startswith("tenon-metrics-")


@pytest.mark.slow
def test_the_figures_are_not_on_the_public_port(server):
    _read_when_there(f"{server}/livez")
    with pytest.raises(urllib.error.HTTPError, match=r"400|404|503"):
        _read(f"{server}/metrics")
