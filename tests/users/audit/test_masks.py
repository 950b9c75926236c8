"""What an entry keeps: no secret, nothing endless, the personal apart from the facts."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.users.services.audit import masks

SECRETS = ["token", "refresh_token", "apiSecret", "password", "recovery_codes", "key_hash", "OTP"]


@pytest.mark.parametrize("key", SECRETS)
def test_what_is_called_like_a_secret_is_masked_wherever_it_is(key):
    payload = {key: "s3cr3t", "deep": [{"more": {key: ["s3cr3t"]}}]}
    facts, personal = masks.split(payload, own_names=False)
    assert "s3cr3t" not in json.dumps([facts, personal])
    assert facts[key] == masks.MASK


@pytest.mark.parametrize("key", ["proof_id", "api_key_id", "code_sent_at", "prefix", "kid", "role"])
def test_what_only_says_which_one_is_kept(key):
    assert masks.split({key: "x"}, own_names=False) == ({key: "x"}, {})


def test_a_changed_secret_is_only_said_to_have_changed():
    changes = [
        {"field": "webhook_secret", "before": "old", "after": "new"},
        {"field": "name", "before": "old", "after": "new"},
    ]
    facts, _ = masks.split({"changes": changes}, own_names=True)
    assert facts["changes"][0] == {"field": "webhook_secret", "before": "***", "after": "***"}
    assert facts["changes"][1] == changes[1]


def test_what_looks_like_a_secret_is_masked_whatever_it_is_called():
    token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmVk"
    facts, _ = masks.split({"said": f"Bearer {token}"}, own_names=False)
    assert facts == {"said": masks.MASK}


def test_words_about_people_stand_apart():
    payload = {"name": "Ada's key", "device": "Firefox", "account_id": "a", "reason": "asked"}
    facts, personal = masks.split(payload, own_names=False)
    assert facts == {"account_id": "a"}
    assert personal.keys() == {"name", "device", "reason"}


def test_the_name_of_a_role_is_no_persons():
    assert masks.split({"name": "Auditors"}, own_names=True) == ({"name": "Auditors"}, {})


def test_what_is_endless_is_cut():
    payload = {"text": "x" * 10_000, "many": list(range(10_000)), "deep": _nested(100)}
    facts, _ = masks.split(payload, own_names=False)
    assert len(json.dumps(facts)) < 3_000


def _nested(depth):
    return {"in": _nested(depth - 1)} if depth else 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(), JSON))
def test_masking_twice_is_masking_once(payload):
    facts, personal = masks.split(payload, own_names=False)
    for part in (facts, personal):
        again = masks.split(part, own_names=False)
        assert again[0] | again[1] == part
