"""What the long-running processes beside the web share."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from django.db import connections

PR_SET_PDEATHSIG = 1


def without_pools() -> None:
    """Have a process of one thread use one plain connection for each alias."""
    for alias in connections:
        connections[alias].settings_dict.get("OPTIONS", {}).pop("pool", None)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, however it dies (on Linux)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
