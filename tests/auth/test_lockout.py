"""Failed sign-ins make further ones wait; nobody can lock anybody else out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from domains.auth.contract.data import Method
from domains.auth.contract.errors import CredentialsInvalid, SignInLocked
from domains.auth.models import Account, Session, SignInThrottle
from domains.auth.services import expiry, lockout, login, sign_in
from domains.auth.services.clients import Client
from domains.auth.services.tokens import Tokens
from kernel.redis import connection
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.said import names, said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")

UNKNOWN = "nobody@example.com"
Scope = SignInThrottle.Scope


def stranger(number: int = 1) -> Client:
    """A client in a network of its own."""
    return Client(address=f"198.51.{number}.7", user_agent="curl/8.0")


def attempt(clock, *, client=None, email="ada@example.com", password=OTHER_PASSWORD):
    """Return how the attempt ends: tokens, or the error."""
    try:
        return login.log_in(
            email=email, password=password, client=client or stranger(), now=clock.now
        )
    except (CredentialsInvalid, SignInLocked) as error:
        return error


def fail(clock, times: int = 10, **how) -> list[type]:
    return [type(attempt(clock, **how)) for _ in range(times)]


def fail_from_everywhere(clock, times: int = 10, email="ada@example.com") -> None:
    """Fail from so many networks."""
    for number in range(times):
        attempt(clock, client=stranger(100 + number), email=email)


def right(clock, client=None):
    return attempt(clock, client=client, password=PASSWORD)


def row(scope: Scope) -> SignInThrottle:
    return SignInThrottle.objects.get(scope=scope)


def test_after_ten_failures_even_the_right_password_waits(ada, clock):
    assert fail(clock, 10) == [CredentialsInvalid] * 10
    waits = right(clock)
    assert isinstance(waits, SignInLocked)
    assert waits.retry_after == 30
    clock.advance(seconds=29, milliseconds=500)
    assert right(clock).retry_after == 1
    clock.advance(milliseconds=500)
    assert isinstance(right(clock), Tokens)


def test_the_wait_doubles_up_to_an_hour(ada, clock):
    fail(clock, 10)
    waits = []
    for _ in range(10):
        waits.append(right(clock).retry_after)
        clock.advance(seconds=waits[-1])
        assert fail(clock, 1) == [CredentialsInvalid]
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_attempts_that_were_not_looked_at_do_not_count(ada, clock):
    fail(clock, 10)
    assert fail(clock, 5) == [SignInLocked] * 5
    assert row(Scope.ACCOUNT).failures == 10
    assert right(clock).retry_after == 30


def test_ten_failures_count_within_an_hour(ada, clock):
    fail(clock, 9)
    clock.advance(hours=1)
    assert fail(clock, 9) == [CredentialsInvalid] * 9
    assert isinstance(right(clock), Tokens)


def test_a_success_forgets_what_failed_before(ada, clock):
    fail(clock, 9)
    assert isinstance(right(clock), Tokens)
    assert fail(clock, 10) == [CredentialsInvalid] * 10
    assert right(clock).retry_after == 30


def test_a_day_without_failures_ends_the_growth(ada, clock):
    fail(clock, 10)
    clock.advance(seconds=30)
    fail(clock, 1)
    clock.advance(hours=25)
    assert fail(clock, 10) == [CredentialsInvalid] * 10
    assert right(clock).retry_after == 30


def test_an_account_is_locked_against_guesses_from_everywhere(ada, clock):
    fail_from_everywhere(clock)
    waits = right(clock, client=stranger(99))
    assert isinstance(waits, SignInLocked)


def test_the_owner_gets_in_where_they_have_been_before(ada, signed_in, clock):
    fail_from_everywhere(clock)
    assert isinstance(right(clock, client=stranger(99)), SignInLocked)
    assert isinstance(right(clock, client=CLIENT), Tokens)


def test_another_address_of_the_owners_neighbourhood_is_known_too(ada, signed_in, clock):
    fail_from_everywhere(clock)
    near = Client(address="203.0.113.99", user_agent=CLIENT.user_agent)
    assert isinstance(right(clock, client=near), Tokens)
    foreign = Client(address="203.0.114.7", user_agent=CLIENT.user_agent)
    fail_from_everywhere(clock)
    assert isinstance(right(clock, client=foreign), SignInLocked)


def test_a_known_device_is_held_by_its_own_failures(ada, signed_in, clock):
    assert fail(clock, 10, client=CLIENT) == [CredentialsInvalid] * 10
    assert isinstance(right(clock, client=CLIENT), SignInLocked)


def test_a_network_bears_a_hundred_failures_whomever_it_tries(ada, clock, monkeypatch):
    monkeypatch.setitem(lockout.QUOTA, Scope.NETWORK, 12)
    for number in range(12):
        attempt(clock, email=f"person{number}@example.com")
    assert isinstance(attempt(clock, email="another@example.com"), SignInLocked)
    assert isinstance(right(clock), SignInLocked)
    assert isinstance(right(clock, client=stranger(2)), Tokens)


def test_a_network_is_bound_higher_than_an_account():
    assert lockout.QUOTA == {Scope.ACCOUNT: 10, Scope.PAIR: 10, Scope.NETWORK: 100}


def test_an_account_of_ones_own_does_not_clear_the_network(ada, clock):
    fail(clock, 5, email="victim@example.com")
    right(clock)
    assert row(Scope.NETWORK).failures == 5


def test_all_addresses_of_one_ipv6_host_count_as_one(ada, clock):
    for number in range(10):
        host = Client(address=f"2001:db8:1:2::{number + 1:x}", user_agent="curl/8.0")
        attempt(clock, client=host)
    assert row(Scope.PAIR).failures == 10
    assert row(Scope.NETWORK).failures == 10
    assert SignInThrottle.objects.count() == 3
    neighbour = Client(address="2001:db8:1:3::1", user_agent="curl/8.0")
    attempt(clock, client=neighbour, email="another@example.com")
    failures = SignInThrottle.objects.filter(scope=Scope.NETWORK).values_list("failures", flat=True)
    assert sorted(failures) == [1, 10]


@pytest.mark.parametrize("email", ["ADA@EXAMPLE.COM", " ada@example.com", "Ada@Example.com"])
def test_one_address_has_one_counter_however_it_is_written(ada, clock, email):
    fail(clock, 10)
    assert isinstance(attempt(clock, email=email, client=stranger(2)), SignInLocked)


def test_no_address_is_kept_readably(ada, clock):
    fail(clock, 1)
    fail(clock, 1, email=UNKNOWN)
    stored = str(list(SignInThrottle.objects.values()))
    assert "ada" not in stored
    assert "example" not in stored
    assert "198.51" not in stored


def test_known_and_unknown_are_locked_alike(ada, clock):
    answers = {}
    for number, email in enumerate((ada.email, UNKNOWN)):
        client = stranger(number)
        kinds = fail(clock, 10, email=email, client=client)
        locked = attempt(clock, email=email, client=client)
        answers[email] = (kinds, type(locked), locked.detail, locked.details, locked.retry_after)
    assert answers[ada.email] == answers[UNKNOWN]


def works(action: Callable[[], object]) -> list[str]:
    """Return which kinds of statements the action took, in whatever order."""
    with CaptureQueriesContext(connections["auth"]) as queries:
        action()
    return sorted(q["sql"].partition(' "s')[0].partition(" (")[0] for q in queries)


def test_each_failure_is_the_same_work_whether_the_address_is_known_or_not(ada, clock):
    """From the first one to the lock, and while it holds."""
    for _ in range(12):
        known, unknown = (
            works(partial(attempt, clock, email=email, client=stranger(number)))
            for number, email in enumerate((ada.email, UNKNOWN))
        )
        assert known == unknown


def test_counters_outlive_what_redis_forgets(ada, clock):
    fail(clock, 10)
    connection().flushdb()
    assert isinstance(right(clock), SignInLocked)


def test_a_passkey_still_works_and_ends_the_lock(ada, clock):
    fail(clock, 10)
    outcome = sign_in.conclude(ada, proven=(Method.PASSKEY,), client=stranger(), now=clock.now)
    assert isinstance(outcome, Tokens)
    assert isinstance(right(clock), Tokens)


def test_a_password_reset_still_works_and_ends_the_lock(ada, clock):
    from domains.auth.models import MailProof
    from domains.auth.services import mail_proofs, password_reset

    fail(clock, 10)
    fail_from_everywhere(clock)
    password_reset.request_reset(email=ada.email, now=clock.now)
    proof = MailProof.objects.get()
    token = mail_proofs.issue_secret(proof_id=proof.id, now=clock.now).token
    new = "seven purple whales at noon"
    password_reset.reset(token=token, password=new, now=clock.now)
    assert isinstance(attempt(clock, password=new), Tokens)


def test_failures_are_told_with_their_client(ada, clock):
    fail(clock, 1)
    assert said("auth.sign_in_failed.v1") == [
        (
            "auth.sign_in_failed.v1",
            {
                "account_id": str(ada.id),
                "method": "password",
                "device": "curl",
                "network": "198.51.1.0/24",
                "place": "198.51.1.0/24",
            },
        )
    ]


def test_nobody_is_told_of_an_unknown_address(clock):
    fail(clock, 11, email=UNKNOWN)
    assert names() == []


def test_the_owner_is_told_of_the_lock_once_until_they_sign_in(ada, clock):
    fail(clock, 10)
    first = clock.now + timedelta(seconds=30)
    for _ in range(4):
        clock.advance(hours=1)
        fail(clock, 1)
    clock.advance(days=2)
    fail(clock, 10)
    ((_, payload),) = said("auth.account_locked.v1")
    assert payload["account_id"] == str(ada.id)
    assert payload["until"].startswith(first.isoformat()[:19])
    assert payload["network"] == "198.51.1.0/24"
    clock.advance(hours=1)
    assert isinstance(right(clock), Tokens)
    fail(clock, 10)
    assert len(said("auth.account_locked.v1")) == 2


def test_a_lock_can_be_lifted(ada, clock):
    fail(clock, 10)
    lockout.lift(ada)
    assert isinstance(right(clock), Tokens)


def test_counters_are_deleted_when_nothing_needs_them(ada, clock):
    fail(clock, 1)
    expiry.delete_expired(now=clock.advance(minutes=59))
    assert SignInThrottle.objects.count() == 3
    expiry.delete_expired(now=clock.advance(minutes=1))
    assert SignInThrottle.objects.count() == 0


def test_a_lock_is_kept_as_long_as_it_matters(ada, clock):
    fail(clock, 10)
    expiry.delete_expired(now=clock.advance(hours=23))
    assert row(Scope.PAIR).locks == 1
    expiry.delete_expired(now=clock.advance(hours=2))
    assert [r.scope for r in SignInThrottle.objects.all()] == [Scope.ACCOUNT]  # who was told


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    @pytest.fixture(autouse=True)
    def _all_are_hashed(self, monkeypatch):
        """However slow the machine is, none of them is told to come back later."""

    def test_of_twenty_at_once_ten_are_answered_and_counted(self, ada, clock):
        results = at_once(*[partial(attempt, clock, client=CLIENT)] * 20)
        kinds = [type(result) for result in results]
        assert kinds.count(CredentialsInvalid) == 10
        assert kinds.count(SignInLocked) == 10
        assert {r.failures for r in SignInThrottle.objects.all()} == {10}
        assert names().count("auth.sign_in_failed.v1") == 10
        assert names().count("auth.account_locked.v1") == 1

    def test_twenty_failures_of_twenty_accounts_count_exactly(self, clock):
        calls = [
            partial(attempt, clock, email=f"person{number}@example.com") for number in range(20)
        ]
        assert {type(result) for result in at_once(*calls)} == {CredentialsInvalid}
        assert row(Scope.NETWORK).failures == 20

    def test_the_right_password_among_many_guesses_is_not_a_way_around(self, ada, clock):
        """Either it came before the tenth failure, or it waits like the others."""
        fail(clock, 9)
        calls = [partial(attempt, clock)] * 5 + [partial(right, clock)]
        *_, last = at_once(*calls)
        assert isinstance(last, Tokens | SignInLocked)
        if isinstance(last, SignInLocked):
            assert not Session.objects.exists()

    def test_signing_in_and_failing_at_once_wait_for_one_another(self, ada, clock):
        with suppress(SignInLocked):
            fail(clock, 3)
        calls = [partial(attempt, clock), partial(right, clock)] * 5
        results = at_once(*calls)
        assert {type(r) for r in results[1::2]} == {Tokens}
        assert Account.objects.get().last_login == clock.now
