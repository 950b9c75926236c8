from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from domains.auth import interface as auth
from domains.auth.services.federation import discovery
from gateway import credentials
from tests.auth.conftest import PASSWORD
from tests.auth.federation.browser import AFTER_LOGOUT, REDIRECT_URI, Browser
from tests.auth.federation.misbehaving import Issuer, serving
from tests.auth.federation.running import running

CLIENT_ID = "tenon"
OTHER_CLIENT_ID = "another-product"
CLIENT_SECRET = "s%+e:cret of the tests"
PEOPLE = {
    "ada": {"email": "ada@example.com", "email_verified": True},
    "ada2": {"email": "second@example.com", "email_verified": True},
    "mallory": {"email": "ada@example.com", "email_verified": False},
    "nobody": {},
}


@dataclass
class Providers:
    """Two real ones: `acme` tells addresses when asked, `other` in the ID token.

    They also want the client's secret in different places.
    """

    acme: str
    other: str
    logout_tokens: queue.Queue[str]


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.put(body.decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def real_providers() -> Iterator[Providers]:
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    receiver.received = queue.Queue()
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    client = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [REDIRECT_URI],
        "post_logout_redirect_uris": [AFTER_LOGOUT],
        "backchannel_logout_uri": f"http://127.0.0.1:{receiver.server_port}/",
        "backchannel_logout_session_required": True,
    }
    other = {**client, "client_id": OTHER_CLIENT_ID}
    known = {"clients": [client, other], "people": PEOPLE}
    with running(
        {**known, "inToken": False, "method": "client_secret_basic"},
        {**known, "inToken": True, "method": "client_secret_post"},
    ) as (acme, other):
        yield Providers(acme=acme, other=other, logout_tokens=receiver.received)
    receiver.shutdown()
    receiver.server_close()


@pytest.fixture
def configured(settings, monkeypatch):
    """Configure the issuers by name, as the environment does."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    credentials.verifier.cache_clear()
    settings.OIDC_REDIRECT_URIS = [REDIRECT_URI]
    settings.OIDC_LOGOUT_REDIRECT_URI = AFTER_LOGOUT

    def configure(**issuers: str) -> None:
        discovery.forget()
        settings.OIDC_PROVIDERS = {
            name: {
                "issuer": issuer,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "name": "",
                "scopes": "openid email",
            }
            for name, issuer in issuers.items()
        }

    yield configure
    discovery.forget()


@pytest.fixture
def providers(real_providers, configured) -> Providers:
    configured(acme=real_providers.acme, other=real_providers.other)
    return real_providers


@pytest.fixture
def issuer(configured) -> Iterator[Issuer]:
    """A provider in this process, called `odd`, that misbehaves as the test says."""
    with serving(client_id=CLIENT_ID) as issuer:
        configured(odd=issuer.url)
        yield issuer


@pytest.fixture
def person() -> Browser:
    return Browser()


@pytest.fixture
def account(db) -> auth.Account:
    """An account of ada's address with a password."""
    return auth.ensure_account(email="ada@example.com", password=PASSWORD)
