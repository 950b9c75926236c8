"""Making and using passkeys in tests, with an authenticator in software."""

from __future__ import annotations

import pytest
from django.conf import settings

from domains.auth.contract.data import Method
from domains.auth.models import Account, PasskeyChallenge, Session
from domains.auth.services import (
    passkeys,
    sessions,
)
from kernel.db import transaction
from kernel.principal import Principal
from tests.auth import persons
from tests.auth.authenticator import Authenticator
from tests.auth.conftest import CLIENT, PASSWORD

Purpose = PasskeyChallenge.Purpose


def an_authenticator(**claims) -> Authenticator:
    right = {"domain": settings.PASSKEY_DOMAIN, "origin": settings.PASSKEY_ORIGINS[0]}
    return Authenticator(**right | claims)


def person(account) -> Principal:
    """Return the account's owner in a session that lives."""
    if not Session.objects.filter(account=account).exists():
        methods, now = (Method.PASSWORD,), account.created_at
        with transaction("auth"):
            sessions.start_session(account, methods=methods, client=CLIENT, now=now)
    return persons.person(account)


def register(account, clock, authenticator=None, name="Phone") -> Authenticator:
    authenticator = authenticator or an_authenticator()
    options = passkeys.registration_options(person(account), now=clock.now)
    credential = authenticator.create(options)
    passkeys.register(person(account), name=name, credential=credential, now=clock.now)
    return authenticator


def ask(account, clock, purpose=Purpose.SECOND_FACTOR):
    return passkeys.request_options(account, purpose=purpose, now=clock.now)


def verify(account, credential, clock, purpose=Purpose.SECOND_FACTOR) -> bool:
    return passkeys.verify(account, credential=credential, purpose=purpose, now=clock.now)


@pytest.fixture
def phone(ada, clock) -> Authenticator:
    return register(ada, clock)


@pytest.fixture
def bob(clock) -> Account:
    from domains.auth.services import accounts

    known = accounts.ensure_account(
        email="bob@example.com", password=PASSWORD, staff=False, now=clock.now
    )
    return Account.objects.get(id=known.id)
