"""gunicorn: the figures behind these values are in docs/adr/0032-gunicorn-settings.md."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any


def cpus() -> int:
    """Return how many CPUs this process may use, by the cgroup's quota where there is one."""
    available = len(os.sched_getaffinity(0))
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return available
    return available if quota == "max" else min(available, max(1, int(quota) // int(period)))


bind = [f"{os.environ.get('HOST', '0.0.0.0')}:{os.environ.get('PORT', '8000')}"]  # noqa: S104  in a container
workers = int(os.environ.get("WEB_CONCURRENCY") or cpus())
# gthread, whose own refusals are problem documents.
worker_class = "gateway.server.Worker"
threads = int(os.environ.get("WEB_THREADS") or 4)
http_parser = "python"
preload_app = True
control_socket_disable = True
keepalive = 5
timeout = 30
graceful_timeout = 4
max_requests = 0
# Without it a worker's heartbeat waits for the disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  memory, not shared files
# The gateway writes the one log line of a request and finds the client's address itself.
accesslog = None
errorlog = "-"
loglevel = "warning"
forwarded_allow_ips = "127.0.0.1"
proc_name = "tenon-web"

# Where the workers meet to be counted together; the library reads it when it is imported.
metrics_folder = None
if os.environ.get("METRICS_PORT", "0") != "0" and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    metrics_folder = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(
        prefix="tenon-metrics-"
    )


def when_ready(_server: object) -> None:
    """Serve /metrics from the parent, which has no requests of its own."""
    from gateway import metrics

    metrics.serve()


def worker_exit(_server: object, _worker: object) -> None:
    """End the live streams, whose clients go on with another worker."""
    from kernel.streams import hub

    hub.stop_all()


def child_exit(_server: object, worker: Any) -> None:
    """Close the books of a worker that has ended."""
    from gateway import metrics

    metrics.forget(worker.pid)


def on_exit(_server: object) -> None:
    """Leave nothing behind."""
    if metrics_folder:
        shutil.rmtree(metrics_folder, ignore_errors=True)
