"""The one door: who is let in with tokens, who gets a ticket, and who is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.auth.contract.data import Method
from domains.auth.contract.errors import (
    AccountClosing,
    AccountDisabled,
    CredentialsInvalid,
    PasswordResetRequired,
)
from domains.auth.models import Account, Passkey, RecoveryCode, Session, SignInTicket, Totp
from domains.auth.services import factors, login, sign_in, tickets
from domains.auth.services.tickets import FactorNeeded
from domains.auth.services.tokens import Tokens
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")


def log_in(clock, password=PASSWORD):
    return login.log_in(email="ada@example.com", password=password, client=CLIENT, now=clock.now)


def give_totp(account, clock, *, confirmed=True):
    return Totp.objects.create(
        account=account,
        secret_encrypted="-",
        created_at=clock.now,
        confirmed_at=clock.now if confirmed else None,
    )


def give_passkey(account, clock):
    return Passkey.objects.create(
        account=account,
        name="Laptop",
        credential_id=b"1",
        public_key=b"2",
        sign_count=0,
        created_at=clock.now,
    )


def give_code(account, clock):
    return RecoveryCode.objects.create(account=account, code_hash="0" * 64, created_at=clock.now)


def test_a_second_factor_has_the_password_answered_with_a_ticket(ada, clock):
    give_totp(ada, clock)
    give_code(ada, clock)
    outcome = log_in(clock)
    assert isinstance(outcome, FactorNeeded)
    assert outcome.methods == (Method.TOTP, Method.RECOVERY_CODE)
    assert outcome.expires_in == 300
    assert not Session.objects.exists()
    row = SignInTicket.objects.get()
    assert row.proven == ["password"]
    assert outcome.ticket not in (row.ticket_hash, str(row.id))
    assert row.expires_at == clock.now + timedelta(minutes=5)


def test_what_is_not_confirmed_and_codes_alone_ask_for_nothing(ada, clock):
    give_totp(ada, clock, confirmed=False)
    give_code(ada, clock)
    assert isinstance(log_in(clock), Tokens)


@pytest.mark.parametrize("first", [Method.PASSWORD, Method.EMAIL, Method.FEDERATED])
def test_no_first_factor_bypasses_the_second(ada, clock, first):
    give_totp(ada, clock)
    outcome = sign_in.conclude(ada, proven=(first,), client=CLIENT, now=clock.now)
    assert isinstance(outcome, FactorNeeded)


def test_a_passkey_alone_is_enough(ada, clock):
    give_totp(ada, clock)
    give_passkey(ada, clock)
    outcome = sign_in.conclude(ada, proven=(Method.PASSKEY,), client=CLIENT, now=clock.now)
    assert isinstance(outcome, Tokens)


def test_the_strongest_factors_are_those_that_a_thief_lacks(ada, clock):
    assert factors.strongest(ada) == (Method.PASSWORD,)
    give_totp(ada, clock)
    assert factors.strongest(ada) == (Method.TOTP,)
    give_code(ada, clock)
    assert factors.strongest(ada) == (Method.TOTP, Method.RECOVERY_CODE)
    give_passkey(ada, clock)
    assert factors.strongest(ada) == (Method.PASSKEY, Method.RECOVERY_CODE)


def test_who_has_no_password_proves_to_read_the_mail(ada):
    ada.set_unusable_password()
    assert factors.strongest(ada) == (Method.EMAIL,)


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"is_active": False}, AccountDisabled),
        ({"erase_at": "2027-01-01T00:00:00Z"}, AccountClosing),
        ({"erase_at": "2027-01-01T00:00:00Z", "is_active": False}, AccountClosing),
        ({"password_reset_required_at": "2026-01-01T00:00:00Z"}, PasswordResetRequired),
    ],
)
def test_only_who_knows_the_password_hears_what_is_wrong_with_the_account(
    ada, clock, change, refused
):
    Account.objects.update(**change)
    with pytest.raises(refused):
        log_in(clock)
    with pytest.raises(CredentialsInvalid):
        log_in(clock, OTHER_PASSWORD)
    assert not Session.objects.exists()


class TestTickets:
    @pytest.fixture
    def ticket(self, ada, clock) -> str:
        give_totp(ada, clock)
        return log_in(clock).ticket

    def test_a_ticket_lives_five_minutes(self, ticket, clock):
        assert tickets.lock(ticket, now=clock.advance(minutes=4, seconds=59))
        assert tickets.lock(ticket, now=clock.advance(seconds=1)) is None

    def test_a_ticket_is_good_once(self, ticket, clock):
        tickets.use(tickets.lock(ticket, now=clock.now), now=clock.now)
        assert tickets.lock(ticket, now=clock.now) is None

    def test_a_ticket_bears_five_attempts(self, ticket, clock):
        found = [tickets.lock(ticket, now=clock.now) for _ in range(6)]
        assert [row is not None for row in found] == [True] * 5 + [False]

    def test_a_new_password_voids_what_the_old_one_opened(self, ticket, clock):
        Account.objects.update(password_changed_at=clock.advance(seconds=1))
        assert tickets.lock(ticket, now=clock.now) is None
