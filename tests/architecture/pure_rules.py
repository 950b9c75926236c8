"""What pure modules may do, read from their sources: compute with what is passed to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ARITHMETIC = "domains/billing/services/arithmetic"
IMPORTS = {
    *("__future__", "abc", "bisect", "calendar", "collections.abc", "dataclasses", "datetime"),
    *("decimal", "enum", "fractions", "functools", "math", "typing", "zoneinfo"),
    *("iso4217", "pydantic", ARITHMETIC.replace("/", ".")),
}
# The clock, the file system and the terminal; and what makes or reads a float.
CALLS = {"now", "utcnow", "today", "open", "print", "input", "eval", "exec", "float"}


def impurities(root: Path) -> list[str]:
    """Return imports, calls and literals of billing's arithmetic that it must not have."""
    problems = []
    for source in sorted((root / ARITHMETIC).rglob("*.py")):
        tree = ast.parse(source.read_text())
        problems += [f"{source.name}:{finding}" for finding in (*_imports(tree), *_uses(tree))]
    return problems


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{'.' * node.level}{node.module or ''}"]
        for name in names:
            if not any(name == known or name.startswith(f"{known}.") for known in IMPORTS):
                yield f"{node.lineno} imports {name}"


def _uses(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"{node.lineno} has the float {node.value}"
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in CALLS:
                yield f"{node.lineno} calls {name}"
