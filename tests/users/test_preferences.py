"""Preferences: typed keys that every client knows, and free ones under `custom.`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.users.contract.errors import TooManyPreferences
from domains.users.services.preferences import CHOICES, MOST_CUSTOM, SWITCHES, merged
from kernel.models import Outbox
from tests.users.people import person
from tests.users.test_api import pointers, problem, signed_in

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def me():
    return signed_in(person())


def prefer(me, **preferences):
    return me.patch("users/me", {"preferences": preferences})


def preferred(me):
    return me.get("users/me").json()["preferences"]


def test_whoever_never_chose_has_none(me):
    assert preferred(me) == {}


def test_they_are_merged_and_taken_away(me):
    assert prefer(me, theme="dark", reduced_motion=True).status_code == 200
    assert prefer(me, theme="light", week_start="monday").status_code == 200
    assert preferred(me) == {"theme": "light", "reduced_motion": True, "week_start": "monday"}
    assert prefer(me, theme=None, density=None).json()["preferences"] == preferred(me)
    assert preferred(me) == {"reduced_motion": True, "week_start": "monday"}
    assert me.patch("users/me", {"preferences": {}}).json()["preferences"] == preferred(me)


def test_clients_keep_what_they_like_under_custom(me):
    own = {
        "custom.sidebar": "narrow",
        "custom.app.zoom": 1.5,
        "custom.tour-done": True,
        "custom.n": -7,
        "custom.empty": "",
    }
    assert me.patch("users/me", {"preferences": own}).json()["preferences"] == own
    assert preferred(me) == own


@pytest.mark.parametrize("key", CHOICES)
def test_every_choice_of_a_key_is_taken_and_no_other(me, key):
    for value in CHOICES[key]:
        assert prefer(me, **{key: value}).status_code == 200
    for wrong in ("other", "", True, 7, [], {}):
        assert pointers(prefer(me, **{key: wrong})) == {f"/preferences/{key}"}
    assert preferred(me) == {key: CHOICES[key][-1]}


@pytest.mark.parametrize("key", SWITCHES)
def test_a_switch_is_on_or_off(me, key):
    assert prefer(me, **{key: False}).json()["preferences"] == {key: False}
    for wrong in ("true", 1, [], {}):
        assert pointers(prefer(me, **{key: wrong})) == {f"/preferences/{key}"}


@pytest.mark.parametrize(
    ("preferences", "wrong"),
    [
        ({"colour": "red"}, {"/preferences/colour"}),
        ({"theme": "dark", "a": 1, "b": 2}, {"/preferences/a", "/preferences/b"}),
        ({"custom": "x"}, {"/preferences/custom"}),
        ({"custom.": "x"}, {"/preferences/custom."}),
        ({"custom.A": "x"}, {"/preferences/custom.A"}),
        ({"custom.a/b": "x"}, {"/preferences/custom.a~1b"}),
        ({"custom." + "a" * 65: "x"}, {"/preferences/custom." + "a" * 65}),
        ({"custom.a": "x" * 501}, {"/preferences/custom.a"}),
        ({"custom.a": "a\0b"}, {"/preferences/custom.a"}),
        ({"custom.a": ["x"]}, {"/preferences/custom.a"}),
        ({"custom.a": {"b": 1}}, {"/preferences/custom.a"}),
        ({"custom.a": 2**53}, {"/preferences/custom.a"}),
        (["theme"], {"/preferences"}),
        ("dark", {"/preferences"}),
        (None, {"/preferences"}),
    ],
)
def test_what_is_no_preference_is_refused_where_it_stands(me, preferences, wrong):
    prefer(me, theme="dark")
    assert pointers(me.patch("users/me", {"preferences": preferences})) == wrong
    assert preferred(me) == {"theme": "dark"}


def test_there_are_a_hundred_free_keys_at_most(me):
    own = {f"custom.k{number}": number for number in range(MOST_CUSTOM)}
    assert me.patch("users/me", {"preferences": {**own, "theme": "dark"}}).status_code == 200
    refused = problem(prefer(me, **{"custom.more": 1}), 422, "users.too_many_preferences")
    assert refused["errors"][0]["pointer"] == "/preferences"
    assert prefer(me, **{"custom.k0": None, "custom.more": 1}).status_code == 200
    assert len(preferred(me)) == MOST_CUSTOM + 1


def test_the_event_says_that_they_changed_and_not_to_what(me):
    prefer(me, **{"custom.secret": "hush"})
    prefer(me, **{"custom.secret": "hush"})
    said = Outbox.objects.using("users").filter(name="users.profile_updated.v1")
    [payload] = [row.payload for row in said]
    assert payload["fields"] == ["preferences"]
    assert "hush" not in str(payload)


_KEYS = st.sampled_from(["theme", "density", *(f"custom.{n}" for n in range(5))])
_VALUES = st.sampled_from([None, True, False, "", "dark", 0, 7])
_PATCHES = st.dictionaries(_KEYS, _VALUES)


@given(_PATCHES.map(lambda d: {k: v for k, v in d.items() if v is not None}), _PATCHES)
def test_merging_is_what_rfc_7396_says(present, wanted):
    found = merged(present, wanted)
    assert None not in found.values()
    assert {k: v for k, v in found.items() if k not in wanted} == {
        k: v for k, v in present.items() if k not in wanted
    }
    assert {k: v for k, v in found.items() if k in wanted} == {
        k: v for k, v in wanted.items() if v is not None
    }
    assert merged(found, wanted) == found


def test_merging_counts_what_is_left():
    full = {f"custom.{number}": 1 for number in range(MOST_CUSTOM)}
    assert merged(full, {"custom.0": None, "custom.new": 1})
    with pytest.raises(TooManyPreferences):
        merged(full, {"custom.new": 1})
