"""What a locale, a time zone and a name may be."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from domains.users.models import validate_locale, validate_one_line, validate_time_zone

TAGS = [
    "en",
    "de-AT",
    "pt-br",
    "zh-Hant-TW",
    "es-419",
    "sl-rozaj-biske",
    "de-CH-1901",
    "zh-cmn-Hans-CN",
    "en-US-u-islamcal",
    "az-Latn-x-latn",
    "yue",
]
NO_TAGS = [
    "",
    "e",
    "english language",
    "en_US",
    "en-",
    "-en",
    "en--US",
    "en-US\n",
    "en-a",
    "x-whatever",
    "K\u017f",
    "toolongalanguage",
    "i-klingon",
    "../../etc/passwd",
]


@pytest.mark.parametrize("tag", TAGS)
def test_a_language_tag_is_taken(tag):
    validate_locale(tag)


@pytest.mark.parametrize("tag", NO_TAGS)
def test_what_is_no_language_tag_is_refused(tag):
    with pytest.raises(ValidationError):
        validate_locale(tag)


@given(
    language=st.from_regex(r"[a-zA-Z]{2,3}", fullmatch=True),
    script=st.from_regex(r"(-[a-zA-Z]{4})?", fullmatch=True),
    region=st.from_regex(r"(-([a-zA-Z]{2}|[0-9]{3}))?", fullmatch=True),
)
def test_every_language_with_script_and_region_is_taken(language, script, region):
    validate_locale(language + script + region)


@given(st.text(max_size=2000))
def test_no_text_breaks_the_validation_of_tags(text):
    try:
        validate_locale(text)
    except ValidationError:
        return
    assert text.isascii()
    assert text.replace("-", "").isalnum()


@pytest.mark.parametrize("name", ["UTC", "Europe/Paris", "America/Argentina/Ushuaia"])
def test_a_zone_of_the_iana_database_is_taken(name):
    validate_time_zone(name)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "localtime", "Factory", "../etc/passwd", "europe/paris", "+01:00"]
)
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(ValidationError):
        validate_time_zone(name)


@pytest.mark.parametrize("name", ["a\nBcc: b@c", "a\rb", "a\x00b", "a\u2028b", "a\u202eb", "\x9b"])
def test_a_name_that_breaks_lines_or_direction_is_refused(name):
    with pytest.raises(ValidationError):
        validate_one_line(name)


@pytest.mark.parametrize("name", ["Ada Lovelace", "山田太郎", "محمد", "👩‍🔬 Grace", "O'Brien <3"])
def test_a_name_of_any_script_is_taken(name):
    validate_one_line(name)
