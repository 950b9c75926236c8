from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from domains.auth import interface as auth
from domains.auth.models import Account
from domains.auth.services import login, registration, verification
from domains.auth.services.clients import Client
from domains.auth.services.tokens import Tokens
from gateway import credentials
from tests.client import Api

CLIENT = Client(
    address="203.0.113.7",
    user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
)
PASSWORD = "correct horse battery staple"
OTHER_PASSWORD = "an entirely different phrase"


@dataclass
class Clock:
    """The time as the services are told it."""

    now: datetime = datetime(2026, 1, 31, 12, tzinfo=UTC)

    def advance(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ada(clock) -> Account:
    """An account that has proven its address."""
    registration.register(email="Ada@Example.com", password=PASSWORD, now=clock.now)
    account = Account.objects.with_email("ada@example.com").get()
    token = verification.issue_email_verification(account_id=account.id, now=clock.now)
    verification.verify_email(token=token, now=clock.now)
    account.refresh_from_db()
    return account


@pytest.fixture
def signed_in(ada, clock) -> Tokens:
    return login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=clock.now)


@pytest.fixture
def member(transactional_db) -> auth.Account:
    """An account whose rows other connections see."""
    return auth.ensure_account(email="mem@example.com", password=PASSWORD)


@pytest.fixture(autouse=True)
def _new_verifier():
    """The keys are made anew in every test, so nothing of the last one's may be remembered."""
    credentials.verifier.cache_clear()


@pytest.fixture
def account() -> auth.Account:
    return auth.ensure_account(email="ada@example.com", password=PASSWORD)


@pytest.fixture
def me(account, api, deliver_events) -> Api:
    """A client of the API that is signed in as the account's owner."""
    deliver_events()
    answer = api.post("auth/login", {"email": account.email, "password": PASSWORD})
    return api.as_(token=answer.json()["access_token"])
