from __future__ import annotations

import pytest

from domains.auth.contract.errors import EmailInvalid
from domains.auth.models import Account, Registration
from domains.auth.services import expiry, login, registration, verification
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.said import names

pytestmark = pytest.mark.django_db(databases="__all__")
EMAIL = "bob@example.com"


def register(clock, password=PASSWORD) -> Account:
    registration.register(email=EMAIL, password=password, now=clock.now)
    return Account.objects.with_email(EMAIL).get()


def mailed(account, clock) -> str:
    return verification.issue_email_verification(account_id=account.id, now=clock.now)


def test_one_more_mail_is_as_good_as_the_first(clock):
    bob = register(clock)
    first = mailed(bob, clock)
    verification.resend(email="BOB@example.com", now=clock.advance(minutes=5))
    assert names() == ["auth.account_registered.v1"] * 2
    second = mailed(bob, clock)
    assert first != second
    verification.verify_email(token=second, now=clock.now)
    assert login.log_in(client=CLIENT, email=EMAIL, password=PASSWORD, now=clock.now)


def test_of_several_passwords_a_mail_on_demand_binds_none(clock):
    """Pre-hijacking: the owner asks for a mail after a stranger registered the address too."""
    bob = register(clock)
    mailed(bob, clock)
    register(clock, OTHER_PASSWORD)
    mailed(bob, clock)
    verification.resend(email=EMAIL, now=clock.advance(minutes=5))
    verification.verify_email(token=mailed(bob, clock), now=clock.now)
    bob.refresh_from_db()
    assert bob.email_verified_at == clock.now
    assert not bob.has_usable_password()


def test_an_address_can_be_confirmed_long_after_its_registration_is_gone(clock):
    bob = register(clock)
    expiry.delete_expired(now=clock.advance(days=8))
    verification.resend(email=EMAIL, now=clock.now)
    verification.verify_email(token=mailed(bob, clock), now=clock.now)
    bob.refresh_from_db()
    assert bob.email_verified_at == clock.now
    assert not bob.has_usable_password()


def test_nothing_is_sent_to_who_waits_for_no_mail(ada, clock):
    before = names()
    verification.resend(email=ada.email, now=clock.now)
    verification.resend(email="nobody@example.com", now=clock.now)
    bob = register(clock)
    Account.objects.filter(id=bob.id).update(is_active=False)
    verification.resend(email=EMAIL, now=clock.now)
    assert names() == [*before, "auth.account_registered.v1"]
    assert Registration.objects.count() == 1


def test_what_is_no_address_is_refused(clock):
    with pytest.raises(EmailInvalid):
        verification.resend(email="bob", now=clock.now)
