"""Which language is said: the nearest one to what somebody wants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.notifications.services.rendering.locales import babel_locale, direction, lookup

SUBTAG = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)
TAG = st.lists(SUBTAG, min_size=1, max_size=4).map("-".join)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("de-AT", "de"),
        ("DE", "de"),
        ("de_CH", "de"),
        ("zh-Hant-TW", "zh-Hant"),
        ("pt-BR", "pt-BR"),
        ("pt", "en"),
        ("fr-FR", "en"),
        ("", "en"),
        # RFC 4647, 3.4: what a single letter introduces goes with it.
        ("zh-Hant-CN-x-private1-private2", "zh-Hant"),
    ],
)
def test_the_nearest_language_is_found(wanted, found):
    assert lookup(wanted=wanted, available=["en", "de", "zh-Hant", "pt-BR"]) == found


@given(TAG, st.lists(TAG, max_size=6))
def test_what_is_found_begins_what_was_wanted_and_nothing_longer_would_have(wanted, available):
    found = lookup(wanted=wanted, available=available, default="(default)")
    fitting = [tag for tag in available if wanted == tag or wanted.startswith(f"{tag}-")]
    if found == "(default)":
        # A tag that ends with a single letter is never looked for.
        assert all(len(tag.rpartition("-")[2]) == 1 for tag in fitting if tag != wanted)
        assert wanted not in available
    else:
        assert found in fitting
        assert all(len(tag) <= len(found) or len(tag.rpartition("-")[2]) == 1 for tag in fitting)


@given(st.text(max_size=40))
def test_no_tag_breaks_how_dates_are_written(tag):
    assert babel_locale(tag)


def test_arabic_is_written_from_right_to_left():
    assert (direction("ar-EG"), direction("de")) == ("rtl", "ltr")
