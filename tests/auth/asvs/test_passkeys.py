"""Lines of ASVS 5.0 that passkeys meet."""

from __future__ import annotations

from functools import partial

import pytest
from webauthn.helpers import base64url_to_bytes

from domains.auth.models import Passkey
from domains.auth.services import login, passkey_list
from domains.auth.services.tickets import FactorNeeded
from tests.auth import persons
from tests.auth.authenticator import PRESENT
from tests.auth.conftest import CLIENT, PASSWORD
from tests.auth.passkeys import Purpose, ask, register, verify

pytestmark = pytest.mark.django_db(databases="__all__")


def test_asvs_v5_0_0_6_3_3(ada, clock):
    """A passkey is two factors at once, and a password alone is not enough beside one."""
    phone = register(ada, clock)
    assert not verify(ada, phone.copied(flags=PRESENT).get(ask(ada, clock)), clock)
    outcome = login.log_in(email=ada.email, password=PASSWORD, client=CLIENT, now=clock.now)
    assert isinstance(outcome, FactorNeeded)


def test_asvs_v5_0_0_6_5_6(ada, signed_in, clock):
    """A passkey that was lost is removed."""
    phone = register(ada, clock)
    here = persons.person(ada)
    passkey_list.remove_passkey(here, passkey_id=Passkey.objects.get().id, now=clock.now)
    assert not verify(ada, phone.get(ask(ada, clock)), clock)


def test_asvs_v5_0_0_6_5_7(ada, clock):
    """Whatever recognizes the user does so on the device that has the key."""
    options = ask(ada, clock)
    assert options["userVerification"] == "required"


def test_asvs_v5_0_0_6_7_2(clock):
    """A challenge has 256 bits, and never comes again."""
    challenges = map(partial(ask, None, clock), [Purpose.SIGN_IN] * 50)
    seen = {base64url_to_bytes(options["challenge"]) for options in challenges}
    assert len(seen) == 50
    assert {len(challenge) for challenge in seen} == {32}
