"""A pid file's number may belong to anybody by now."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from config.leftovers import end_leftover, runs


def _sleeper(marker: str) -> subprocess.Popen[bytes]:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", marker])
    while not runs(sleeper.pid, marker):  # for a moment a new process has no command line
        time.sleep(0.01)
    return sleeper


def test_a_leftover_process_is_ended_and_its_pid_file_removed(tmp_path: Path) -> None:
    sleeper = _sleeper(str(tmp_path))
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(f"{sleeper.pid}\n/data\n")
    end_leftover(pid_file, marker=str(tmp_path))
    assert sleeper.wait(5) != 0
    assert not pid_file.exists()


def test_another_program_with_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    sleeper = _sleeper("somebody else's")
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(f"{sleeper.pid}\n")
    end_leftover(pid_file, marker=str(tmp_path))
    assert sleeper.poll() is None
    assert not pid_file.exists()
    sleeper.kill()
    sleeper.wait()


def test_a_missing_or_broken_pid_file_is_no_trouble(tmp_path: Path) -> None:
    pid_file = tmp_path / "redis.pid"
    end_leftover(pid_file, marker="x")
    for content in ("", "\n", "not a number"):
        pid_file.write_text(content)
        end_leftover(pid_file, marker="x")
        assert not pid_file.exists()
