"""Tests that need a program of the system: left out with one line where it is missing.

A test says what it needs by a marker (`@pytest.mark.browser`). With REQUIRE_ALL=1 nothing may be
left out: the run fails at once.
"""

from __future__ import annotations

import os
import shutil

import pytest

PROGRAMS = {
    "browser": ("chromium", "chromium-browser", "google-chrome"),
    "curl": ("curl",),
    "nginx": ("nginx",),
    "node": ("npm",),
    "poppler": ("pdftotext",),
}
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def program(group: str) -> str | None:
    """Return the path of the program that the group's tests need, or None."""
    found = (shutil.which(name, path=PATH) for name in PROGRAMS[group])
    return next((path for path in found if path), None)


def missing() -> list[str]:
    """Return the groups whose program this machine does not have."""
    return [group for group in PROGRAMS if program(group) is None]


def _lines() -> list[str]:
    return [
        f"LEFT OUT: the {group} tests; install {PROGRAMS[group][0]} to run them"
        for group in missing()
    ]


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("REQUIRE_ALL") and missing():
        raise pytest.UsageError("\n".join(["REQUIRE_ALL is set, but:", *_lines()]))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for group in missing():
        skip = pytest.mark.skip(reason=f"{PROGRAMS[group][0]} is not installed")
        for item in items:
            if item.get_closest_marker(group):
                item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _lines():
        terminalreporter.write_line(line)
