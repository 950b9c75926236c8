from __future__ import annotations

from functools import partial

import pytest

from domains.auth.contract.errors import (
    CredentialsInvalid,
    PasswordWrong,
    SessionRequired,
    SignInLocked,
)
from domains.auth.models import Account, MailProof, Session, Totp
from domains.auth.services import login, mail_proofs, password_change, password_reset
from kernel.errors import Unauthenticated, ValidationFailed
from kernel.ids import uuid7
from kernel.principal import Principal
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.said import said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def enter(account, clock, password=PASSWORD):
    return login.log_in(client=CLIENT, email=account.email, password=password, now=clock.now)


def person(account, session_id) -> Principal:
    return Principal(
        kind="account",
        account_id=account.id,
        session_id=session_id,
        organization_id=uuid7(),
        memberships={},
    )


def sign_in(account, clock) -> Principal:
    enter(account, clock)
    return person(account, Session.objects.latest("created_at", "id").id)


def change(who, clock, *, current=PASSWORD, new=OTHER_PASSWORD) -> None:
    password_change.change(
        who, current_password=current, new_password=new, client=CLIENT, now=clock.now
    )


@pytest.fixture
def me(ada, clock) -> Principal:
    return sign_in(ada, clock)


def test_the_new_password_counts_and_the_former_no_more(ada, me, clock):
    change(me, clock)
    assert enter(ada, clock, OTHER_PASSWORD)
    with pytest.raises(CredentialsInvalid):
        enter(ada, clock)
    ada.refresh_from_db()
    assert ada.password_changed_at == clock.now
    assert said("auth.password_changed.v1") == [
        ("auth.password_changed.v1", {"account_id": str(ada.id), "by_reset": False})
    ]


def test_a_change_ends_all_sessions_but_the_own_one(ada, me, clock):
    other = sign_in(ada, clock)
    change(me, clock)
    ended = Session.objects.get(revoked_at__isnull=False)
    assert (ended.id, ended.revoked_reason) == (other.session_id, Session.Reason.PASSWORD)


def test_without_the_present_password_nothing_changes(ada, me, clock):
    with pytest.raises(PasswordWrong) as refused:
        change(me, clock, current=OTHER_PASSWORD)
    assert refused.value.pointer == "/current_password"
    assert enter(ada, clock)


def test_guesses_of_the_present_password_count_as_failed_sign_ins(me, clock):
    for _ in range(10):
        with pytest.raises(PasswordWrong):
            change(me, clock, current=OTHER_PASSWORD)
    with pytest.raises(SignInLocked):
        change(me, clock)
    assert said("auth.sign_in_failed.v1")[0][1]["method"] == "password"


def test_a_refused_password_is_named_with_its_place(me, clock):
    with pytest.raises(ValidationFailed) as refused:
        change(me, clock, new="ada@example.com")
    assert {e.pointer for e in refused.value.errors} == {"/new_password"}


def test_a_change_drops_the_mails_under_way(ada, me, clock):
    password_reset.request_reset(email=ada.email, now=clock.now)
    change(me, clock)
    assert not MailProof.objects.exists()


def test_a_machine_has_no_password_to_change(ada, clock):
    machine = Principal(kind="api_key", account_id=ada.id, organization_id=uuid7(), memberships={})
    with pytest.raises(SessionRequired):
        change(machine, clock)


def test_a_session_that_has_just_ended_changes_nothing(ada, me, clock):
    Session.objects.update(revoked_at=clock.now, revoked_reason=Session.Reason.STAFF)
    with pytest.raises(Unauthenticated):
        change(me, clock)
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


class TestShort:
    SHORT = "nv7Kq2wz"

    def protect(self, account, clock) -> None:
        Totp.objects.create(account=account, created_at=clock.now, confirmed_at=clock.now)

    def test_eight_characters_are_enough_beside_a_second_factor(self, ada, me, clock):
        self.protect(ada, clock)
        change(me, clock, new=self.SHORT)
        ada.refresh_from_db()
        assert ada.check_password(self.SHORT)
        assert ada.password_is_short
        change(me, clock, current=self.SHORT, new=OTHER_PASSWORD)
        ada.refresh_from_db()
        assert not ada.password_is_short

    def test_seven_are_not(self, ada, me, clock):
        self.protect(ada, clock)
        with pytest.raises(ValidationFailed):
            change(me, clock, new=self.SHORT[:7])

    def test_a_factor_that_is_not_confirmed_makes_no_difference(self, ada, me, clock):
        Totp.objects.create(account=ada, created_at=clock.now)
        with pytest.raises(ValidationFailed):
            change(me, clock, new=self.SHORT)

    def test_staff_need_the_longer_one_whatever_else_guards_them(self, ada, me, clock):
        self.protect(ada, clock)
        Account.objects.update(is_staff=True)
        with pytest.raises(ValidationFailed):
            change(me, clock, new=self.SHORT)

    def test_a_factor_that_goes_meanwhile_takes_the_short_password_with_it(
        self, ada, me, clock, monkeypatch
    ):
        self.protect(ada, clock)
        hashed = password_change.passwords.hash_password

        def hash_while_the_factor_goes(password):
            Totp.objects.all().delete()
            return hashed(password)

        monkeypatch.setattr(password_change.passwords, "hash_password", hash_while_the_factor_goes)
        with pytest.raises(ValidationFailed) as refused:
            change(me, clock, new=self.SHORT)
        assert [e.code for e in refused.value.errors] == ["auth.password_too_short"]
        ada.refresh_from_db()
        assert ada.check_password(PASSWORD)


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_of_several_changes_one_counts(self, member, clock):
        me = sign_in(member, clock)
        phrases = [f"{word} above the quiet harbour" for word in ("seagulls", "lanterns", "clouds")]
        results = at_once(*[partial(change, me, clock, new=phrase) for phrase in phrases])
        assert results.count(None) == 1
        assert sum(isinstance(result, PasswordWrong) for result in results) == 2
        assert enter(member, clock, phrases[results.index(None)])

    def test_a_change_beside_a_reset_leaves_the_thief_no_session(self, member, clock):
        thief = sign_in(member, clock)
        password_reset.request_reset(email=member.email, now=clock.now)
        proof = MailProof.objects.get()
        token = mail_proofs.issue_secret(proof_id=proof.id, now=clock.now).token
        reset = partial(
            password_reset.reset, token=token, password="lanterns over the mere", now=clock.now
        )
        results = at_once(reset, partial(change, thief, clock))
        assert results.count(None) == 1
        if results[0] is None:
            assert not Session.objects.filter(revoked_at=None).exists()
            assert enter(member, clock, "lanterns over the mere")
