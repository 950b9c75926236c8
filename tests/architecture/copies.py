"""A copy of the sources in which a test may break the rules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("domains", "platform", "tests/architecture")
FILES = ("importlinter.ini", "pyproject.toml", "manage.py", "tests/__init__.py")


@dataclass(frozen=True)
class Outcome:
    """How a program ended and all that it printed."""

    refused: bool
    output: str


@dataclass(frozen=True)
class Tree:
    """The repository's sources below `root`."""

    root: Path

    def add(self, path: str, text: str) -> None:
        """Append the text to the file, made if need be."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as stream:
            stream.write(f"\n{text}\n")

    def lint(self) -> Outcome:
        """Run import-linter over the tree, as `make check` does."""
        program = Path(sys.executable).with_name("lint-imports")
        return self.run(str(program), "--config", "importlinter.ini", "--no-cache")

    def run(self, *command: str) -> Outcome:
        """Run the command in the tree."""
        environment = os.environ | {"PYTHONPATH": "platform:.", "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= {"NO_COLOR": "1", "COLUMNS": "500"}
        done = subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        return Outcome(refused=done.returncode != 0, output=done.stdout + done.stderr)


def copy_of_sources(target: Path) -> Tree:
    """Copy the Python files and what their rules need to the target."""
    for place in PLACES:
        shutil.copytree(ROOT / place, target / place, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(ROOT / file, target / file)
    return Tree(target)
