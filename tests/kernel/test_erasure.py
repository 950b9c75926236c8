from __future__ import annotations

import pytest

from kernel.erasure import is_marked, mark_of


@pytest.mark.parametrize("same", ["Zoë@Example.com", "zoë@example.com", "zoe\u0308@example.com"])
def test_a_mark_is_found_however_the_address_is_written(same):
    assert is_marked(same, [mark_of("somebody@example.com"), mark_of("Zoë@example.com")])


def test_another_address_is_not_marked():
    assert not is_marked("zoe@example.com", [mark_of("zoë@example.com")])
    assert not is_marked("zoe@example.com", [])


def test_a_mark_made_before_the_keys_were_rotated_is_still_found(settings):
    settings.SIGNING_KEYS = ["old"]
    mark = mark_of("ada@example.com")
    settings.SIGNING_KEYS = ["new", "old"]
    assert is_marked("ada@example.com", [mark])
    settings.SIGNING_KEYS = ["new"]
    assert not is_marked("ada@example.com", [mark])


def test_a_mark_does_not_tell_the_address():
    assert "ada" not in mark_of("ada@example.com")
