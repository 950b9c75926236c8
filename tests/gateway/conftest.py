from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.client import Api

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _throw_away_views(settings):
    settings.ROOT_URLCONF = "tests.gateway.urls"


@dataclass
class SignedIn:
    """An account with a session, and a client that is signed in as it."""

    api: Api
    account_id: UUID
    token: str


@pytest.fixture
def sign_in():
    """Return a function that makes an account of that name and signs it in."""
    from domains.auth import interface as auth
    from domains.auth.services import clients, login
    from kernel.clock import now

    def sign_in(name: str = "ada") -> SignedIn:
        email = f"{name}@example.com"
        account = auth.ensure_account(email=email, password=PASSWORD)
        tokens = login.log_in(client=clients.Client(), email=email, password=PASSWORD, now=now())
        return SignedIn(Api().as_(token=tokens.access_token), account.id, tokens.access_token)

    return sign_in


@pytest.fixture
def ada(sign_in) -> SignedIn:
    return sign_in()


@pytest.fixture
def redis_away(settings):
    """Nothing listens where Redis should be."""
    default = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": default}
