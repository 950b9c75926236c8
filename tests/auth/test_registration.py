from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
from django.db import IntegrityError, connections, transaction
from django.test.utils import CaptureQueriesContext

from domains.auth.contract.errors import (
    AccountNotFound,
    CredentialsInvalid,
    EmailAlreadyVerified,
    EmailInvalid,
    EmailNotVerified,
    RegistrationExpired,
    VerificationTokenInvalid,
)
from domains.auth.models import Account, Registration, VerificationToken
from domains.auth.services import hashers, login, registration, verification
from kernel.ids import uuid7
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.said import names, said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def register(clock, email="ada@example.com", password=PASSWORD):
    registration.register(email=email, password=password, now=clock.now)
    return Account.objects.with_email(email).get()


def issue(account, clock) -> str:
    return verification.issue_email_verification(account_id=account.id, now=clock.now)


def test_a_registration_makes_an_account_that_nobody_can_enter_yet(clock):
    account = register(clock, "Ada@Example.com")
    assert account.email == "Ada@Example.com"
    assert account.email_verified_at is None
    assert not account.has_usable_password()
    assert said() == [("auth.account_registered.v1", {"account_id": str(account.id)})]


def test_the_token_proves_the_mailbox_and_binds_the_password(clock):
    account = register(clock)
    verification.verify_email(token=issue(account, clock), now=clock.now)
    account.refresh_from_db()
    assert account.email_verified_at == clock.now
    assert account.check_password(PASSWORD)
    assert names() == ["auth.account_registered.v1", "auth.email_verified.v1"]


def test_addresses_are_one_in_whatever_case_and_composition(clock):
    first = register(clock, "Ada@MÜLLER.example")
    second = register(clock, "ada@müller.example")
    assert first.id == second.id
    assert Account.objects.count() == 1
    assert Account.objects.get().email == "Ada@MÜLLER.example"


def test_the_database_itself_refuses_the_same_address_in_another_case(ada):
    with pytest.raises(IntegrityError), transaction.atomic(using="auth"):
        Account.objects.create(email=ada.email.upper(), password="!")


def test_the_database_itself_refuses_a_password_without_proof():
    with pytest.raises(IntegrityError), transaction.atomic(using="auth"):
        Account.objects.create(email="eve@example.com", password="argon2$anything")


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "a b@example.com", "a@b..c", "x" * 255 + "@a.b"]
)
def test_what_is_no_address_is_refused(clock, email):
    with pytest.raises(EmailInvalid):
        registration.register(email=email, password=PASSWORD, now=clock.now)


def test_a_known_address_is_left_as_it_is(ada, clock):
    registration.register(email="ADA@example.com", password=OTHER_PASSWORD, now=clock.now)
    before, after = ada, Account.objects.get()
    assert (after.email, after.password) == (before.email, before.password)
    assert names()[-1] == "auth.registration_repeated.v1"
    assert Registration.objects.get().password == "!"
    with pytest.raises(EmailAlreadyVerified):
        issue(ada, clock)


def test_a_password_set_before_the_proof_does_not_survive_it(clock):
    """Pre-hijacking: an attacker registers the victim's address before the victim does."""
    attacker = register(clock, password=OTHER_PASSWORD)
    attackers_token = issue(attacker, clock)
    clock.advance(minutes=1)
    victim = register(clock)
    verification.verify_email(token=issue(victim, clock), now=clock.now)
    assert login.log_in(client=CLIENT, email=victim.email, password=PASSWORD, now=clock.now)
    with pytest.raises(CredentialsInvalid):
        login.log_in(client=CLIENT, email=victim.email, password=OTHER_PASSWORD, now=clock.now)
    with pytest.raises(VerificationTokenInvalid):
        verification.verify_email(token=attackers_token, now=clock.now)
    assert not Registration.objects.exists()


def test_each_mail_carries_the_token_of_its_own_registration(clock):
    """Mails are made after both registrations, but the second password isn't in the first mail."""
    account = register(clock)
    clock.advance(seconds=1)
    register(clock, password=OTHER_PASSWORD)
    first_mail = issue(account, clock)
    second_mail = issue(account, clock)
    assert first_mail != second_mail
    verification.verify_email(token=first_mail, now=clock.now)
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_a_mail_made_again_carries_the_newest_registrations_token(clock):
    account = register(clock)
    issue(account, clock)
    clock.advance(seconds=1)
    register(clock, password=OTHER_PASSWORD)
    issue(account, clock)
    verification.verify_email(token=issue(account, clock), now=clock.now)
    account.refresh_from_db()
    assert account.check_password(OTHER_PASSWORD)


def test_a_token_is_good_once(clock):
    token = issue(register(clock), clock)
    verification.verify_email(token=token, now=clock.now)
    with pytest.raises(VerificationTokenInvalid) as refused:
        verification.verify_email(token=token, now=clock.now)
    assert refused.value.pointer == "/token"
    assert names().count("auth.email_verified.v1") == 1


def test_a_token_is_good_for_a_day(clock):
    token = issue(register(clock), clock)
    clock.advance(hours=24)
    with pytest.raises(VerificationTokenInvalid):
        verification.verify_email(token=token, now=clock.now)


def test_tokens_are_kept_as_hashes_alone(clock):
    token = issue(register(clock), clock)
    row = VerificationToken.objects.get()
    assert token not in (row.token_hash, str(row.id))
    assert len(row.token_hash) == 64


def test_a_registration_waits_a_week_for_its_mail(clock):
    account = register(clock)
    clock.advance(days=6)
    assert issue(account, clock)
    clock.advance(days=1)
    with pytest.raises(RegistrationExpired):
        issue(account, clock)


def test_no_token_is_made_for_nobody(clock):
    with pytest.raises(AccountNotFound):
        verification.issue_email_verification(account_id=uuid7(), now=clock.now)


def test_only_who_knows_the_password_hears_that_the_address_is_unproven(clock):
    register(clock)
    with pytest.raises(EmailNotVerified):
        login.log_in(client=CLIENT, email="ada@example.com", password=PASSWORD, now=clock.now)
    with pytest.raises(CredentialsInvalid):
        login.log_in(client=CLIENT, email="ada@example.com", password=OTHER_PASSWORD, now=clock.now)


@pytest.fixture
def hashes(monkeypatch) -> list[str]:
    """Every password that was hashed, in order."""
    done = []
    for method in ("encode", "verify"):
        original = getattr(hashers.CappedArgon2Hasher, method)

        def counted(self, password, other, *, original=original):
            done.append(password)
            return original(self, password, other)

        monkeypatch.setattr(hashers.CappedArgon2Hasher, method, counted)
    return done


def work(action, hashes) -> tuple[int, list[str]]:
    """Return how many hashes and which kinds of statements the action took."""
    hashes.clear()
    refused = suppress(CredentialsInvalid, EmailNotVerified)
    with CaptureQueriesContext(connections["auth"]) as queries, refused:
        action()
    # Sorted: what is kept and what is taken back stand in another order, which takes no longer.
    return len(hashes), sorted(q["sql"].partition(' "s')[0].partition(" (")[0] for q in queries)


def test_registering_is_the_same_work_whether_the_address_is_known_or_not(ada, clock, hashes):
    register(clock, "unproven@example.com")
    works = [
        work(partial(registration.register, email=email, password=PASSWORD, now=clock.now), hashes)
        for email in ("unknown@example.com", "unproven@example.com", ada.email)
    ]
    assert works[0] == works[1] == works[2]
    assert works[0][0] == 1


def test_a_wrong_password_is_the_same_work_whether_the_address_is_known_or_not(ada, clock, hashes):
    register(clock, "unproven@example.com")
    attempt = partial(login.log_in, password=OTHER_PASSWORD, client=CLIENT, now=clock.now)
    works = [
        work(partial(attempt, email=email), hashes)
        for email in ("unknown@example.com", "unproven@example.com", ada.email)
    ]
    assert works[0] == works[1] == works[2]
    assert works[0][0] == 1


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_two_registrations_of_one_address_make_one_account(self, clock):
        emails = ["ada@example.com", "ADA@example.com"] * 3
        calls = [
            partial(registration.register, email=email, password=PASSWORD, now=clock.now)
            for email in emails
        ]
        assert at_once(*calls) == [None] * 6
        assert Account.objects.count() == 1
        assert Registration.objects.count() == 6

    def test_a_token_used_twice_counts_once(self, clock):
        token = issue(register(clock), clock)
        use = partial(verification.verify_email, token=token, now=clock.now)
        results = at_once(*[use] * 6)
        assert results.count(None) == 1
        assert sum(isinstance(r, VerificationTokenInvalid) for r in results) == 5
        assert names().count("auth.email_verified.v1") == 1

    def test_of_two_tokens_of_one_account_one_counts(self, clock):
        account = register(clock)
        tokens = [issue(account, clock) for _ in range(8)]
        calls = [partial(verification.verify_email, token=t, now=clock.now) for t in tokens]
        assert at_once(*calls).count(None) == 1
