"""How many passkeys there may be, what becomes of a suspected one, and how one goes."""

from __future__ import annotations

from functools import partial

import pytest

from domains.auth.contract.data import Method
from domains.auth.contract.errors import (
    PasskeyInvalid,
    PasskeyNotFound,
    PasswordTooShortAlone,
    TooManyPasskeys,
)
from domains.auth.models import Account, Passkey, RecoveryCode, Session
from domains.auth.services import (
    factors,
    login,
    passkey_list,
    passkeys,
    recovery_codes,
)
from domains.auth.services.tickets import FactorNeeded
from domains.auth.services.tokens import Tokens
from kernel.principal import Principal
from tests.auth import persons
from tests.auth.conftest import CLIENT, PASSWORD
from tests.auth.passkeys import an_authenticator, ask, bob, person, phone, register, verify
from tests.auth.said import said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")
__all__ = ["bob", "phone"]


def test_an_account_has_twenty_passkeys_at_most(ada, clock):
    for _ in range(19):
        register(ada, clock)
    spare = passkeys.registration_options(person(ada), now=clock.now)
    register(ada, clock)
    with pytest.raises(TooManyPasskeys):
        register(ada, clock)
    with pytest.raises(TooManyPasskeys):
        credential = an_authenticator().create(spare)
        passkeys.register(person(ada), name="x", credential=credential, now=clock.now)


def test_the_first_passkey_brings_recovery_codes_and_the_next_does_not(ada, clock):
    def made() -> passkeys.Registered:
        options = passkeys.registration_options(person(ada), now=clock.now)
        credential = an_authenticator().create(options)
        return passkeys.register(person(ada), name="x", credential=credential, now=clock.now)

    codes = made().recovery_codes
    assert len(codes) == RecoveryCode.objects.count() == 10
    assert recovery_codes.verify(ada, code=codes[0], now=clock.now)
    assert made().recovery_codes == []


class TestSuspected:
    def needed(self, ada, clock) -> tuple[Method, ...]:
        outcome = login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=clock.now)
        assert isinstance(outcome, FactorNeeded)
        return outcome.methods

    def test_a_second_factor_is_still_asked_for(self, ada, clock, phone):
        """Whoever copied it gains nothing by giving the copy away."""
        Passkey.objects.update(suspected_at=clock.now)
        assert self.needed(ada, clock) == (Method.RECOVERY_CODE,)
        RecoveryCode.objects.all().delete()
        assert self.needed(ada, clock) == (Method.PASSKEY,)

    def test_what_else_there_is_proves_who_asks(self, ada, clock, phone):
        persons.App(person(ada), clock)
        Passkey.objects.update(suspected_at=clock.now)
        expected = (Method.TOTP, Method.RECOVERY_CODE)
        assert self.needed(ada, clock) == factors.strongest(ada) == expected
        register(ada, clock, name="New phone")
        assert factors.strongest(ada) == (Method.PASSKEY, Method.RECOVERY_CODE)


class TestRemoval:
    @pytest.fixture
    def here(self, ada, signed_in) -> Principal:
        return persons.person(ada)

    def remove(self, principal, clock, name="Phone") -> None:
        passkey_id = Passkey.objects.get(name=name).id
        passkey_list.remove_passkey(principal, passkey_id=passkey_id, now=clock.now)

    def test_it_counts_no_more_and_other_sessions_end(self, ada, here, clock):
        log_in = partial(login.log_in, client=CLIENT, email=ada.email, password=PASSWORD)
        log_in(now=clock.now)
        phone = register(ada, clock)
        self.remove(here, clock)
        options = ask(ada, clock)
        assert not verify(ada, phone.get(options), clock)
        ended = Session.objects.exclude(revoked_at=None)
        assert [(row.id == here.session_id, row.revoked_reason) for row in ended] == [
            (False, Session.Reason.FACTOR)
        ]
        assert isinstance(log_in(now=clock.now), Tokens)

    def test_it_is_told_whether_it_was_the_last(self, ada, here, clock):
        register(ada, clock)
        register(ada, clock, name="Laptop")
        self.remove(here, clock, "Laptop")
        self.remove(here, clock, "Phone")
        told = [payload for _, payload in said("auth.factor_removed.v1")]
        assert [(p["method"], p["name"], p["last"]) for p in told] == [
            ("passkey", "Laptop", False),
            ("passkey", "Phone", True),
        ]
        assert not RecoveryCode.objects.exists()

    def test_a_short_password_is_not_left_alone(self, ada, here, clock):
        register(ada, clock)
        Account.objects.update(password_is_short=True)
        with pytest.raises(PasswordTooShortAlone):
            self.remove(here, clock)
        assert Passkey.objects.exists()

    def test_nobody_removes_anothers(self, ada, bob, here, clock):
        register(bob, clock, name="Bob's")
        with pytest.raises(PasskeyNotFound):
            self.remove(here, clock, "Bob's")
        assert Passkey.objects.exists()


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_one_answer_sent_several_times_counts_once(self, ada, clock, phone):
        credential = phone.get(ask(ada, clock))
        results = at_once(*[partial(verify, ada, credential, clock)] * 4)
        assert sorted(results) == [False, False, False, True]
        assert Passkey.objects.get().suspected_at is None

    def test_one_challenge_makes_one_passkey(self, ada, clock):
        options = passkeys.registration_options(person(ada), now=clock.now)
        calls = [
            partial(
                passkeys.register,
                person(ada),
                name="x",
                credential=an_authenticator().create(options),
                now=clock.now,
            )
            for _ in range(4)
        ]
        results = at_once(*calls)
        assert sum(isinstance(result, PasskeyInvalid) for result in results) == 3
        assert Passkey.objects.count() == 1
