"""Secrets at rest and signatures, across key rotations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import crypto


@given(st.text())
def test_what_is_encrypted_can_be_read_again_and_not_seen(text):
    token = crypto.encrypt(text)
    assert crypto.decrypt(token) == text
    assert len(text) < 8 or text not in token


def test_a_former_key_still_decrypts_and_verifies_after_a_rotation(settings):
    token, signature = crypto.encrypt("seed"), crypto.sign("cursor", b"data")
    settings.FIELD_ENCRYPTION_KEYS = ("new", *settings.FIELD_ENCRYPTION_KEYS)
    settings.SIGNING_KEYS = ("new", *settings.SIGNING_KEYS)
    assert crypto.decrypt(token) == "seed"
    assert crypto.verify("cursor", b"data", signature)
    assert crypto.sign("cursor", b"data") != signature


def test_a_removed_key_decrypts_and_verifies_nothing(settings):
    token, signature = crypto.encrypt("seed"), crypto.sign("cursor", b"data")
    settings.FIELD_ENCRYPTION_KEYS = settings.SIGNING_KEYS = ("new",)
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(token)
    assert not crypto.verify("cursor", b"data", signature)


@pytest.mark.parametrize("token", ["", "x", "gAAAAA", "ü"])
def test_what_was_never_encrypted_is_refused(token):
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(token)


def test_a_signature_is_good_for_its_purpose_and_data_alone():
    signature = crypto.sign("cursor", b"data")
    assert crypto.verify("cursor", b"data", signature)
    assert not crypto.verify("upload", b"data", signature)
    assert not crypto.verify("cursor", b"datA", signature)
    assert not crypto.verify("cursor", b"data", "ü" + signature)


def test_secrets_do_not_repeat():
    assert len({crypto.new_secret() for _ in range(1000)}) == 1000
