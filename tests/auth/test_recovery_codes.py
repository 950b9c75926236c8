from __future__ import annotations

from functools import partial
from math import log2

import pytest

from domains.auth.contract.errors import FactorRequired
from domains.auth.models import RecoveryCode
from domains.auth.services import recovery_codes
from kernel.crypto import hash_secret
from tests.auth.persons import App, person
from tests.auth.said import said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def me(ada, signed_in):
    return person(ada)


@pytest.fixture
def codes(me, clock) -> list[str]:
    return App(me, clock).recovery_codes


def test_ten_different_codes_are_too_long_to_guess(codes):
    assert len(set(codes)) == 10
    for code in codes:
        letters = code.replace("-", "")
        assert len(letters) >= 20
        assert set(letters) <= set(recovery_codes.ALPHABET)
        assert len(letters) * log2(len(recovery_codes.ALPHABET)) >= 112


def test_codes_are_kept_as_hashes_alone(codes):
    stored = set(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert stored == {hash_secret(code.replace("-", "")) for code in codes}


def test_a_code_is_good_once(codes, ada, clock):
    assert recovery_codes.verify(ada, code=codes[3], now=clock.now)
    assert not recovery_codes.verify(ada, code=codes[3], now=clock.now)
    assert recovery_codes.left(ada) == 9
    assert [payload for _, payload in said("auth.recovery_code_used.v1")] == [
        {"account_id": str(ada.id), "left": 9}
    ]


def test_a_code_may_be_typed_as_it_was_read(codes, ada, clock):
    sloppy = codes[0].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert recovery_codes.verify(ada, code=f" {sloppy} ", now=clock.now)


@pytest.mark.parametrize("code", ["", "-", "0" * 24, "\0", "\u0131" * 24])
def test_anything_else_is_no_code(codes, ada, clock, code):
    assert not recovery_codes.verify(ada, code=code, now=clock.now)


def test_nobody_elses_code_counts(codes, clock):
    from domains.auth.models import Account
    from domains.auth.services import accounts
    from tests.auth.conftest import PASSWORD

    eve = accounts.ensure_account(
        email="eve@example.com", password=PASSWORD, staff=False, now=clock.now
    )
    assert not recovery_codes.verify(Account.objects.get(id=eve.id), code=codes[0], now=clock.now)


def test_new_codes_replace_all_former_ones(codes, me, ada, clock):
    new = recovery_codes.make(me, now=clock.now)
    assert len(set(new) - set(codes)) == 10
    assert RecoveryCode.objects.count() == 10
    assert not recovery_codes.verify(ada, code=codes[0], now=clock.now)
    assert recovery_codes.verify(ada, code=new[0], now=clock.now)
    assert len(said("auth.recovery_codes_made.v1")) == 2


def test_codes_alone_are_no_second_factor(me, clock):
    with pytest.raises(FactorRequired):
        recovery_codes.make(me, now=clock.now)


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_a_code_shown_twice_at_once_counts_once(self, ada, signed_in, clock):
        code = App(person(ada), clock).recovery_codes[0]
        results = at_once(*[partial(recovery_codes.verify, ada, code=code, now=clock.now)] * 6)
        assert results.count(True) == 1
        assert len(said("auth.recovery_code_used.v1")) == 1

    def test_of_two_that_make_codes_one_set_is_left(self, ada, signed_in, clock):
        App(person(ada), clock)
        results = at_once(*[partial(recovery_codes.make, person(ada), now=clock.now)] * 4)
        assert RecoveryCode.objects.count() == 10
        good = [r for r in results if recovery_codes.verify(ada, code=r[0], now=clock.now)]
        assert len(good) == 1
