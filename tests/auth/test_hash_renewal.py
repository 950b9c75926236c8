"""Older and foreign hashes: they count, are renewed by a sign-in, and tell nobody who has one."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    PBKDF2PasswordHasher,
    check_password,
    make_password,
)

from domains.auth.contract.errors import CredentialsInvalid
from domains.auth.models import Account, Session
from domains.auth.services import decoy_hashes, hashers, login
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")

OWN = "argon2$argon2id$v=19$m=19456,t=2,p=1$"


class CheaperArgon2(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 1, 8192, 1


def foreign() -> dict[str, str]:
    return {
        "argon2 of another cost": CheaperArgon2().encode(PASSWORD, "saltsaltsaltsalt"),
        "pbkdf2": PBKDF2PasswordHasher().encode(PASSWORD, "saltsalt", iterations=5000),
        "argon2 with a short salt": hashers.CappedArgon2Hasher().encode(PASSWORD, "saltsalt"),
    }


@pytest.fixture(autouse=True)
def _unknown_kinds(monkeypatch):
    monkeypatch.setattr(decoy_hashes, "_known", decoy_hashes._Known())


def log_in(clock, email="ada@example.com", password=PASSWORD):
    return login.log_in(email=email, password=password, client=CLIENT, now=clock.now)


@pytest.mark.parametrize("kind", foreign())
def test_a_sign_in_renews_the_hash_and_ends_no_session(ada, signed_in, clock, kind):
    Account.objects.update(password=foreign()[kind])
    with pytest.raises(CredentialsInvalid):
        log_in(clock, password=OTHER_PASSWORD)
    assert Account.objects.get().password == foreign()[kind]
    assert log_in(clock).access_token
    renewed = Account.objects.get()
    assert renewed.password.startswith(OWN)
    assert renewed.check_password(PASSWORD)
    assert renewed.password_changed_at == ada.password_changed_at
    assert Session.objects.filter(revoked_at=None).count() == 2


def test_a_present_hash_stays(ada, clock):
    log_in(clock)
    assert Account.objects.get().password == ada.password


def test_hashes_that_nobody_knows_are_no_way_in(ada, clock):
    for unknown in ("md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", "plain", "!", ""):
        Account.objects.update(password=unknown)
        with pytest.raises(CredentialsInvalid):
            log_in(clock)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_all_that_sign_in_at_once_get_in(ada, clock, monkeypatch):
    Account.objects.update(password=foreign()["pbkdf2"])
    results = at_once(*[partial(log_in, clock)] * 3)
    assert all(hasattr(result, "access_token") for result in results)
    assert Account.objects.get().check_password(PASSWORD)


class TestDecoys:
    def kinds(self, emails) -> Counter:
        return Counter(decoy_hashes.decoy(email).rpartition("$")[0] for email in emails)

    def test_where_all_hashes_are_ours_every_decoy_costs_as_much(self, ada):
        decoy_hashes.refresh()
        (kind,) = self.kinds(f"nobody{n}@example.com" for n in range(50))
        assert kind.startswith(OWN)

    def test_before_anything_is_known_a_decoy_costs_as_much_as_ours(self):
        assert decoy_hashes.decoy("nobody@example.com").startswith(OWN)

    def test_unknown_addresses_take_as_long_as_often_as_known_ones(self, clock):
        shared = {"email_verified_at": clock.now}
        made = [
            Account(email=f"person{n}@example.com", password=password, **shared)
            for n, password in enumerate([*[foreign()["pbkdf2"]] * 3, OWN + "c2FsdA$aGFzaA"])
        ]
        Account.objects.bulk_create(made)
        decoy_hashes.refresh()
        drawn = self.kinds(f"nobody{n}@example.com" for n in range(1000))
        slow = sum(count for kind, count in drawn.items() if kind.startswith("pbkdf2_sha256$5000"))
        assert len(drawn) == 2
        assert 680 < slow < 820

    def test_an_address_has_one_decoy_however_it_is_written(self):
        first, second = (decoy_hashes.decoy(e) for e in ("a@example.com", " A@EXAMPLE.com"))
        assert first == second

    def test_a_decoy_is_verified_like_a_real_hash_and_never_right(self, ada, clock, monkeypatch):
        Account.objects.update(password=foreign()["pbkdf2"])
        done = []
        original = hashers.CappedPBKDF2Hasher.verify

        def counted(self, password, encoded):
            done.append(encoded)
            return original(self, password, encoded)

        monkeypatch.setattr(hashers.CappedPBKDF2Hasher, "verify", counted)
        with pytest.raises(CredentialsInvalid):
            log_in(clock, email="nobody@example.com")
        assert done == [decoy_hashes.decoy("nobody@example.com")]
        assert done[0].startswith("pbkdf2_sha256$5000$")

    def test_the_kinds_are_looked_at_once_in_a_while(self, ada, django_assert_num_queries):
        decoy_hashes.refresh()
        with django_assert_num_queries(0, using="auth"):
            decoy_hashes.refresh()


def test_hashes_of_ours_are_known_by_their_beginning():
    """Otherwise they would be checked by the slower of two libraries, and nobody would notice."""
    assert make_password(PASSWORD).startswith(hashers.PRESENT)


@pytest.mark.parametrize("damage", ["", "A"])
def test_a_damaged_hash_is_nobodys(damage):
    stored = make_password(PASSWORD)
    assert check_password(PASSWORD, stored)
    assert not check_password(OTHER_PASSWORD, stored)
    assert not check_password(PASSWORD, stored[:-10] + damage)
