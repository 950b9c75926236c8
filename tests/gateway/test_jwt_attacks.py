"""The known attacks on JWTs (RFC 8725 and the field's folklore), each through the whole gateway.

Every forgery is as good as its maker could make it: but for the one thing that it is about, it is
a token of ours, signed by the key that signs at this moment where the attack allows it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from uuid import uuid4

import jwt
import pytest
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm

from domains.auth.contract.data import Method
from domains.auth.models import Account
from domains.auth.services import keys, login, tickets
from domains.auth.services.clients import Client
from gateway import access_log
from kernel.clock import now
from kernel.db import transaction
from tests.gateway.conftest import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")

FOREIGN = ec.generate_private_key(ec.SECP256R1())


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def signature(text: str, key) -> str:
    return b64(ECAlgorithm(ECAlgorithm.SHA256).sign(text.encode(), key))


@dataclass
class Forger:
    """Whoever has one good token, and in the worst case our key's signature on anything."""

    token: str

    def __post_init__(self):
        signer = keys.get_signer(now=now())
        self.kid, self.key = signer.kid, signer.key
        self.claims = jwt.decode(self.token, options={"verify_signature": False})

    def text(self, header: dict, claims: dict) -> str:
        return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"

    def make(self, *, header=None, key=None, **changes) -> str:
        """Return a token signed by us (or by `key`) with other header members and claims."""
        head = {"alg": "ES256", "typ": "at+jwt", "kid": self.kid} | (header or {})
        claims = {n: v for n, v in (self.claims | changes).items() if v is not None}
        text = self.text({n: v for n, v in head.items() if v is not None}, claims)
        return f"{text}.{signature(text, key or self.key)}"

    def raw(self, header: str, claims: str) -> str:
        text = f"{b64(header.encode())}.{b64(claims.encode())}"
        return f"{text}.{signature(text, self.key)}"

    def unsigned(self, algorithm: str, end: str = "") -> str:
        return self.text({"alg": algorithm, "typ": "at+jwt", "kid": self.kid}, self.claims) + (
            f".{end}"
        )

    def by_shared_secret(self, form: serialization.PublicFormat, encoding) -> str:
        secret = self.key.public_key().public_bytes(encoding, form)
        text = self.text({"alg": "HS256", "typ": "at+jwt", "kid": self.kid}, self.claims)
        return f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"

    def tampered(self, part: int) -> str:
        parts = self.token.split(".")
        middle = len(parts[part]) // 2
        letter = "A" if parts[part][middle] != "A" else "B"
        parts[part] = parts[part][:middle] + letter + parts[part][middle + 1 :]
        return ".".join(parts)

    def as_somebody_else(self) -> str:
        head, _, end = self.token.split(".")
        return f"{head}.{b64(json.dumps(self.claims | {'sub': str(uuid4())}).encode())}.{end}"

    def as_json(self) -> str:
        names = ("protected", "payload", "signature")
        return b64(json.dumps(dict(zip(names, self.token.split("."), strict=True))).encode())

    def id_token(self) -> str:
        provider = rsa.generate_private_key(65537, 2048)
        claims = {n: self.claims[n] for n in ("sub", "iat", "exp", "auth_time")}
        claims |= {"iss": "https://accounts.example.com", "aud": "tenon", "nonce": "n"}
        return jwt.encode(claims, provider, "RS256", headers={"kid": "provider-1"})


def jwk(key) -> dict:
    return json.loads(ECAlgorithm.to_jwk(key.public_key()))


def seconds(offset: int) -> int:
    return int(time.time()) + offset


def refresh_token(_: Forger) -> str:
    credentials = {"email": "ada@example.com", "password": PASSWORD}
    return login.log_in(client=Client(), now=now(), **credentials).refresh_token


def mfa_ticket(_: Forger) -> str:
    with transaction("auth"):
        needed = tickets.issue(
            Account.objects.get(),
            proven=(Method.PASSWORD,),
            methods=(Method.TOTP,),
            identity=None,
            provider_session="",
            now=now(),
        )
    return needed.ticket


PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
POINT = serialization.PublicFormat.UncompressedPoint
DOUBLED_HEADER = '{{"alg": "none", "alg": "ES256", "typ": "at+jwt", "kid": "{0}"}}'

ATTACKS = {
    "alg none": lambda f: f.unsigned("none"),
    "alg None": lambda f: f.unsigned("None"),
    "alg nOnE with a signature": lambda f: f.unsigned("nOnE", "A" * 86),
    "ES256 with an empty signature": lambda f: f.unsigned("ES256"),
    "ES256 with a signature of zeros": lambda f: f.unsigned("ES256", "A" * 86),
    "HS256 with the public key as PEM": lambda f: f.by_shared_secret(SPKI, PEM),
    "HS256 with the public key as DER": lambda f: f.by_shared_secret(SPKI, DER),
    "HS256 with the public point": lambda f: f.by_shared_secret(POINT, serialization.Encoding.X962),
    "another algorithm of the same key": lambda f: f.make(header={"alg": "ES384"}),
    "a foreign key under our kid": lambda f: f.make(key=FOREIGN),
    "a foreign kid": lambda f: f.make(header={"kid": "other"}, key=FOREIGN),
    "no kid": lambda f: f.make(header={"kid": None}),
    "a path in kid": lambda f: f.make(header={"kid": "../../../../dev/null"}),
    "SQL in kid": lambda f: f.make(header={"kid": f"{f.kid}' OR '1'='1"}),
    "SQL UNION in kid": lambda f: f.make(header={"kid": "x' UNION SELECT 'key' --"}),
    "a command in kid": lambda f: f.make(header={"kid": "| sleep 10"}),
    "an embedded jwk": lambda f: f.make(header={"jwk": jwk(FOREIGN)}, key=FOREIGN),
    "our own jwk embedded": lambda f: f.make(header={"jwk": jwk(f.key)}),
    "jku": lambda f: f.make(header={"jku": "https://evil.example/jwks.json"}, key=FOREIGN),
    "our own jku": lambda f: f.make(header={"jku": "http://testserver/.well-known/jwks.json"}),
    "x5u": lambda f: f.make(header={"x5u": "https://evil.example/cert.pem"}, key=FOREIGN),
    "x5c": lambda f: f.make(header={"x5c": [b64(b"certificate")]}, key=FOREIGN),
    "crit": lambda f: f.make(header={"crit": ["exp"], "exp": 1}),
    "crit b64": lambda f: f.make(header={"crit": ["b64"], "b64": False}),
    "compressed": lambda f: f.make(header={"zip": "DEF"}),
    "expired": lambda f: f.make(exp=seconds(-31)),
    "without expiry": lambda f: f.make(exp=None),
    "not yet valid": lambda f: f.make(nbf=seconds(35)),
    "issued in the future": lambda f: f.make(iat=seconds(35)),
    "wrong aud": lambda f: f.make(aud="other"),
    "several aud": lambda f: f.make(aud=["tenon", "other"]),
    "without aud": lambda f: f.make(aud=None),
    "wrong iss": lambda f: f.make(iss="https://evil.example"),
    "iss that begins like ours": lambda f: f.make(iss="http://testserver.evil.example"),
    "without iss": lambda f: f.make(iss=None),
    "typ JWT": lambda f: f.make(header={"typ": "JWT"}),
    "typ of another token": lambda f: f.make(header={"typ": "logout+jwt"}),
    "without typ": lambda f: f.make(header={"typ": None}),
    "somebody else's session": lambda f: f.make(sub=str(uuid4())),
    "a session that never was": lambda f: f.make(sid=str(uuid4())),
    "a refresh token": refresh_token,
    "an MFA ticket": mfa_ticket,
    "an ID token of a provider": lambda f: f.id_token(),
    "a claim twice": lambda f: f.raw(
        json.dumps({"alg": "ES256", "typ": "at+jwt", "kid": f.kid}),
        f'{{"sub": "{uuid4()}", {json.dumps(f.claims)[1:]}',
    ),
    "a header member twice": lambda f: f.raw(DOUBLED_HEADER.format(f.kid), json.dumps(f.claims)),
    "a tampered header": lambda f: f.tampered(0),
    "a tampered payload": lambda f: f.tampered(1),
    "a tampered signature": lambda f: f.tampered(2),
    "another subject under the old signature": lambda f: f.as_somebody_else(),
    "oversized": lambda f: f.make(more="x" * 5000),
    "nested deeply": lambda f: f.raw("[" * 1400, "[" * 1400),
    "JSON serialization": lambda f: f.as_json(),
    "five parts": lambda f: f"{f.token}.{f.token.partition('.')[2]}",
    "nothing between the dots": lambda _: "..",
    "garbage": lambda _: "garbage",
    "empty": lambda _: "",
}


@pytest.fixture
def lines(monkeypatch):
    captured = structlog.testing.LogCapture()
    log = structlog.wrap_logger(
        None, processors=[captured], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    monkeypatch.setattr(access_log, "log", log)
    return captured.entries


def test_the_forger_could_make_a_good_one(ada):
    """Otherwise the table would show nothing."""
    forger = Forger(ada.token)
    header = json.dumps({"alg": "ES256", "typ": "at+jwt", "kid": forger.kid})
    for good in (forger.make(), forger.raw(header, json.dumps(forger.claims))):
        assert ada.api.as_(token=good).get("t/me").status_code == 200


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_refused_and_leaves_one_line(attack, ada, lines, caplog):
    forged = ATTACKS[attack](Forger(ada.token))
    caplog.set_level("INFO")
    caplog.clear()
    answer = ada.api.as_(token=forged).get("t/me")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith('Bearer realm="tenon"')
    (line,) = lines
    assert (line["event"], line["status"]) == ("request", 401)
    assert line["problem"] == answer.json()["code"]
    assert [record.getMessage() for record in caplog.records] == []
    if forged:
        assert forged not in json.dumps(lines, default=str) + answer.content.decode()
