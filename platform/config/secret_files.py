"""Settings that are given as files, as orchestrators hand out secrets."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def from_files(fields: Iterable[str], *, prefix: str = "") -> dict[str, Any]:
    """Return the fields given as PREFIX_NAME_FILE, read; raise ValueError where NAME is set too."""
    found = {}
    for field in fields:
        name = f"{prefix}{field.upper()}"
        path = os.environ.get(f"{name}_FILE")
        if not path:
            continue
        if os.environ.get(name):
            raise ValueError(f"{name} and {name}_FILE are both set")
        found[field] = Path(path).read_text().strip()
    return found
