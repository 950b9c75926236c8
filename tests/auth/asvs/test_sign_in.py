"""Lines of ASVS 5.0 that passwords with a second factor, the lockout and fresh proof meet."""

from __future__ import annotations

from datetime import timedelta
from math import log2

import pyotp
import pytest

from domains.auth.contract.data import Method
from domains.auth.contract.errors import StepUpRequired
from domains.auth.models import RecoveryCode, Session
from domains.auth.services import login, recovery_codes, sign_in, step_up, tickets, tokens, totp
from domains.auth.services.tickets import FactorNeeded
from domains.auth.services.tokens import Tokens
from tests.auth.conftest import CLIENT, PASSWORD
from tests.auth.persons import App, person
from tests.auth.test_lockout import attempt, fail_from_everywhere, right, stranger
from tests.auth.test_step_up import SENSITIVE

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def app(ada, signed_in, clock) -> App:
    return App(person(ada), clock)


def log_in(clock):
    return login.log_in(email="ada@example.com", password=PASSWORD, client=CLIENT, now=clock.now)


def test_asvs_v5_0_0_6_2_10(ada, clock):
    """A password stays valid however old it is."""
    clock.advance(days=10 * 365)
    assert isinstance(log_in(clock), Tokens)


def test_asvs_v5_0_0_6_3_1(ada, signed_in, clock):
    """Guesses wait, from one place and from many, and the owner's own device does not."""
    fail_from_everywhere(clock)
    assert right(clock, client=stranger(99)).retry_after == 30
    assert isinstance(right(clock, client=CLIENT), Tokens)


def test_asvs_v5_0_0_6_3_3_totp(app, clock):
    """Beside a second factor a password alone starts no session."""
    assert isinstance(log_in(clock), FactorNeeded)
    assert Session.objects.count() == 1


def test_asvs_v5_0_0_6_3_4_factors(app, ada, clock):
    """Every first factor is asked for the same second one."""
    for first in (Method.PASSWORD, Method.EMAIL, Method.FEDERATED):
        outcome = sign_in.conclude(ada, proven=(first,), client=CLIENT, now=clock.now)
        assert isinstance(outcome, FactorNeeded)
        assert outcome.methods == (Method.TOTP, Method.RECOVERY_CODE)


def test_asvs_v5_0_0_6_3_8(ada, clock):
    """A failure says the same of a known and of an unknown address, locked or not."""
    for _ in range(12):
        known, unknown = (
            attempt(clock, email=email, client=stranger(number))
            for number, email in enumerate((ada.email, "nobody@example.com"))
        )
        assert (type(known), str(known), known.details) == (
            type(unknown),
            str(unknown),
            unknown.details,
        )


def test_asvs_v5_0_0_6_4_3_factors(app, ada, clock):
    """Whoever has reset the password is still asked for the second factor."""
    from domains.auth.models import MailProof
    from domains.auth.services import mail_proofs, password_reset

    password_reset.request_reset(email=ada.email, now=clock.now)
    secret = mail_proofs.issue_secret(proof_id=MailProof.objects.get().id, now=clock.now)
    new = "seven purple whales at noon"
    password_reset.reset(token=secret.token, password=new, now=clock.now)
    assert not Session.objects.filter(revoked_at=None).exists()
    outcome = login.log_in(email=ada.email, password=new, client=CLIENT, now=clock.now)
    assert isinstance(outcome, FactorNeeded)


def test_asvs_v5_0_0_6_4_4(app, ada, clock):
    """A lost factor is replaced by whoever has the password and a code of its enrolment."""
    assert recovery_codes.verify(ada, code=app.recovery_codes[0], now=clock.now)
    assert not recovery_codes.verify(ada, code="0" * 24, now=clock.now)


def test_asvs_v5_0_0_6_5_1(app, ada, clock):
    """Codes are good once."""
    shown = app.later_code()
    assert [totp.verify(ada, code=shown, now=clock.now) for _ in range(2)] == [True, False]
    paper = app.recovery_codes[0]
    assert [recovery_codes.verify(ada, code=paper, now=clock.now) for _ in range(2)] == [
        True,
        False,
    ]


def test_asvs_v5_0_0_6_5_2(app):
    """Codes on paper have more than 112 bits, so a plain hash hides them."""
    for code in app.recovery_codes:
        assert len(code.replace("-", "")) * log2(len(recovery_codes.ALPHABET)) >= 112
    assert {len(row.code_hash) for row in RecoveryCode.objects.all()} == {64}


def test_asvs_v5_0_0_6_5_3():
    """Codes and seeds come from the system's generator."""
    from random import SystemRandom

    assert isinstance(pyotp.random, SystemRandom)
    assert recovery_codes.secrets.choice.__self__.__class__ is SystemRandom


def test_asvs_v5_0_0_6_5_4(app):
    """Codes on paper have at least 20 bits."""
    assert min(len(code.replace("-", "")) for code in app.recovery_codes) * 5 >= 20


def test_asvs_v5_0_0_6_5_5(app, ada, clock):
    """A code of an app is of a step of 30 seconds, and a step later at most it counts no more."""
    assert totp.STEP_SECONDS == 30
    shown = app.later_code()
    clock.advance(seconds=60)
    assert not totp.verify(ada, code=shown, now=clock.now)
    assert timedelta(minutes=10) >= tickets.LIFETIME


def test_asvs_v5_0_0_6_5_6_totp(app, ada, clock):
    """An authenticator app that was lost is removed."""
    totp.remove(person(ada), now=clock.now)
    assert not totp.verify(ada, code=app.later_code(), now=clock.now)


def test_asvs_v5_0_0_6_5_8(app, ada, clock):
    """The time is ours: a client has no way to say it."""
    from inspect import signature

    assert set(signature(totp.verify).parameters) == {"account", "code", "now"}
    assert not totp.verify(ada, code=app.code(steps=20), now=clock.now)


def test_asvs_v5_0_0_7_4_3_factors(app, ada, clock):
    """Removing a factor ends all other sessions by itself."""
    mine = Session.objects.get()
    other = Session.objects.get()
    other.pk, other.family_hash = None, "f" * 64
    other.id = Session._meta.pk.get_default()
    other._state.adding = True
    other.save()
    totp.remove(person(ada, mine), now=clock.now)
    assert list(Session.objects.filter(revoked_at=None)) == [mine]


def is_fresh(session, clock, *, auth_time=None) -> bool:
    proven = tokens.auth_time(session) if auth_time is None else auth_time
    try:
        step_up.require(session_id=session.id, auth_time=proven, now=clock.now)
    except StepUpRequired:
        return False
    return True


def test_asvs_v5_0_0_7_5_1(ada, signed_in, clock):
    """What changes how one signs in takes proof younger than ten minutes."""
    assert {
        "PUT auth/password",
        "POST auth/email-change",
        "PATCH auth/account",
        "POST auth/totp",
        "DELETE auth/totp",
        "POST auth/recovery-codes",
        "POST auth/passkeys",
        "DELETE auth/passkeys/<uuid:passkey_id>",
        "DELETE auth/identities/<uuid:identity_id>",
    } <= SENSITIVE
    session = Session.objects.get()
    clock.advance(minutes=9, seconds=59)
    assert is_fresh(session, clock)
    clock.advance(seconds=1)
    assert not is_fresh(session, clock)


def test_asvs_v5_0_0_7_5_2_step_up():
    """Ending sessions takes proof anew."""
    assert {"DELETE auth/sessions", "DELETE auth/sessions/<uuid:session_id>"} <= SENSITIVE


def test_asvs_v5_0_0_7_5_3(app, ada, clock):
    """The proof is by the strongest factor that the account has."""
    session = Session.objects.get()
    assert is_fresh(session, clock)
    Session.objects.update(methods=["password"])
    assert not is_fresh(session, clock)
    assert not is_fresh(session, clock, auth_time=0)
