"""What benches say, and how they look at themselves."""

from __future__ import annotations

import resource
import sys

KILOBYTES = 1024


def say(line: str) -> None:
    """Print the line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def megabytes() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES
