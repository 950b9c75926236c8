"""Lines of ASVS 5.0 about telling people what happened to the ways into their account."""

from __future__ import annotations

import pytest
from django.core import mail

from domains.auth import interface as auth
from domains.auth.models import MailProof
from domains.auth.services import email_change, login, password_reset
from kernel import clock as real
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.people import mailed, sign_in

pytestmark = pytest.mark.django_db(databases="__all__")
FORMER, LATTER = "told@example.com", "told@example.org"


class Present:
    """The wall's clock, as the tests' own is read."""

    @property
    def now(self):
        return real.now()


def subjects_to(address: str) -> list[str]:
    return [each.subject for each in mail.outbox if each.to == [address]]


def test_asvs_v5_0_0_6_3_7(deliver_events):
    """Of a reset and of another address the owner is told, where the change doesn't reach."""
    account = auth.ensure_account(email=FORMER, password=PASSWORD)
    password_reset.request_reset(email=FORMER, now=real.now())
    token = mailed(MailProof.Purpose.PASSWORD_RESET, Present())
    password_reset.reset(token=token, password=OTHER_PASSWORD, now=real.now())
    deliver_events()
    assert "Your password was changed" in subjects_to(FORMER)

    me = sign_in(account, Present(), OTHER_PASSWORD)
    email_change.request_change(me, email=LATTER, now=real.now())
    email_change.confirm(token=mailed(MailProof.Purpose.EMAIL_CHANGE, Present()), now=real.now())
    deliver_events()
    assert "Your e-mail address was changed" in subjects_to(FORMER)
    assert "Your e-mail address was changed" not in subjects_to(LATTER)


def test_a_sign_in_from_somewhere_new_is_mailed_and_one_from_the_same_is_not(deliver_events):
    auth.ensure_account(email=FORMER, password=PASSWORD)
    elsewhere = type(CLIENT)(address="198.51.100.7", user_agent=CLIENT.user_agent)
    for client in (CLIENT, CLIENT, elsewhere):
        login.log_in(client=client, email=FORMER, password=PASSWORD, now=real.now())
    deliver_events()
    assert subjects_to(FORMER).count("New sign-in to your account") == 1
