"""The one list of processes, and what supervisord is told of it."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

from config.processes import (
    ROOT,
    Process,
    application_processes,
    python_path,
    supervisor_config,
)


def test_the_list_is_the_one_that_process_chooses_from() -> None:
    assert [process.name for process in application_processes()] == ["web", "relay", "worker"]


def test_percent_signs_and_spaces_in_a_command_reach_the_program(tmp_path: Path) -> None:
    process = Process(name="odd", command=["run", "50% of it", "it's"])
    text = supervisor_config([process], directory=tmp_path, socket=None, logs=None)
    parser = configparser.ConfigParser()
    parser.read_string(text)
    assert parser["program:odd"]["command"] == """run '50% of it' 'it'"'"'s'"""


def test_servers_stop_after_the_processes_that_use_them(tmp_path: Path) -> None:
    server = Process(name="postgres", command=["postgres"], priority=1)
    processes = [server, *application_processes()]
    parser = configparser.RawConfigParser()
    parser.read_string(supervisor_config(processes, directory=tmp_path, socket=None, logs=None))
    assert parser["group:application"]["programs"] == "web,relay,worker"
    assert parser["program:postgres"]["priority"] < parser["group:application"]["priority"]


def test_an_unknown_process_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "config.processes"],
        cwd=ROOT,
        env={"PROCESS": "scheduler", "PYTHONPATH": python_path()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "all, web, worker or relay" in done.stderr
