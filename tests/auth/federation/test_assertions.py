"""What a provider's ID token must hold; the provider is one that can be made to misbehave."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey

from domains.auth.models import Account, Session
from tests.auth.federation.conftest import CLIENT_ID, CLIENT_SECRET
from tests.auth.federation.misbehaving import first_key, new_key
from tests.auth.federation.steps import code_of, finish, start

pytestmark = pytest.mark.django_db(databases="__all__")


def try_it(api, issuer):
    started = start(api, "odd")
    return finish(api, started, issuer.went(started["authorization_url"]), "odd")


def refused(api, issuer) -> str:
    """Return why nobody was signed in."""
    answer = try_it(api, issuer)
    assert code_of(answer) == (401, "auth.federation_failed")
    assert not Account.objects.exists()
    assert not Session.objects.exists()
    return answer.json()["detail"].rpartition(": ")[2].rstrip(".")


def test_a_good_one_is_taken(api, issuer):
    assert try_it(api, issuer).status_code == 200
    assert Account.objects.get().email == "eve@example.com"


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("aud", "another client"),
        ("aud", ["another client"]),
        ("aud", None),
        ("aud", ""),
        ("iss", "https://accounts.google.com"),
        ("iss", None),
        ("nonce", "another nonce"),
        ("nonce", None),
        ("nonce", 7),
        ("sub", None),
        ("sub", ""),
        ("sub", "e" * 256),
        ("sub", "e\0ve"),
        ("sub", 5),
        ("exp", None),
        ("exp", "tomorrow"),
        ("iat", None),
        ("sid", ["a", "b"]),
        ("azp", "another client"),
        ("at_hash", "c29tZXRoaW5nIGVsc2U"),
    ],
)
def test_a_wrong_claim_is_refused(api, issuer, claim, value):
    issuer.claims[claim] = value
    assert refused(api, issuer) == claim


def test_an_expired_one_is_refused(api, issuer):
    issuer.claims["exp"] = int(time.time()) - 31
    assert refused(api, issuer) == "exp"


def test_one_from_the_future_is_refused(api, issuer):
    issuer.claims["iat"] = int(time.time()) + 60
    assert refused(api, issuer) == "iat"
    issuer.claims = {**issuer.claims, "iat": None, "nbf": int(time.time()) + 60}
    assert refused(api, issuer) in ("nbf", "iat")


def test_of_several_audiences_the_party_must_be_this_client(api, issuer):
    issuer.claims["aud"] = [CLIENT_ID, "another client"]
    assert refused(api, issuer) == "azp"
    issuer.claims["azp"] = CLIENT_ID
    assert try_it(api, issuer).status_code == 200


@pytest.mark.parametrize("verified", ["true", 1, None, False])
def test_an_address_counts_only_if_it_is_said_to_be_verified(api, issuer, verified):
    issuer.claims["email_verified"] = verified
    assert code_of(try_it(api, issuer)) == (403, "auth.federated_email_unverified")


@pytest.mark.parametrize("email", ["", "eve", "a@b\0.c", 5, ["eve@example.com"], "e" * 300])
def test_an_address_must_be_one(api, issuer, email):
    issuer.claims["email"] = email
    assert code_of(try_it(api, issuer)) == (403, "auth.federated_email_unverified")


def test_a_foreign_key_is_refused(api, issuer):
    issuer.key = ECKey.generate_key("P-256", private=True)
    issuer.key.ensure_kid()
    other = ECKey.generate_key("P-256", private=True)
    header = {"alg": "ES256", "kid": issuer.key.kid, "jwk": other.as_dict(private=False)}
    issuer.sign = lambda _, claims: jwt.encode(header, claims, other)
    assert refused(api, issuer) == "bad_signature"


def test_a_key_that_the_token_points_at_is_not_fetched(api, issuer):
    other = new_key()
    issuer.header = {"jku": f"{issuer.url}/evil", "x5u": f"{issuer.url}/evil", "kid": other.kid}
    issuer.sign = lambda header, claims: jwt.encode(header, claims, other)
    assert refused(api, issuer) == "invalid_key_id"
    assert "/evil" not in issuer.asked


def encoded(value) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_an_unsigned_one_is_refused(api, issuer):
    issuer.sign = lambda header, claims: f"{encoded({'alg': 'none'})}.{encoded(claims)}."
    assert refused(api, issuer) == "form or algorithm"


@pytest.mark.parametrize("secret", ["client secret", "public key"])
def test_one_signed_with_a_shared_secret_is_refused(api, issuer, secret):
    known = CLIENT_SECRET if secret == "client secret" else issuer.key.as_pem(private=False)
    key = OctKey.import_key(known.encode() if isinstance(known, str) else urlsafe_b64encode(known))
    issuer.sign = lambda header, claims: jwt.encode(
        {**header, "alg": "HS256"}, claims, key, algorithms=["HS256"]
    )
    assert refused(api, issuer) == "form or algorithm"


def test_an_algorithm_that_the_provider_does_not_use_is_refused(api, issuer):
    issuer.document["id_token_signing_alg_values_supported"] = ["ES256"]
    assert refused(api, issuer) == "form or algorithm"


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("PS256", first_key()),
        ("ES256", ECKey.generate_key("P-256", private=True)),
        ("EdDSA", OKPKey.generate_key("Ed25519", private=True)),
    ],
)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_other_algorithms_are_taken(api, issuer, algorithm, key):
    key.ensure_kid()
    issuer.key, issuer.header = key, {"alg": algorithm}
    issuer.document["id_token_signing_alg_values_supported"] = [algorithm]
    assert try_it(api, issuer).status_code == 200


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt"])
def test_a_token_of_another_type_is_refused(api, issuer, typ):
    issuer.header["typ"] = typ
    assert refused(api, issuer) == "type"


def test_a_critical_header_that_nobody_understands_is_refused(api, issuer):
    def sign(header, claims):
        header = encoded({**header, "crit": ["b64x"], "b64x": True})
        good = jwt.encode({"alg": "RS256"}, claims, issuer.key)
        return ".".join([header, *good.split(".")[1:]])

    issuer.sign = sign
    assert refused(api, issuer) == "form or algorithm"


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "é.é.é", "a" * 400_000, 5, None], ids=range(7))
def test_what_is_no_token_is_refused(api, issuer, token):
    issuer.sign = lambda *_: token
    assert code_of(try_it(api, issuer)) == (401, "auth.federation_failed")


def test_rotated_keys_are_fetched_once_and_then_not_for_a_pause(api, issuer):
    assert try_it(api, issuer).status_code == 200
    issuer.key = new_key()
    assert code_of(try_it(api, issuer)) == (401, "auth.federation_failed")
    assert issuer.asked.count("/jwks") == 1


def tells_when_asked(issuer, **claims) -> None:
    """Have the address told by UserInfo alone."""
    del issuer.claims["email"], issuer.claims["email_verified"]
    issuer.document["userinfo_endpoint"] = f"{issuer.url}/userinfo"
    issuer.userinfo = claims


def test_an_address_that_is_told_when_asked_counts(api, issuer):
    tells_when_asked(issuer, sub="eve", email="eve@example.com", email_verified=True)
    assert try_it(api, issuer).status_code == 200
    assert try_it(api, issuer).status_code == 200
    assert issuer.asked.count("/userinfo") == 1  # who is known is not asked about


@pytest.mark.parametrize("subject", ["adam", None, ["eve"]])
def test_an_address_of_somebody_else_is_refused(api, issuer, subject):
    tells_when_asked(issuer, sub=subject, email="adam@example.com", email_verified=True)
    answer = try_it(api, issuer)
    assert code_of(answer) == (401, "auth.federation_failed")
    assert not Account.objects.exists()


def test_an_unverified_address_that_is_told_when_asked_does_not_count(api, issuer):
    tells_when_asked(issuer, sub="eve", email="eve@example.com")
    assert code_of(try_it(api, issuer)) == (403, "auth.federated_email_unverified")
