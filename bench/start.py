"""How long a second `make run` takes to its first answer, and what all of it holds in memory.

    python -m bench.start

Memory is given as PSS: a page that n processes share counts 1/n in each, so the sum is what the
instance really takes from the machine. The sum of RSS counts shared pages once for every process.
"""

import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.ports import free_port
from tests.run.launcher import Launcher

SETTLING = 15.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tenon-bench-") as place:
        data, port = Path(place) / "data", free_port()
        first = _seconds_to_first_answer(data, port)
        second = _seconds_to_first_answer(data, port, measure_memory=True)
    sys.stdout.write(f"first start   {first:5.1f} s to the first answer (set-up done)\n")
    sys.stdout.write(f"second start  {second:5.1f} s to the first answer (target: 8)\n")


def _seconds_to_first_answer(data: Path, port: int, *, measure_memory: bool = False) -> float:
    begun = time.monotonic()
    launcher = Launcher(data, port)
    try:
        while not launcher.answers():
            time.sleep(0.02)
        seconds = time.monotonic() - begun
        launcher.wait_until_running()
        if measure_memory:
            time.sleep(SETTLING)
            _print_memory(launcher.processes())
        return seconds
    finally:
        launcher.stop()


def _print_memory(processes: list[psutil.Process]) -> None:
    infos = [(process, process.memory_full_info()) for process in processes]
    for process, memory in infos:
        line = " ".join(process.cmdline())[-60:] or process.name()
        sys.stdout.write(f"{memory.pss / 1e6:7.1f} MB PSS {memory.rss / 1e6:7.1f} RSS  {line}\n")
    pss = sum(memory.pss for _, memory in infos) / 1e6
    rss = sum(memory.rss for _, memory in infos) / 1e6
    sys.stdout.write(f"at rest       {pss:5.0f} MB (PSS; target: 600), {rss:.0f} MB summed RSS\n")


if __name__ == "__main__":
    main()
