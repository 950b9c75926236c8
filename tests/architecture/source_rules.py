"""Rules that import-linter can't hold, read from the sources below a root.

Each function returns what is wrong, one line per finding; nothing is imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REQUIRED = {"__init__.py", "README.md", "apps.py", "interface.py"}
OPTIONAL = {
    "admin",
    "admin.py",
    "api",
    "contract",
    "contract.py",
    "handlers.py",
    "migrations",
    "models",
    "models.py",
    "services",
    "services.py",
    "tasks.py",
}
# What is no code: message templates where Django looks for them, the plans that billing versions,
# lists that services read.
DATA = {"templates", "static", "catalogue.yaml", "data"}

DOMAIN_NAME = re.compile(r"^domains[._]([a-z][a-z0-9_]*)?")
DYNAMIC = {"__import__", "import_module", "importlib", "import_string"}


def domains_of(root: Path) -> list[Path]:
    """Return the folders of the domains below the root."""
    folders = (root / "domains").iterdir()
    return sorted(f for f in folders if f.is_dir() and f.name != "__pycache__")


def layout(root: Path) -> list[str]:
    """Return files that a domain must not have or lacks, and what shadows Python's `platform`."""
    problems = ["platform/__init__.py exists"] if (root / "platform/__init__.py").exists() else []
    for domain in domains_of(root):
        names = {entry.name for entry in domain.iterdir()} - {"__pycache__"}
        unknown, missing = names - REQUIRED - OPTIONAL - DATA, REQUIRED - names
        problems += [f"{domain.name}/{name} is not a file that domains have" for name in unknown]
        problems += [f"{domain.name}/{name} is missing" for name in missing]
        if not names & {"contract", "contract.py"}:
            problems.append(f"{domain.name}/contract.py is missing")
        for kind in ("admin", "contract", "models", "services"):
            if {kind, f"{kind}.py"} <= names:
                problems.append(f"{domain.name} has {kind} twice")
    return sorted(problems)


def folders_without_init(root: Path) -> list[str]:
    """Return folders with Python files that import-linter wouldn't see."""
    places = [root / "domains", *(root / "platform").iterdir()]
    sources = [source for place in places for source in place.rglob("*.py")]
    return sorted({str(s.parent) for s in sources if not (s.parent / "__init__.py").exists()})


def names_in_strings(root: Path) -> list[str]:
    """Return strings and dynamic imports by which code could reach a domain that isn't its own."""
    problems = []
    for source in sorted((root / "domains").rglob("*.py")):
        tree, own = ast.parse(source.read_text()), source.relative_to(root / "domains").parts[0]
        findings = [*_foreign_names(tree, own=own), *_dynamic_imports(tree)]
        problems += [f"{source}:{finding}" for finding in findings]
    for source in sorted((root / "platform/gateway").rglob("*.py")):
        tree = ast.parse(source.read_text())
        findings = [*_foreign_names(tree, own=None), *_dynamic_imports(tree)]
        problems += [f"{source}:{finding}" for finding in findings]
    for source in sorted((root / "platform/kernel").rglob("*.py")):
        # The kernel's mechanisms know how a domain's modules are called, but no domain.
        findings = _foreign_names(ast.parse(source.read_text()), own="")
        problems += [f"{source}:{finding}" for finding in findings]
    return problems


def _foreign_names(tree: ast.Module, *, own: str | None) -> Iterator[str]:
    """Yield strings that begin like a domain's module or app; `own` is the name that may be."""
    documentation = {id(text) for text in _docstrings(tree)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        found = DOMAIN_NAME.match(node.value) if id(node) not in documentation else None
        if found and (found[1] or "") != own:
            yield f"{node.lineno} names {found[1] or 'a domain'}"


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _dynamic_imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        names = {getattr(node, "id", ""), getattr(node, "attr", "")}
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name.split(".")[0] for alias in node.names}
            names.add((getattr(node, "module", "") or "").split(".")[0])
        for name in names & DYNAMIC:
            yield f"{node.lineno} imports by {name}"
