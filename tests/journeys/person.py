"""Somebody who uses the API as a client would: over HTTP, with the mails that reach them."""

from __future__ import annotations

import email
import email.policy
import hashlib
import random
import re
from email.message import EmailMessage
from ipaddress import IPv4Address
from typing import Any
from uuid import uuid4

import httpx

from tests import patience
from tests.journeys.stack import Tenon
from tests.patience import eventually

PASSWORD = "correct horse battery staple"
TOKEN = re.compile(r"^\s*([A-Za-z0-9_-]{30,})\s*$", re.MULTILINE)


class Person:
    """A client of the API with an address of its own."""

    def __init__(self, tenon: Tenon, name: str) -> None:
        self.tenon = tenon
        self.address = f"{name}-{uuid4().hex[:8]}@example.com"
        address = str(IPv4Address(random.getrandbits(32)))
        self.http = httpx.Client(
            base_url=f"{tenon.url}/api/v1/",
            timeout=patience.SECONDS,
            headers={"X-Forwarded-For": address},
        )
        self.refresh_token = ""

    def call(self, method: str, path: str, body: Any = None, **headers: Any) -> httpx.Response:
        """Send a request; every POST and PUT carries an Idempotency-Key of its own."""
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        if method in ("POST", "PUT"):
            named.setdefault("Idempotency-Key", uuid4().hex)
        return self.http.request(method, path, json=body, headers=named)

    def get(self, path: str, **headers: Any) -> Any:
        return self._done(self.call("GET", path, **headers))

    def post(self, path: str, body: Any = None, **headers: Any) -> Any:
        return self._done(self.call("POST", path, body, **headers))

    def put(self, path: str, body: Any = None, **headers: Any) -> Any:
        return self._done(self.call("PUT", path, body, **headers))

    def _done(self, response: httpx.Response) -> Any:
        assert response.is_success, f"{response.status_code} {response.text}"
        return response.json() if response.content else None

    def mails(self, subject: str) -> list[EmailMessage]:
        """Return the mails that reached this person with these words in the subject."""
        parsed = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted(self.tenon.mails.glob("*.eml"))
        ]
        return [m for m in parsed if self.address in m["To"] and subject in m["Subject"]]

    def token_from_mail(self, subject: str) -> str:
        """Return the secret that the newest such mail holds, once it has come."""
        mail = eventually(lambda: self.mails(subject))[-1]
        body = mail.get_body(("plain",))
        assert body is not None
        found = TOKEN.search(body.get_content())
        assert found, body.get_content()
        return found[1]

    def register(self) -> None:
        """Register and prove the address."""
        self.post("auth/register", {"email": self.address, "password": PASSWORD})
        self.post("auth/verify-email", {"token": self.token_from_mail("Confirm")})

    def log_in(self) -> None:
        """Start a session; further calls are made in it."""
        tokens = self.post("auth/login", {"email": self.address, "password": PASSWORD})
        self.refresh_token = tokens["refresh_token"]
        self.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def upload(self, name: str, data: bytes, content_type: str, **headers: Any) -> Any:
        """Announce, bring and complete a file."""
        opened = self.announce(name, data, content_type, **headers)
        upload = opened["upload"]
        sent = httpx.request(
            upload["method"], upload["url"], content=data, headers=upload["headers"]
        )
        assert sent.is_success, sent.text
        return self.post(f"files/{opened['id']}/complete")

    def announce(self, name: str, data: bytes, content_type: str, **headers: Any) -> Any:
        """Open an upload for the bytes."""
        facts = {
            "name": name,
            "size": len(data),
            "content_type": content_type,
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        return self.post("files", facts, **headers)

    def notified_of(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the feed once it holds all of these kinds."""

        def complete() -> list[dict[str, Any]]:
            feed: list[dict[str, Any]] = self.get("notifications")["data"]
            return feed if {item["kind"] for item in feed} >= set(kinds) else []

        return eventually(complete)
