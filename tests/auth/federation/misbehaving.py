"""A small OpenID provider in the test's process, which says whatever the test wants said."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import Key, RSAKey

EMAIL = {"email": "eve@example.com", "email_verified": True}


def new_key() -> RSAKey:
    key = RSAKey.generate_key(2048, {"use": "sig"}, private=True)
    key.ensure_kid()
    return key


@cache
def first_key() -> RSAKey:
    """One key for all issuers: making one is slow."""
    return new_key()


@dataclass
class Issuer:
    """`claims` change what its ID tokens say; None leaves a claim out."""

    url: str
    client_id: str
    key: Key = field(default_factory=first_key)
    claims: dict[str, Any] = field(default_factory=lambda: dict(EMAIL))
    header: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    token_status: int = 200
    nonce: str = ""
    userinfo: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)

    def went(self, authorization_url: str) -> dict[str, str]:
        """Let somebody sign in here; return what they bring back."""
        asked = dict(parse_qsl(urlsplit(authorization_url).query))
        self.nonce = asked["nonce"]
        return {"state": asked["state"], "code": "a code"}

    def id_token(self, **more: Any) -> str:
        now = int(time.time())
        said = {
            "iss": self.url,
            "sub": "eve",
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            **self.claims,
            **more,
        }
        return self.signed({name: value for name, value in said.items() if value is not None})

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        header = {"alg": "RS256", "kid": self.key.kid, **self.header, **header}
        if self.sign is not None:
            return self.sign(header, claims)
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]])

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/end",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            **self.document,
        }

    def answer(self, path: str) -> Any:
        if path == "/.well-known/openid-configuration":
            return self.describe()
        if path == "/jwks":
            return {"keys": [self.key.as_dict(private=False)]}
        if path == "/userinfo":
            return self.userinfo
        return {"access_token": "for nothing", "token_type": "Bearer", "id_token": self.id_token()}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        issuer: Issuer = self.server.issuer
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        issuer.asked.append(self.path)
        if self.path in issuer.answers:
            issuer.answers[self.path](self)
            return
        body = json.dumps(issuer.answer(self.path)).encode()
        self.send_response(issuer.token_status if self.path == "/token" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  http.server's names

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving(*, client_id: str) -> Iterator[Issuer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    issuer = Issuer(url=f"http://127.0.0.1:{server.server_port}", client_id=client_id)
    server.issuer = issuer
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
