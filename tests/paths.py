"""The paths of the API's description, with something in their places."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

OPENAPI = Path(__file__).resolve().parents[1] / "docs/openapi.json"


@cache
def described() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the operations of the description by their paths and methods."""
    paths: dict[str, dict[str, dict[str, Any]]] = json.loads(OPENAPI.read_text("utf-8"))["paths"]
    return paths


def filled(path: str, value: object) -> str:
    """Return the path with the value in each of its places, and with 1 where a number stands."""
    operation = next(iter(described()[path].values()))
    for place in operation.get("parameters", ()):
        if place["in"] == "path":
            fitting = 1 if place["schema"]["type"] == "integer" else value
            path = path.replace(f"{{{place['name']}}}", str(fitting))
    return path
