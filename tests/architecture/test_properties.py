"""No property test holds the clock against itself: `tests/properties.py` says how they all run."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import settings

TESTS = Path(__file__).parents[1]
SAID_ONCE = {"deadline", "suppress_health_check", "derandomize"}


def own_rules(source: str) -> set[str]:
    """Return what the source decides about its property tests that is decided for all."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return SAID_ONCE & {keyword.arg for call in calls for keyword in call.keywords}


@pytest.mark.parametrize("planted", sorted(SAID_ONCE))
def test_a_rule_of_its_own_is_seen(planted):
    assert own_rules(f"@settings(max_examples=5, {planted}=None)\ndef test_it(): ...") == {planted}


def test_no_test_decides_how_property_tests_run():
    tests = set(TESTS.rglob("test_*.py")) | set(TESTS.rglob("conftest.py"))
    found = {str(path): own_rules(path.read_text()) for path in tests}
    assert {path: rules for path, rules in found.items() if rules} == {}


def test_no_example_is_timed():
    assert settings().deadline is None
