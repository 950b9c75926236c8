"""A process that shows one refresh token several times at once, when it is told to.

Reads one JSON line (databases' names, token, time, threads), says "ready", waits for another line,
and writes what it got: refresh tokens, or the codes of errors.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from functools import partial

import django


def main() -> None:
    django.setup()
    from django.db import connections

    from domains.auth.services import keys, refresh
    from domains.auth.services.clients import Client
    from tests.auth.threads import at_once

    asked = json.loads(sys.stdin.readline())
    for alias, name in asked["databases"].items():
        connections[alias].settings_dict["NAME"] = name
        connections.databases[alias]["NAME"] = name
    now = datetime.fromisoformat(asked["now"])
    keys.get_signer(now=now)
    _say("ready")
    sys.stdin.readline()
    call = partial(refresh.refresh, refresh_token=asked["token"], client=Client(), now=now)
    got = at_once(*[call] * asked["threads"])
    _say(json.dumps([getattr(one, "refresh_token", None) or one.code for one in got]))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
