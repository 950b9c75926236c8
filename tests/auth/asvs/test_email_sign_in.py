"""Lines of ASVS 5.0 that codes and links in mails meet."""

from __future__ import annotations

import secrets

import pytest

from domains.auth.contract.errors import SignInLocked, TicketInvalid
from domains.auth.models import Account, Totp
from domains.auth.services import email_sign_in, mail_proofs
from domains.auth.services.tickets import FactorNeeded
from domains.auth.services.tokens import Tokens
from tests.auth.test_email_sign_in import ask, mailed, refused, show, wrong

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def ada(ada) -> Account:
    ada.email_sign_in = True
    ada.save()
    return ada


def test_asvs_v5_0_0_6_3_4(ada, clock):
    """Signing in by mail passes by no second factor, and no account has it unasked."""
    assert Account().email_sign_in is False
    Totp.objects.create(account=ada, created_at=clock.now, confirmed_at=clock.now)
    ticket = ask(clock)
    assert isinstance(show(clock, ticket, code=mailed(clock).code), FactorNeeded)


def test_asvs_v5_0_0_6_5_1(ada, clock):
    """A code is good once."""
    ticket = ask(clock)
    mail = mailed(clock)
    assert isinstance(show(clock, ticket, code=mail.code), Tokens)
    refused(clock, ticket, code=mail.code)


def test_asvs_v5_0_0_6_5_3(ada, clock, monkeypatch):
    """Codes come from the system's generator of secrets."""
    monkeypatch.setattr(secrets, "randbelow", lambda limit: limit - 1)
    ask(clock)
    assert mailed(clock).code == "99999999"


def test_asvs_v5_0_0_6_5_4(ada, clock):
    """Eight digits are 26 bits."""
    ask(clock)
    code = mailed(clock).code
    assert len(code) == mail_proofs.CODE_DIGITS == 8
    assert code.isdecimal()


def test_asvs_v5_0_0_6_5_5(ada, clock):
    """A code is good for ten minutes."""
    ticket = ask(clock)
    mail = mailed(clock)
    assert email_sign_in.LIFETIME.total_seconds() == 600
    clock.advance(minutes=10)
    refused(clock, ticket, code=mail.code)


def test_asvs_v5_0_0_6_6_2(ada, clock):
    """A code is good for the request alone that it was sent for."""
    former = ask(clock)
    mail = mailed(clock)
    later = ask(clock)
    for ticket in (former, later):
        refused(clock, ticket, code=mail.code)


def test_asvs_v5_0_0_6_6_3(ada, clock):
    """Five codes can be tried for one mail, and ten an hour for one account."""
    ticket = ask(clock)
    mail = mailed(clock)
    for _ in range(5):
        refused(clock, ticket, code=wrong(mail.code))
    refused(clock, ticket, code=mail.code)
    ticket = ask(clock)
    with pytest.raises((TicketInvalid, SignInLocked)) as refusal:
        for _ in range(6):
            with pytest.raises(TicketInvalid):
                show(clock, ticket, code=wrong(mailed(clock).code))
    assert refusal.type is SignInLocked
