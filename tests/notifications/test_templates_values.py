"""Values fit what a template declares, or they are refused before anything is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.notifications.contract.errors import TemplateValuesInvalid
from domains.notifications.models import TemplateVersion
from domains.notifications.services.rendering.words import Reader, in_words
from domains.notifications.services.templates.checking import check_values
from domains.notifications.services.templates.variables import Type, declared, fits, words_for
from tests.notifications.templates import variable

FITTING = {
    "string": ["", "text", "\n"],
    "number": [0, -3, 2.5],
    "boolean": [True, False],
    "url": ["https://example.com/a?b=c", "http://localhost:3000"],
    "date": ["2026-11-22"],
    "datetime": ["2026-11-22T17:12:00+00:00", "2026-11-22T17:12:00Z"],
    "money": [{"amount": 4900, "currency": "EUR"}, {"amount": -1, "currency": "JPY"}],
    "list": [[], [{"name": "Cup", "more": 1}]],
    "object": [{"name": "Cup"}],
}
EXAMPLES = {
    **{name: values[0] for name, values in FITTING.items()},
    "list": [{"name": "Cup"}],
    "object": {"name": "Cup"},
}
UNFITTING = {
    "string": [1, True, [], {}, "x" * 5_001],
    "number": ["1", True, 10**16, float("inf"), float("nan")],
    "boolean": [0, "yes"],
    "url": ["javascript:alert(1)", "//example.com", "https://", "https://a b", 'https://a"b', 1,
            "https://[", "data:text/html,x"],
    "date": ["22.11.2026", "2026-13-01", 20261122],
    "datetime": ["2026-11-22", "2026-11-22T17:12:00", "now"],
    "money": [1, {"amount": 1.5, "currency": "EUR"}, {"amount": 1, "currency": "euro"},
              {"amount": True, "currency": "EUR"}, {"amount": 1}],
    "list": ["x", [{}], [{"name": 1}], [{"name": "x"}] * 201],
    "object": [{}, [], {"name": 1}, {"name": "x", "$fact": "word"},
               {"name": "x", "deep": [[[[[["x"]]]]]]}],
}  # fmt: skip


def of_type(name: str):
    return declared([variable("it", name, EXAMPLES[name])])["it"]


@pytest.mark.parametrize("name", [each.value for each in Type])
def test_a_value_is_of_its_type(name):
    for value in FITTING[name]:
        assert fits(of_type(name), value), value
    for value in UNFITTING[name]:
        assert not fits(of_type(name), value), value


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@given(st.sampled_from([each.value for each in Type]), json)
def test_whatever_fits_can_be_said(name, value):
    it = of_type(name)
    if fits(it, value):
        assert in_words(words_for({"it": it}, {"it": value}), reader=Reader(locale="de"))


def a_version(*variables) -> TemplateVersion:
    return TemplateVersion(variables=list(variables))


def test_what_is_wrong_with_values_is_told_by_their_places():
    version = a_version(
        variable("needed", "string", "x"),
        variable("may", "number", 1, required=False),
        variable("at", "datetime", "2026-11-22T17:12:00Z"),
    )
    check_values(version=version, values={"needed": "x", "at": "2026-11-22T17:12:00Z"})
    with pytest.raises(TemplateValuesInvalid) as refused:
        check_values(version=version, values={"may": "1", "at": None, "a/b": 1})
    found = [(each.pointer, each.code) for each in refused.value.errors]
    assert found == [
        ("/values/a~1b", "undeclared"),
        ("/values/at", "missing"),
        ("/values/may", "type"),
        ("/values/needed", "missing"),
    ]


def test_times_and_money_are_said_in_the_reader_s_language():
    variables = declared(
        [
            variable("at", "datetime", "2026-11-22T17:12:00Z"),
            variable("on", "date", "2026-11-22"),
            variable("total", "money", {"amount": 1, "currency": "EUR"}),
        ]
    )
    values = {
        "at": "2026-11-22T17:12:00Z",
        "on": "2026-12-01",
        "total": {"amount": 123450, "currency": "EUR"},
    }
    said = in_words(
        words_for(variables, values), reader=Reader(locale="de", time_zone="Europe/Berlin")
    )
    assert said == {
        "at": "22. November 2026, 18:12 CET",
        "on": "1. Dezember 2026",
        "total": "1.234,50\N{NO-BREAK SPACE}€",
    }
