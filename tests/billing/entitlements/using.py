"""Processes that use features up at once, when they are told to.

Reads one JSON line (the database's name, how many processes, what each does turn by turn), forks,
says "ready", waits for another line, and writes the outcomes of every process, turn by turn.
"""

from __future__ import annotations

import json
import multiprocessing
import sys

import django

fork = multiprocessing.get_context("fork")


def main() -> None:
    django.setup()
    from django.db import connections

    asked = json.loads(sys.stdin.readline())
    connections["billing"].settings_dict["NAME"] = asked["database"]
    connections.databases["billing"]["NAME"] = asked["database"]
    ready, go = fork.Semaphore(0), fork.Event()
    results = [fork.Pipe(duplex=False) for _ in range(asked["processes"])]
    started = [
        fork.Process(target=_work, args=(asked, number, ready, go, end))
        for number, (_, end) in enumerate(results)
    ]
    for process in started:
        process.start()
    for _ in started:
        ready.acquire()
    _say("ready")
    sys.stdin.readline()
    go.set()
    _say(json.dumps([mine.recv() for mine, _ in results]))
    for process in started:
        process.join()


def _work(asked, number, ready, go, end) -> None:
    from django.db import connections

    connections["billing"].ensure_connection()
    ready.release()
    go.wait()
    end.send([_outcome(number, turn, **what) for turn, what in enumerate(asked["turns"])])


def _outcome(number, turn, *, does, organization_id, **values) -> str:
    from tests.billing.entitlements import conftest

    key = values.pop("key", "{process}-{turn}").format(process=number, turn=turn)
    mine = does if isinstance(does, str) else does[number % len(does)]
    try:
        getattr(conftest, mine)(organization_id, key=key, **values)
    except Exception as error:  # noqa: BLE001  what it raised is the result
        return type(error).__name__
    return "done"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
