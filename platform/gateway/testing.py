"""For tests: a gateway that has just started."""

from gateway import credentials
from gateway.limits import admission


def restart() -> None:
    """Forget what a process remembers: verified tokens and keys, local counts, Redis' absence."""
    credentials.verifier.cache_clear()
    admission.process.restart()
