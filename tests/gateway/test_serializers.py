"""A serializer takes exactly what it declares."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.rest import TimestampField, timestamp
from kernel.rest.serializers import field_errors
from tests.gateway.views import Everything

GOOD = {
    "text": "ü",
    "number": 7,
    "real": 1.5,
    "flag": False,
    "uuid": "0199f3c2-6f1e-7c3a-9d0b-3f5f1f0f7a11",
    "at": "2026-01-31T12:00:00+02:00",
    "price": {"amount": -1999, "currency": "EUR"},
    "choice": "a",
    "tags": ["x", "y"],
    "inner": {"name": "n"},
    "inners": [{"name": "n"}],
}
WRONG_TYPES = {
    "text": [1, 1.5, True, [], {}],
    "number": ["7", 7.0, True, False, [], {}],
    "real": ["1.5", True, []],
    "flag": ["true", "1", 1, 0, "on", []],
    "uuid": [1, 2**100, [], {}],
    "at": [0, 1769860800, [], {}],
    "price": ["19.99", 1999, [], [1999, "EUR"]],
    "choice": [1, True, [], {}],
    "tags": ["x", {}, {"0": "x"}, 1],
    "inner": [[], "x", 1],
    "inners": [{}, "x", 1],
}


def errors_of(data, **options):
    serializer = Everything(data=data, **options)
    serializer.is_valid()
    return {(error.pointer, error.code) for error in field_errors(serializer.errors)}


def test_what_fits_is_taken():
    assert errors_of(GOOD) == set()
    serializer = Everything(data=GOOD)
    serializer.is_valid()
    assert serializer.validated_data["at"] == datetime(2026, 1, 31, 10, tzinfo=UTC)
    assert serializer.validated_data["price"] == {"amount": -1999, "currency": "EUR"}


@pytest.mark.parametrize(
    ("name", "value"), [(n, value) for n, values in WRONG_TYPES.items() for value in values]
)
def test_a_value_of_another_json_type_is_refused(name, value):
    assert errors_of({name: value}) == {(f"/{name}", "type")}


@pytest.mark.parametrize("document", [[], "x", 1, None, True, [{}]])
def test_a_document_that_is_no_object_is_refused(document):
    serializer = Everything(data=document)
    assert not serializer.is_valid()


def test_null_is_not_the_same_as_left_out():
    assert errors_of({"text": None}) == {("/text", "null")}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"nothing": 1}, {("/nothing", "unknown")}),
        ({"id": GOOD["uuid"]}, {("/id", "unknown")}),
        ({"inner": {"name": "n", "x": 1}}, {("/inner/x", "unknown")}),
        ({"inners": [{"name": "n"}, {"name": "n", "x": 1}]}, {("/inners/1/x", "unknown")}),
        ({"inners": [{}]}, {("/inners/0/name", "required")}),
        ({"tags": ["a", 1, "b", {}]}, {("/tags/1", "type"), ("/tags/3", "type")}),
        ({"tags": ["a", None]}, {("/tags/1", "null")}),
        ({"inner": {"name": 7}}, {("/inner/name", "type")}),
        ({"inner": {"name": "toolong"}}, {("/inner/name", "max_length")}),
        ({"price": {"amount": 1.5, "currency": "EUR"}}, {("/price/amount", "type")}),
        ({"price": {"amount": 1, "currency": "eur"}}, {("/price/currency", "invalid")}),
        ({"price": {"amount": 2**53, "currency": "EUR"}}, {("/price/amount", "out_of_range")}),
        ({"number": -1}, {("/number", "min_value")}),
        ({"number": 2**63}, {("/number", "out_of_range")}),
        ({"a/b~c": 1}, {("/a~1b~0c", "unknown")}),
        ({"": 1}, {("", "unknown")}),
        ({"text": "x\0"}, {("/text", "null_characters_not_allowed")}),
        ({"choice": "c"}, {("/choice", "invalid_choice")}),
    ],
)  # fmt: skip
def test_each_wrong_field_is_named_by_its_pointer(data, found):
    assert errors_of(data) == found


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "other"]), json_values, max_size=4))
def test_no_document_breaks_a_serializer(data):
    for pointer, code in errors_of(data):
        assert pointer == "" or pointer.startswith("/")
        assert code.isidentifier()


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00Z",
        "2026-13-31T12:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T12:00:00+25:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-W05-6T12:00:00Z",
        "\uff12026-01-31T12:00:00Z",
        "2026-01-31T12:00:00Z\n",
        "now",
        "",
    ],
)
def test_a_time_that_is_not_rfc_3339_is_refused(text):
    from rest_framework.exceptions import ValidationError

    with pytest.raises(ValidationError):
        TimestampField().run_validation(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("2026-01-31t12:00:00z", "2026-01-31T12:00:00Z"),
        ("2026-01-31T12:00:00.5+02:00", "2026-01-31T10:00:00.500000Z"),
        ("2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123456Z"),
        ("2026-01-31T00:00:00-12:34", "2026-01-31T12:34:00Z"),
    ],
)
def test_a_time_is_read_with_any_offset_and_written_in_utc(text, shown):
    field = TimestampField()
    assert field.to_representation(field.run_validation(text)) == shown


zones = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))


@given(st.integers(-62_000_000_000, 253_000_000_000), st.integers(0, 999_999), zones)
def test_a_time_survives_being_written_and_read(seconds, microseconds, zone):
    since_1970 = timedelta(seconds=seconds, microseconds=microseconds)
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + since_1970).astimezone(zone)
    assert TimestampField().run_validation(timestamp(moment)) == moment


def test_what_is_rendered_is_json():
    shown = Everything.render({**GOOD, "at": datetime(2026, 1, 31, tzinfo=UTC), "id": None})
    assert json.loads(json.dumps(shown))["at"] == "2026-01-31T00:00:00Z"
    assert Everything.render_all([]) == []
