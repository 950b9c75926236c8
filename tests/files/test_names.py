"""Names are data, whatever is in them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.files.contract import NameInvalid
from domains.files.services.names import clean_name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        "a/b",
        "a\\b",
        "../../etc/passwd",
        "a\0b",
        "a\nb",
        "\u202egnp.exe",
        "x" * 256,
    ],
)
def test_a_name_that_could_do_harm_is_refused(name):
    with pytest.raises(NameInvalid):
        clean_name(name=name)


@pytest.mark.parametrize("name", ["a", "grüße.txt", "報告.pdf", "😀.png", "con", ".env", "x" * 255])
def test_an_ordinary_name_in_any_script_is_kept(name):
    assert clean_name(name=name) == name


@given(st.text())
def test_what_passes_has_no_separator_and_no_control_character(name):
    try:
        clean = clean_name(name=name)
    except NameInvalid:
        return
    assert 0 < len(clean) <= 255
    assert not set("/\\") & set(clean)
    assert not [c for c in clean if unicodedata.category(c).startswith("C") and c.isascii()]
    assert clean_name(name=clean) == clean
