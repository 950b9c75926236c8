"""Work in several processes that begin together, each with several threads.

`python -m tests.billing.invoicing.processes` is such a process: it says when it is ready.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.db import connections

ROOT = Path(__file__).parents[3]
PROCESSES = 4


def in_processes(function: str, arguments: list[str]) -> list:
    """Return what "module:function" returned for each argument, a thread each, in any order."""
    names = {alias: connections[alias].settings_dict["NAME"] for alias in settings.ALL_DOMAINS}
    started = []
    for number in range(PROCESSES):
        work = {"names": names, "function": function, "arguments": arguments[number::PROCESSES]}
        started.append(_start(json.dumps(work)))
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [result for process in started for result in json.loads(process.communicate()[0])]


def _start(work: str) -> subprocess.Popen:
    path = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    return subprocess.Popen(
        [sys.executable, "-m", "tests.billing.invoicing.processes", work],
        env={**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def main() -> None:
    import django

    work = json.loads(sys.argv[1])
    for alias, name in work["names"].items():
        settings.DATABASES[alias]["NAME"] = name
    django.setup()
    module, _, name = work["function"].partition(":")
    function = getattr(import_module(module), name)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with ThreadPoolExecutor(len(work["arguments"])) as pool:
        sys.stdout.write(json.dumps(list(pool.map(function, work["arguments"]))))


def issue_three(organization_id: str) -> list[str]:
    """Issue three invoices, each in a transaction of its own; return their numbers."""
    from uuid import UUID

    from tests.billing.invoicing.making import invoice_of

    return [str(invoice_of(UUID(organization_id), 1000).number) for _ in range(3)]


if __name__ == "__main__":
    main()
