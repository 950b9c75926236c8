"""The issuer's keys, asked for by many at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from domains.auth import interface as auth
from gateway.tokens import VerificationKeys


@pytest.fixture
def slow_issuer(monkeypatch):
    """An issuer that takes its time; returns how often it was asked."""
    asked = []
    published = [
        auth.VerificationKey(kid="one", algorithm="ES256", public_key_pem=_public_key_pem())
    ]

    def get_verification_keys():
        asked.append(threading.get_ident())
        time.sleep(0.2)
        return published

    monkeypatch.setattr("gateway.tokens.auth.get_verification_keys", get_verification_keys)
    return asked


def _public_key_pem():
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def test_the_first_requests_of_a_process_wait_for_the_keys_and_ask_once(slow_issuer):
    keys = VerificationKeys()
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: keys.get("one"), range(6)))
    assert None not in found
    assert len(slow_issuer) == 1


def test_an_issuer_that_is_away_leaves_the_known_keys_in_force(slow_issuer, monkeypatch):
    keys = VerificationKeys()
    known = keys.get("one")

    def away():
        raise ConnectionError

    monkeypatch.setattr("gateway.tokens.auth.get_verification_keys", away)
    keys._asked = float("-inf")
    assert keys.get("one") is known
    assert keys.get("two") is None
