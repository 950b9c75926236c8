"""The list of patches is whole: each takes out what really is in the product."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.isolation.patches import PATCHES
from tests.isolation.table import TABLE

ROOT = Path(__file__).parents[2]
LEAST = 20


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.why)
def test_a_patch_finds_its_text_once(patch):
    assert (ROOT / patch.file).read_text().count(patch.text) == 1
    assert patch.replacement != patch.text


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.why)
def test_a_patch_is_for_operations_that_are_in_the_matrix(patch):
    assert all(any(name in row for row in TABLE) for name in patch.seen_by.split(" or "))


def test_there_are_enough_patches():
    assert len({(patch.file, patch.text) for patch in PATCHES}) == len(PATCHES) >= LEAST
