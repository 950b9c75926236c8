"""Access tokens: only what the issuer signed, for us, now (RFC 8725)."""

from __future__ import annotations

import base64
import json
import time
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm

from gateway import tokens
from gateway.tokens import TokenInvalid, Verifier
from kernel.errors import Unavailable

ISSUER, AUDIENCE = "http://testserver", "tenon"


def pem_of(key) -> str:
    encoded = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded.decode()


class Issuer:
    """Stands for auth's keys; counts how often it is asked."""

    def __init__(self):
        self.keys = {"one": ec.generate_private_key(ec.SECP256R1())}
        self.asked = 0
        self.failing = None

    def published(self):
        from domains.auth.interface import VerificationKey

        self.asked += 1
        if self.failing:
            raise self.failing
        return [
            VerificationKey(kid=kid, algorithm="ES256", public_key_pem=pem_of(key))
            for kid, key in self.keys.items()
        ]

    def claims(self, **changes):
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(uuid4()),
            "sid": str(uuid4()),
            "iat": now,
            "nbf": now,
            "exp": now + 600,
            "auth_time": now,
        }
        return {name: v for name, v in (claims | changes).items() if v is not None}

    def token(self, kid="one", header=None, key=None, algorithm="ES256", **changes):
        headers = {"typ": "at+jwt", "kid": kid} | (header or {})
        key = key or self.keys[kid]
        return jwt.encode(self.claims(**changes), key, algorithm, headers=headers)


@pytest.fixture
def issuer(monkeypatch):
    issuer = Issuer()
    monkeypatch.setattr(tokens.auth, "get_verification_keys", issuer.published)
    return issuer


@pytest.fixture
def verifier():
    return Verifier()


def b64(data) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def refuses(verifier, token):
    with pytest.raises(TokenInvalid):
        verifier.verify(token)


def test_a_good_token_is_read(issuer, verifier):
    account, session = uuid4(), uuid4()
    token = issuer.token(sub=str(account), sid=str(session))
    read = verifier.verify(token)
    assert (read.account_id, read.session_id) == (account, session)
    assert verifier.verify(token) == read


def test_a_token_without_a_signature_is_refused(issuer, verifier):
    for algorithm in ("none", "None", "NONE"):
        header = b64({"alg": algorithm, "typ": "at+jwt", "kid": "one"})
        refuses(verifier, f"{header}.{b64(issuer.claims())}.")
        refuses(verifier, f"{header}.{b64(issuer.claims())}.{b64(b'x' * 64)}")


def test_the_public_key_is_no_shared_secret(issuer, verifier):
    import hashlib
    import hmac

    head = b64({"alg": "HS256", "typ": "at+jwt", "kid": "one"})
    signed = f"{head}.{b64(issuer.claims())}"
    for secret in (pem_of(issuer.keys["one"]), pem_of(issuer.keys["one"]).strip(), ""):
        mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
        refuses(verifier, f"{signed}.{b64(mac)}")


def test_other_algorithms_are_refused(issuer, verifier):
    rsa_key = rsa.generate_private_key(65537, 2048)
    refuses(verifier, issuer.token(key=rsa_key, algorithm="RS256"))
    p384 = ec.generate_private_key(ec.SECP384R1())
    refuses(verifier, issuer.token(key=p384, algorithm="ES384"))


def test_a_foreign_key_under_a_known_id_is_refused(issuer, verifier):
    foreign = ec.generate_private_key(ec.SECP256R1())
    refuses(verifier, issuer.token(key=foreign))


def test_a_signature_of_zeros_is_refused(issuer, verifier):
    head, claims, _ = issuer.token().split(".")
    refuses(verifier, f"{head}.{claims}.{b64(bytes(64))}")


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "two"},
        {"kid": ""},
        {"kid": "../../etc/passwd"},
        {"kid": "one' OR '1'='1"},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AAAA"]},
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": True},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"typ": "JWT"},
        {"typ": ""},
        {"typ": "refresh+jwt"},
    ],
)
def test_a_header_that_is_not_ours_is_refused(issuer, verifier, header):
    refuses(verifier, issuer.token(header=header, key=issuer.keys["one"]))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "ES256", "typ": "at+jwt"},
        {"alg": "ES256", "kid": "one"},
        {"alg": "ES256", "kid": ["one"], "typ": "at+jwt"},
        {"alg": "ES256", "kid": {"one": 1}, "typ": "at+jwt"},
        {"alg": "ES256", "kid": None, "typ": "at+jwt"},
        {"alg": "ES256", "kid": "one", "typ": 1},
        {"alg": ["ES256"], "kid": "one", "typ": "at+jwt"},
        {"alg": None, "kid": "one", "typ": "at+jwt"},
        [],
        "x",
    ],
)
def test_a_header_of_wrong_types_is_refused(issuer, verifier, header):
    refuses(verifier, f"{b64(header)}.{b64(issuer.claims())}.{b64(b'x' * 64)}")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "http://evil.example"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"aud": ["tenon", "other"]},
        {"sub": None},
        {"sub": "ada"},
        {"sub": 7},
        {"sid": None},
        {"sid": "x"},
        {"sid": ["x"]},
        {"exp": None},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"iat": None},
        {"auth_time": None},
        {"auth_time": "x"},
        {"iat": "x"},
        {"nbf": "x"},
    ],
)
def test_claims_that_are_missing_or_wrong_are_refused(issuer, verifier, changes):
    refuses(verifier, issuer.token(**changes))


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"exp": -25}, True),
        ({"exp": -35}, False),
        ({"nbf": 25}, True),
        ({"nbf": 35}, False),
        ({"iat": 25}, True),
        ({"iat": 35}, False),
    ],
)
def test_clocks_may_differ_by_thirty_seconds(issuer, verifier, changes, good):
    now = int(time.time())
    token = issuer.token(**{name: now + offset for name, offset in changes.items()})
    if good:
        verifier.verify(token)
    else:
        refuses(verifier, token)


def test_a_token_that_was_good_expires_all_the_same(issuer, verifier, monkeypatch):
    token = issuer.token()
    verifier.verify(token)
    later = time.time() + 631
    monkeypatch.setattr(tokens.time, "time", lambda: later)
    refuses(verifier, token)


def test_a_token_whose_key_was_withdrawn_is_refused(issuer, verifier, monkeypatch):
    token = issuer.token()
    verifier.verify(token)
    issuer.keys = {"two": ec.generate_private_key(ec.SECP256R1())}
    later = time.monotonic() + tokens.KEYS_FRESH_SECONDS + 1
    monkeypatch.setattr(tokens.time, "monotonic", lambda: later)
    refuses(verifier, token)


def test_a_new_key_is_fetched_when_a_token_names_it(issuer, verifier, monkeypatch):
    verifier.verify(issuer.token())
    issuer.keys["two"] = ec.generate_private_key(ec.SECP256R1())
    later = time.monotonic() + tokens.KEYS_PAUSE_SECONDS + 1
    monkeypatch.setattr(tokens.time, "monotonic", lambda: later)
    verifier.verify(issuer.token(kid="two"))


def test_unknown_keys_do_not_make_the_issuer_work(issuer, verifier):
    verifier.verify(issuer.token())
    for n in range(50):
        refuses(verifier, issuer.token(header={"kid": f"k{n}"}))
    assert issuer.asked == 1


def test_known_keys_hold_while_the_issuer_is_away(issuer, verifier, monkeypatch):
    verifier.verify(issuer.token())
    issuer.failing = Unavailable("away")
    later = time.monotonic() + tokens.KEYS_FRESH_SECONDS + 1
    monkeypatch.setattr(tokens.time, "monotonic", lambda: later)
    verifier.verify(issuer.token())


def test_without_any_key_nobody_is_told_that_his_token_is_wrong(issuer, verifier):
    issuer.failing = Unavailable("away")
    with pytest.raises(Unavailable):
        verifier.verify(issuer.token())


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b", "a.b.c", "a.b.c.d.e", "ü.ü.ü", "x" * 5000, "." * 4000]
)
def test_what_is_no_token_is_refused(issuer, verifier, text):
    refuses(verifier, text)


def test_claims_that_can_be_read_in_two_ways_are_refused(issuer, verifier):
    """Signed by the issuer's own key, so that nothing but the doubled name is wrong."""
    claims = json.dumps(issuer.claims())
    for more in (f'"sub": "{uuid4()}"', '"act": {"sub": "a", "sub": "b"}'):
        refuses(verifier, signed(issuer, raw=f"{claims[:-1]}, {more}}}"))
    header = '{"alg": "ES256", "typ": "at+jwt", "kid": "one", "kid": "one"}'
    refuses(verifier, signed(issuer, header=header, raw=claims))
    verifier.verify(signed(issuer, raw=claims))


def signed(issuer, *, raw, header='{"alg": "ES256", "typ": "at+jwt", "kid": "one"}'):
    """Return a token of exactly these texts."""
    text = f"{b64(header.encode())}.{b64(raw.encode())}"
    return f"{text}.{b64(ECAlgorithm(ECAlgorithm.SHA256).sign(text.encode(), issuer.keys['one']))}"


def test_no_other_text_of_a_good_token_is_good(issuer, verifier):
    """base64 has bits to spare, and lenient decoders skip what is no letter of it."""
    token = issuer.token()
    head, claims, signature = token.split(".")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = letters[letters.index(signature[-1]) + 1]
    for other in (
        f"{head}.{claims}.{signature[:-1]}{last}",
        f"{head}.{claims}.{signature}=",
        f"{head}.{claims}.{signature}==",
        f"{head}.{claims}.~{signature}",
        f"{head}=.{claims}.{signature}",
        f"{head}.{claims}",
        f"{token}.",
        f"{token}\n",
    ):
        refuses(verifier, other)
    verifier.verify(token)


def test_a_header_or_claims_of_any_depth_are_refused(issuer, verifier):
    deep = "[" * 1400
    refuses(verifier, f"{b64(deep.encode())}.{b64(issuer.claims())}.{'A' * 86}")
    refuses(verifier, signed(issuer, raw=deep))


@pytest.mark.parametrize("act", ["x", {}, {"sub": "x"}, {"sub": None}, [], 7])
def test_who_acts_must_be_named(issuer, verifier, act):
    refuses(verifier, issuer.token(act=act))


def test_staff_who_act_as_somebody_are_read(issuer, verifier):
    staff = uuid4()
    assert verifier.verify(issuer.token(act={"sub": str(staff)})).impersonator_id == staff
    assert verifier.verify(issuer.token()).impersonator_id is None


def test_an_oversized_token_is_refused_unread(issuer, verifier):
    refuses(verifier, issuer.token(header={"kid": "one"}, extra="x" * 5000))


def test_only_so_many_tokens_are_remembered(issuer, verifier, monkeypatch):
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    for _ in range(5):
        verifier.verify(issuer.token())
    assert len(verifier._seen) == 3


@pytest.mark.django_db(databases="__all__")
class TestOverHTTP:
    def test_a_real_token_signs_in(self, ada):
        response = ada.api.get("t/me")
        assert response.status_code == 200
        assert response.json()["account_id"] == str(ada.account_id)

    @pytest.mark.parametrize(
        ("header", "code"),
        [
            ("", "gateway.credentials_missing"),
            ("Bearer", "gateway.credentials_malformed"),
            ("Bearer ", "gateway.credentials_malformed"),
            ("Basic YTpi", "gateway.credentials_malformed"),
            ("Bearer a b", "gateway.credentials_malformed"),
            ("Bearer a,b", "gateway.credentials_malformed"),
            ("Bearer \u00fc", "gateway.credentials_malformed"),
            ("Bearer a.b.c", "gateway.token_invalid"),
            ("Bearer " + "a" * 5000, "gateway.token_invalid"),
            ("Bearer tnn_unknown", "auth.api_key_invalid"),
        ],
    )
    def test_anything_else_is_challenged(self, api, header, code):
        response = api.get("t/me", **({"Authorization": header} if header else {}))
        assert (response.status_code, response.json()["code"]) == (401, code)
        assert response["WWW-Authenticate"].startswith('Bearer realm="tenon"')
        assert ("invalid_token" in response["WWW-Authenticate"]) == bool(header)

    def test_a_public_operation_does_not_even_look(self, api):
        response = api.get("t/public", Authorization="Bearer rubbish")
        assert response.json() == {"user": False}

    def test_an_altered_token_is_refused(self, ada):
        head, claims, signature = ada.token.split(".")
        other = json.loads(base64.urlsafe_b64decode(claims + "=="))
        other["sub"] = str(uuid4())
        forged = f"{head}.{b64(other)}.{signature}"
        assert ada.api.as_(token=forged).get("t/me").status_code == 401
