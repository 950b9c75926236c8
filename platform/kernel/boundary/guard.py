"""What only tests assert, because it costs time: no call to another domain in a transaction."""

from __future__ import annotations

import sys

from kernel.boundary.operations import Operation
from kernel.db import open_transactions


class CalledInsideTransaction(AssertionError):
    """A transaction would stay open while the other domain works, and undo nothing there."""


def refuse_inside_transaction(operation: Operation) -> None:
    """Raise `CalledInsideTransaction` if another domain's code calls with a transaction open.

    The final transaction of a request stays open until its answer is rendered, so a call after
    it is refused too.
    """
    # This function, its importer in exposure.py, the wrapper there, and then whoever called it.
    caller = sys._getframe(3).f_globals.get("__name__", "")  # noqa: SLF001  no other way
    if caller.startswith(f"domains.{operation.domain}."):
        return
    aliases = open_transactions()
    if aliases:
        raise CalledInsideTransaction(
            f"{caller} calls {operation.domain}.{operation.name} "
            f"inside a transaction on {', '.join(aliases)}"
        )
