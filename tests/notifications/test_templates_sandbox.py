"""Liquid that others write: bounded in time and output, and without a way out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liquid.exceptions import LiquidError

from domains.notifications.services.rendering import sandbox
from domains.notifications.services.rendering.sandbox import (
    LONGEST_SOURCE,
    TimeLimitError,
    fill,
    parse,
)

LOOP = "{% for i in (1..1000) %}"
TOO_MUCH = {
    "a range without end": "{% for i in (1..1000000000000000000000) %}x{% endfor %}",
    "a range that contains is asked of": '{% if (1..1000000000000) contains "a" %}{% endif %}',
    "a range that is joined": '{{ (1..100000000) | join: "x" }}',
    "a range in a variable": "{% assign r = (1..99999999999) %}{{ r }}",
    "loops in loops": "{% for i in (1..99) %}{% for j in (1..99) %}{% endfor %}{% endfor %}",
    "a text that is doubled": '{% assign a = "xxxxxx" %}' + "{% assign a = a | append: a %}" * 40,
    "a text in place of each letter": '{% assign a = "xxxxxx" %}'
    + '{% assign a = a | replace: "x", a %}' * 40,
    "a text between all letters": '{% assign a = "xxxxxx" %}'
    + '{% assign a = a | replace: "", a %}' * 40,
    "a capture of captures": "{% capture a %}xxxxxxxx{% endcapture %}"
    + "{% capture a %}{{ a }}{{ a }}{% endcapture %}" * 40,
    "a list of all letters": '{% assign a = "' + "x," * 5_000 + '" | split: "," %}{{ a | uniq }}',
    "a number without end": "{% assign a = 9999 %}" + "{% assign a = a | times: a %}" * 40,
    "a number of many digits": "{{ " + "9" * 5_000 + " | plus: 1 }}",
    "a page of rows": "{% tablerow i in (1..1000) %}xxxxxxx{% endtablerow %}" * 20,
    "more output than a mail holds": LOOP + "x" * 1_000 + "{% endfor %}",
    "paths within paths": "{{ a" + "[a" * 5_000 + "]" * 5_000 + " }}",
    "conditions within conditions": "{% if 1 %}" * 500 + "{% endif %}" * 500,
    "a condition without end": "{% if 1 " + "and 1 " * 3_000 + "%}x{% endif %}",
    "outputs that are never closed": "{{" * 9_000,
    "tags that are never closed": "{%" * 9_000,
    "raw texts that never end": "{% raw %}" * 2_000,
    "documentation that never ends": "{% doc %}" * 2_000,
    "blanks that never end": "{{" + " " * 19_000 + "a }}",
    "blanks in a tag": "{%" + " " * 19_000 + "if a %}{% endif %}",
    "more source than is taken": "x" * (LONGEST_SOURCE + 1),
}


@pytest.mark.parametrize("source", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_takes_too_much_is_refused(source):
    with pytest.raises(LiquidError):
        fill(source, {"a": {"b": 1}})


SLOW = {
    "conditions": LOOP + "{% if 1 %}{% endif %}" * 900 + "{% endfor %}",
    "loops one after the other": "{% for i in (1..1000) %}{% endfor %}" * 450,
    "filters": LOOP + "{% assign x = 1 | plus: 1 %}" * 600 + "{% endfor %}",
    "comments": LOOP + "{% # %}" * 2_500 + "{% endfor %}",
    "cases": LOOP + "{% case 1 %}{% when 2 %}{% endcase %}" * 500 + "{% endfor %}",
}


@pytest.mark.parametrize("source", SLOW.values(), ids=SLOW)
def test_what_takes_too_long_is_stopped_while_it_runs(source, monkeypatch):
    """The clock goes on by a thousandth of the limit with each look at it."""
    looks = iter(range(10**9))
    monkeypatch.setattr(sandbox.time, "monotonic", lambda: next(looks) * sandbox.SECONDS / 1_000)
    with pytest.raises(TimeLimitError):
        fill(source, {})
    assert next(looks) < 1_100, "it went on after its time"


WAYS_OUT = {
    "a file": '{% include "layout/email.html" %}',
    "another template": '{% render "../../settings" %}',
    "unescaped values": "{{ a | safe }}",
    "the class of a value": "{{ a.__class__ }}",
    "the class of a text": "{{ text.__class__.__mro__ }}",
    "a method": "{{ text.format }}",
    "the globals of a function": "{{ a['__init__']['__globals__'] }}",
    "what was never given": "{{ settings.SECRET_KEY }}",
}


@pytest.mark.parametrize("source", WAYS_OUT.values(), ids=WAYS_OUT)
def test_nothing_is_reached_but_what_was_given(source):
    with pytest.raises(LiquidError):
        fill(source, {"a": {"b": 1}, "text": "word"})


@given(
    st.lists(
        st.sampled_from(
            ["{{", "}}", "{%", "%}", "if ", "for i in (1..9)", "a", "|", "append: a", "endif",
             "endfor", "'", '"', "capture x", "endcapture", "(1..", ")", ".", "[", "]", "else"]
        ),
        max_size=40,
    )
)  # fmt: skip
def test_no_source_does_anything_but_render_or_be_refused(pieces):
    source = " ".join(pieces)
    try:
        fill(source, {"a": "word"}, html=True)
    except LiquidError:
        return


@given(st.text(max_size=200))
def test_no_value_leaves_the_text_of_a_page(value):
    said = fill("<p>{{ a }}</p>", {"a": value}, html=True)
    assert said.count("<") == 2
    assert '"' not in said


@pytest.mark.parametrize(
    "filters",
    ["upcase", "append: a", "newline_to_br", "strip_html", "url_decode", "escape_once",
     'replace: "x", "y"', "truncate: 9", "strip_newlines", "base64_encode | base64_decode"],
)  # fmt: skip
def test_no_filter_takes_the_escaping_away(filters):
    said = fill(f"{{{{ a | {filters} }}}}", {"a": '<script>"x"'}, html=True)
    assert "<script" not in said.lower()


def test_a_template_is_parsed_once():
    assert parse("{{ a }}") is parse("{{ a }}")


@pytest.mark.parametrize("value", ['"AEEA" | base64_decode', '"%00A%00" | url_decode'])
def test_what_is_said_has_no_nul_for_no_row_holds_one(value):
    assert fill("{{ " + value + " }}", {}) == "A"
    assert fill("{{ " + value + " }}", {}, html=True) == "A"
