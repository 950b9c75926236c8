"""Access tokens are verified from the served key set by libraries that did not sign them."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import jwt as pyjwt
import pytest
from joserfc import jwt as jose
from joserfc.errors import BadSignatureError, InvalidKeyIdError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from domains.auth import interface as auth
from domains.auth.models import SigningKey
from domains.auth.services import jws, keys, tokens
from gateway import credentials
from kernel import clock as real
from tests.auth.conftest import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")

EXPECTED = {"iss": "http://testserver", "aud": "tenon"}


def served(api) -> dict:
    answer = api.get("/.well-known/jwks.json")
    assert answer["Cache-Control"] == "public, max-age=300"
    return answer.json()


def sign_in(api) -> str:
    credentials = {"email": "ada@example.com", "password": PASSWORD}
    return api.post("auth/login", credentials).json()["access_token"]


def by_pyjwt(token: str, key_set: dict) -> dict:
    key = pyjwt.PyJWKSet.from_dict(key_set)[pyjwt.get_unverified_header(token)["kid"]]
    return pyjwt.decode(
        token,
        key,
        algorithms=["ES256"],
        issuer=EXPECTED["iss"],
        audience=EXPECTED["aud"],
        options={"require": ["exp", "iat", "nbf", "sub"]},
    )


def by_joserfc(token: str, key_set: dict) -> dict:
    read = jose.decode(token, KeySet.import_key_set(key_set), algorithms=["ES256"])
    assert read.header["typ"] == "at+jwt"
    required = {name: {"essential": True, "value": value} for name, value in EXPECTED.items()}
    JWTClaimsRegistry(**required).validate(read.claims)
    return read.claims


LIBRARIES = pytest.mark.parametrize("verify", [by_pyjwt, by_joserfc])


@pytest.fixture
def account(api, deliver_events):
    account = auth.ensure_account(email="ada@example.com", password=PASSWORD)
    deliver_events()
    return account


def rotate() -> None:
    """Rotate as if the next key had been published for as long as it must be."""
    waiting = SigningKey.objects.filter(activated_at=None)
    waiting.update(created_at=real.now() - keys.ANNOUNCED)
    keys.rotate(now=real.now())


@LIBRARIES
def test_a_key_set_from_before_a_rotation_verifies_what_is_signed_after_it(verify, api, account):
    """Whoever keeps the set may do so over the whole rotation."""
    before = sign_in(api)
    kept = served(api)
    rotate()
    after = sign_in(api)
    fresh = served(api)
    kids = [pyjwt.get_unverified_header(token)["kid"] for token in (before, after)]
    assert kids[0] != kids[1]
    for key_set in (kept, fresh):
        for token in (before, after):
            assert verify(token, key_set)["sub"] == str(account.id)


@LIBRARIES
def test_neither_takes_a_forgery(verify, api, account):
    token = sign_in(api)
    head, claims, signature = token.split(".")
    letter = "A" if signature[40] != "A" else "B"
    forged = f"{head}.{claims}.{signature[:40]}{letter}{signature[41:]}"
    with pytest.raises((pyjwt.InvalidSignatureError, BadSignatureError)):
        verify(forged, served(api))


@LIBRARIES
def test_what_a_compromised_key_signed_is_verified_no_more(verify, api, account):
    token = sign_in(api)
    keys.replace_compromised(now=real.now())
    with pytest.raises((KeyError, InvalidKeyIdError, ValueError)):
        verify(token, served(api))
    assert verify(sign_in(api), served(api))["sub"] == str(account.id)


def test_no_valid_token_fails_at_the_gateway_across_rotations(api, account):
    clients = []
    for _ in range(3):
        clients.append(api.as_(token=sign_in(api)))
        assert [c.get("users/me").status_code for c in clients] == [200] * len(clients)
        # An hour in which the next key is published, and the gateway asks every minute.
        credentials.verifier()._keys._asked = float("-inf")
        rotate()
    assert [c.get("users/me").status_code for c in clients] == [200] * 3


def test_the_signing_code_imports_neither_library():
    for module in (jws, tokens):
        tree = ast.parse(Path(module.__file__).read_text("utf-8"))
        imported = {
            getattr(node, "module", None) or node.names[0].name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        assert not {name for name in imported if name.split(".")[0] in ("jwt", "joserfc")}


def test_keys_overlap_for_longer_than_any_token_lives(settings):
    longest = settings.ACCESS_TOKEN_LIFETIME + timedelta(seconds=30 + keys.FRESH_SECONDS)
    assert longest < keys.OVERLAP
