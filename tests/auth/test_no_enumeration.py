"""What is done for an address, and how long it takes, tells nobody whether there is an account."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from django.core.mail import EmailMessage
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from domains.auth.contract.errors import CredentialsInvalid
from domains.auth.models import Account, MailProof, Registration
from domains.auth.services import (
    accounts,
    email_change,
    login,
    password_reset,
    passwords,
    registration,
    verification,
)
from kernel.db import run_after_commit
from kernel.events import outbox
from kernel.models import Outbox
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.people import sign_in
from tests.auth.test_registration import hashes, work  # noqa: F401  a fixture
from tests.auth.timing import assert_time_tells_nothing, chance_of, measure, telling
from tests.notifications.mail_server import mail_server

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
        "log in": partial(attempt, clock),
    }[how]


def attempt(clock, *, email) -> None:
    with pytest.raises(CredentialsInvalid):
        login.log_in(email=email, password=OTHER_PASSWORD, client=CLIENT, now=clock.now)


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


@pytest.mark.django_db(databases="__all__")
class TestWhatOthersPiledUp:
    @pytest.mark.parametrize("how", ["register", "forgot", "resend", "log in"])
    @pytest.mark.parametrize("known_to_the_planner", [False, True])
    def test_what_was_asked_for_an_address_before_costs_the_next_nothing(
        self, how, known_to_the_planner, addresses, clock
    ):
        others = [Account(email=f"other{number}@example.com", password="!") for number in range(99)]
        for account in Account.objects.bulk_create(others):
            pile_up(account, clock, number=1)
        ask = partial(asking(how, clock), email=addresses["unproven"])
        before = rows_read(ask)
        account = Account.objects.with_email(addresses["unproven"]).get()
        pile_up(account, clock, number=1_000)
        if known_to_the_planner:
            with connections["auth"].cursor() as cursor:
                cursor.execute("ANALYZE registration")
        assert rows_read(ask) <= before + 2


def pile_up(account, clock, *, number) -> None:
    Registration.objects.bulk_create(
        Registration(
            account=account,
            password=f"!{password}",
            created_at=clock.now,
            expires_at=clock.now + timedelta(days=7),
        )
        for password in range(number)
    )


def rows_read(action) -> int:
    """Return how many rows of its registrations PostgreSQL looked at for the action."""
    before = registrations_read()
    action()
    return registrations_read() - before


def registrations_read() -> int:
    with connections["auth"].cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE relid = 'registration'::regclass"
        )
        return cursor.fetchone()[0]


@pytest.fixture
def afresh(addresses):
    """Take away what asking for them made, so that nothing grows from round to round."""
    first = list(Registration.objects.values_list("id", flat=True))

    def forget() -> None:
        Registration.objects.exclude(id__in=first).delete()
        MailProof.objects.all().delete()
        Outbox.objects.using("auth").all().delete()

    return forget


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestTime:
    @pytest.mark.parametrize("how", ["forgot", "resend"])
    def test_the_time_of_an_answer_tells_no_address_from_another(
        self, how, addresses, afresh, clock
    ):
        ask = asking(how, clock)
        cases = {kind: partial(ask, email=email) for kind, email in addresses.items()}
        assert_time_tells_nothing(cases, afresh=afresh)

    def test_the_time_of_a_registration_tells_known_from_unknown_to_nobody(
        self, addresses, afresh, clock
    ):
        ask = asking("register", clock)
        known = {kind: partial(ask, email=addresses[kind]) for kind in ("proven", "unproven")}
        fresh = (f"fresh{number}@example.com" for number in count())
        unknown = {"unknown": lambda: ask(email=next(fresh))}
        assert_time_tells_nothing(known | unknown, afresh=afresh)

    def test_the_time_of_asking_for_an_address_tells_whether_it_is_taken_to_nobody(
        self, addresses, afresh, clock
    ):
        owner = accounts.ensure_account(
            email="ada@example.com", password=PASSWORD, staff=False, now=clock.now
        )
        me = sign_in(owner, clock)
        ask = partial(email_change.request_change, me, now=clock.now)
        assert_time_tells_nothing(
            {kind: partial(ask, email=addresses[kind]) for kind in ("unknown", "proven")},
            afresh=afresh,
        )


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestMeasure:
    """So the tests above can fail."""

    @pytest.fixture
    def told(self, addresses, afresh, clock):
        """Return whether the leak is seen; a machine that is busy without end may cover it once."""
        ask = asking("resend", clock)
        cases = {kind: partial(ask, email=addresses[kind]) for kind in ("unknown", "unproven")}
        leak = ("unproven", "unknown")
        return lambda: any(leak in telling(measure(cases, afresh=afresh)) for _ in range(3))

    def test_a_hash_that_some_addresses_take_is_seen(self, told, monkeypatch):
        tried = verification._tried_password

        def hashing(account, *, now):
            if not account._state.adding:
                passwords.hash_password(PASSWORD)
            return tried(account, now=now)

        monkeypatch.setattr(verification, "_tried_password", hashing)
        assert told()

    def test_a_mail_that_is_sent_while_its_asker_waits_is_seen(self, told, monkeypatch):
        mail = EmailMessage("Confirm", "Your link", "tenon@example.com", ["ada@example.com"])

        def publish(*events):
            outbox.publish(*events)
            run_after_commit("auth", mail.send)

        monkeypatch.setattr(verification, "publish", publish)
        with mail_server(pause=0.05) as server:
            assert told()
        assert server.accepted


class TestStatistics:
    def test_either_of_two_that_take_as_long_is_slower_in_half_of_the_rounds(self):
        assert chance_of(5, of=10) == pytest.approx(0.623, abs=0.001)
        assert chance_of(0, of=10) == 1

    def test_a_pair_is_told_apart_by_nearly_all_of_its_rounds(self):
        fast = [0.0] * 40
        seldom = [0.002] * 33 + [0.0] * 7
        often = [0.002] * 35 + [0.0] * 5
        assert telling({"slow": seldom, "fast": fast}) == {}
        assert telling({"slow": often, "fast": fast}) == {("slow", "fast"): 35}

    def test_what_nobody_can_use_is_not_told(self):
        assert telling({"slow": [0.0009] * 40, "fast": [0.0] * 40}) == {}

    @given(times=st.lists(st.floats(0, 1), min_size=40, max_size=40))
    def test_noise_that_hits_all_alike_tells_nothing(self, times):
        assert telling({"one": times, "other": times}) == {}
