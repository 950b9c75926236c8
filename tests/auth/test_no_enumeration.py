"""What is done for an address, and how long it takes, tells nobody whether there is an account."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from time import sleep

import pytest

from domains.auth.models import Account, MailProof
from domains.auth.services import (
    accounts,
    email_change,
    password_reset,
    registration,
    verification,
)
from tests.auth.conftest import PASSWORD
from tests.auth.people import sign_in
from tests.auth.test_registration import hashes, work  # noqa: F401  a fixture
from tests.auth.timing import advantage, assert_time_tells_nothing, measure, telling

ADDRESSES = {
    kind: f"{kind}@example.com" for kind in ("unknown", "unproven", "proven", "closing", "banned")
}


@pytest.fixture
def addresses(transactional_db, clock) -> dict[str, str]:
    """Addresses of every kind of account, and of none."""
    registration.register(email=ADDRESSES["unproven"], password=PASSWORD, now=clock.now)
    for kind in ("proven", "closing", "banned"):
        accounts.ensure_account(
            email=ADDRESSES[kind], password=PASSWORD, staff=False, now=clock.now
        )
    Account.objects.filter(email=ADDRESSES["closing"]).update(
        erase_at=clock.now + timedelta(days=7)
    )
    Account.objects.filter(email=ADDRESSES["banned"]).update(
        banned_at=clock.now, ban_reason="Spam", is_active=False
    )
    return ADDRESSES


def asking(how, clock, **more):
    return {
        "register": partial(registration.register, password=PASSWORD, now=clock.now),
        "forgot": partial(password_reset.request_reset, now=clock.now),
        "resend": partial(verification.resend, now=clock.now),
    }[how]


def in_any_order(done: tuple[int, list[str]]) -> tuple[int, list[str]]:
    return done[0], sorted(done[1])


@pytest.mark.django_db(databases="__all__")
class TestWork:
    @pytest.mark.parametrize("how", ["register", "forgot", "resend"])
    def test_every_address_takes_the_same_hashes_and_statements(
        self,
        how,
        addresses,
        clock,
        hashes,  # noqa: F811
    ):
        ask = asking(how, clock)
        works = {
            kind: in_any_order(work(partial(ask, email=email), hashes))
            for kind, email in addresses.items()
        }
        # Somebody who does it twice has sent a mail already: that is another case of the same.
        works["again"] = in_any_order(work(partial(ask, email=addresses["unknown"]), hashes))
        assert len({repr(done) for done in works.values()}) == 1, works
        assert len(works["proven"][1]) > 2

    def test_every_new_address_takes_the_same_statements(
        self,
        addresses,
        clock,
        hashes,  # noqa: F811
    ):
        owner = accounts.ensure_account(
            email="ada@example.com", password=PASSWORD, staff=False, now=clock.now
        )
        me = sign_in(owner, clock)
        works = {
            kind: work(partial(email_change.request_change, me, email=email, now=clock.now), hashes)
            for kind, email in addresses.items()
        }
        assert len({repr(done) for done in works.values()}) == 1, works

    def test_what_is_done_for_nobody_leaves_no_trace(self, addresses, clock):
        before = Account.objects.count()
        for how in ("forgot", "resend"):
            asking(how, clock)(email=addresses["unknown"])
        assert Account.objects.count() == before
        assert not MailProof.objects.exists()


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestTime:
    @pytest.mark.parametrize("how", ["forgot", "resend"])
    def test_the_time_of_an_answer_tells_no_address_from_another(self, how, addresses, clock):
        ask = asking(how, clock)
        cases = {kind: partial(ask, email=email) for kind, email in addresses.items()}
        assert_time_tells_nothing(cases)

    def test_the_time_of_a_registration_tells_known_from_unknown_to_nobody(self, addresses, clock):
        ask = asking("register", clock)
        known = {kind: partial(ask, email=addresses[kind]) for kind in ("proven", "unproven")}
        fresh = (f"fresh{number}@example.com" for number in range(1_000))
        unknown = {"unknown": lambda: ask(email=next(fresh))}
        assert_time_tells_nothing(known | unknown, rounds=20)

    def test_the_time_of_asking_for_an_address_tells_whether_it_is_taken_to_nobody(
        self, addresses, clock
    ):
        owner = accounts.ensure_account(
            email="ada@example.com", password=PASSWORD, staff=False, now=clock.now
        )
        me = sign_in(owner, clock)
        ask = partial(email_change.request_change, me, now=clock.now)
        assert_time_tells_nothing(
            {kind: partial(ask, email=addresses[kind]) for kind in ("unknown", "proven")}
        )


class TestMeasure:
    def test_a_millisecond_more_is_seen(self):
        cases = {"one": partial(sleep, 0.001), "other": partial(sleep, 0.002)}
        assert telling(measure(cases, rounds=20))

    def test_the_same_distribution_gives_no_advantage(self):
        assert advantage([1, 2, 3, 4], [1, 2, 3, 4]) == 0
        assert advantage([1, 2], [3, 4]) == 0.5
