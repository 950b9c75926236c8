"""docs/SECURITY.md says of each requirement whether it is met, and which test shows it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(
    r"^\| (\d+\.\d+\.\d+) \| [123] \| .+ \| (met|not applicable|open) \| (.+) \|$", re.MULTILINE
)
TEST = re.compile(r"def test_asvs_v5_0_0_(\d+)_(\d+)_(\d+)\b")

# The numbers of all requirements of level 1 and 2, by section (OWASP ASVS 5.0.0).
SECTIONS = {
    "6.1": "1 2 3",
    "6.2": "1 2 3 4 5 6 7 8 9 10 11 12",
    "6.3": "1 2 3 4",
    "6.4": "1 2 3 4",
    "6.5": "1 2 3 4 5",
    "6.6": "1 2 3",
    "6.8": "1 2 3 4",
    "7.1": "1 2 3",
    "7.2": "1 2 3 4",
    "7.3": "1 2",
    "7.4": "1 2 3 4 5",
    "7.5": "1 2",
    "7.6": "1 2",
    "8.1": "1 2",
    "8.2": "1 2 3",
    "8.3": "1",
    "8.4": "1",
    "9.1": "1 2 3",
    "9.2": "1 2 3 4",
}
# The OWASP API Security Top 10 of 2023, by its numbers.
API_ROW = re.compile(r"^\| API(\d+):2023 \| .+ \| (met) \| (.+) \|$", re.MULTILINE)
API_TEST = re.compile(r"def test_owasp_api_2023_(\d+)\b")
API_RISKS = [str(number) for number in range(1, 11)]
REQUIRED = [f"{section}.{n}" for section, numbers in SECTIONS.items() for n in numbers.split()]


def rows() -> dict[str, tuple[str, str]]:
    found = ROW.findall((ROOT / "docs/SECURITY.md").read_text())
    assert len(found) == len({number for number, _, _ in found}), "a requirement stands twice"
    return {number: (status, shown) for number, status, shown in found}


def shown_by_tests() -> dict[str, set[str]]:
    """Return the files with tests of each requirement."""
    return {".".join(number): files for number, files in files_with(TEST).items()}


def files_with(test: re.Pattern[str]) -> dict[str, set[str]]:
    """Return by what is captured the files with such tests."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        for captured in test.findall(path.read_text()):
            found.setdefault(captured, set()).add(path.relative_to(ROOT).as_posix())
    return found


def test_every_requirement_of_level_1_and_2_has_its_row():
    assert [number for number in rows() if number in REQUIRED] == REQUIRED


def test_what_is_met_names_its_tests():
    met = {
        number: set(re.findall(r"`(tests/[^`]+)`", shown))
        for number, (state, shown) in rows().items()
        if state == "met"
    }
    shown = shown_by_tests()
    assert met == {number: shown.get(number) for number in met}


def test_no_test_shows_what_the_tables_do_not_name():
    assert not shown_by_tests().keys() - rows().keys()


def test_every_risk_of_the_api_top_10_has_its_row_and_its_test():
    rows = API_ROW.findall((ROOT / "docs/SECURITY.md").read_text())
    assert [number for number, _, _ in rows] == API_RISKS
    shown = {str(int(number)): files for number, files in files_with(API_TEST).items()}
    assert {n: set(re.findall(r"`(tests/[^`]+)`", text)) for n, _, text in rows} == shown
