from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from domains.auth.contract.errors import (
    EmailInvalid,
    EmailUnavailable,
    MailTokenInvalid,
    PasswordResetRequired,
    SessionRequired,
)
from domains.auth.models import Account, ApiKey, Identity, MailProof, Passkey, Session, Totp
from domains.auth.services import (
    accounts,
    bans,
    closing,
    email_change,
    mail_proofs,
    password_reset,
    registration,
    verification,
)
from kernel.errors import Unauthenticated
from kernel.ids import uuid7
from kernel.principal import Principal
from tests.auth.conftest import OTHER_PASSWORD, PASSWORD
from tests.auth.people import enter, mailed, sign_in
from tests.auth.said import names, said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")
Purpose = MailProof.Purpose
NEW = "Ada@Lovelace.example"


def ask(who, clock, email=NEW) -> None:
    email_change.request_change(who, email=email, now=clock.now)


def confirm(clock, token="") -> None:
    token = token or mailed(Purpose.EMAIL_CHANGE, clock)
    email_change.confirm(token=token, now=clock.now)


def undo(clock, token="") -> None:
    token = token or mailed(Purpose.EMAIL_CHANGE_UNDO, clock)
    email_change.undo(token=token, now=clock.now)


def prove(email, clock) -> Account:
    return Account.objects.get(
        id=accounts.ensure_account(email=email, password=PASSWORD, staff=False, now=clock.now).id
    )


@pytest.fixture
def me(ada, clock) -> Principal:
    return sign_in(ada, clock)


@pytest.fixture
def changed(ada, me, clock) -> Account:
    """An account whose address has just changed."""
    ask(me, clock)
    confirm(clock)
    ada.refresh_from_db()
    return ada


def test_nothing_changes_before_the_new_address_is_confirmed(ada, me, clock):
    ask(me, clock)
    ((_, payload),) = said("auth.email_change_requested.v1")
    secret = mail_proofs.issue_secret(proof_id=payload["proof_id"], now=clock.now)
    assert secret.address == NEW
    assert secret.expires_at == clock.now + timedelta(hours=24)
    ada.refresh_from_db()
    assert ada.email == "Ada@Example.com"
    confirm(clock, secret.token)
    ada.refresh_from_db()
    assert (ada.email, ada.email_verified_at) == (NEW, clock.now)
    assert enter(ada, clock)


def test_the_former_address_is_told_and_has_a_week_to_undo(changed, clock):
    ((_, payload),) = said("auth.email_changed.v1")
    secret = mail_proofs.issue_secret(proof_id=payload["undo_proof_id"], now=clock.now)
    assert secret.address == "Ada@Example.com"
    assert secret.expires_at == clock.now + timedelta(days=7)
    clock.advance(days=7)
    with pytest.raises(MailTokenInvalid):
        undo(clock, secret.token)


def test_a_confirmed_change_ends_the_sessions_and_mails_under_way(ada, me, clock):
    password_reset.request_reset(email=ada.email, now=clock.now)
    ask(me, clock)
    confirm(clock)
    assert Session.objects.get().revoked_reason == Session.Reason.EMAIL
    open_ = MailProof.objects.filter(used_at=None).values_list("purpose", flat=True)
    assert list(open_) == [Purpose.EMAIL_CHANGE_UNDO]


def test_the_token_of_the_new_address_is_good_once_and_for_a_day(me, clock):
    ask(me, clock)
    token = mailed(Purpose.EMAIL_CHANGE, clock)
    clock.advance(hours=24)
    with pytest.raises(MailTokenInvalid):
        confirm(clock, token)


def test_the_last_address_asked_for_counts(ada, me, clock):
    ask(me, clock, "typo@lovelace.example")
    mistaken = mailed(Purpose.EMAIL_CHANGE, clock)
    ask(me, clock)
    with pytest.raises(MailTokenInvalid):
        confirm(clock, mistaken)
    confirm(clock)


def test_the_case_of_the_own_address_can_be_changed(ada, me, clock):
    ask(me, clock, "ada@example.com")
    confirm(clock)
    ada.refresh_from_db()
    assert ada.email == "ada@example.com"


class TestTaken:
    def test_the_owner_of_a_taken_address_is_told_that_it_is_known(self, me, clock):
        bob = prove("bob@example.com", clock)
        before = names()
        ask(me, clock, "BOB@example.com")
        assert names() == [*before, "auth.registration_repeated.v1"]
        assert said()[-1][1] == {"account_id": str(bob.id)}
        with pytest.raises(MailTokenInvalid):
            mail_proofs.issue_secret(proof_id=MailProof.objects.get().id, now=clock.now)

    def test_an_address_that_was_proven_meanwhile_stays_with_its_owner(self, ada, me, clock):
        ask(me, clock)
        token = mailed(Purpose.EMAIL_CHANGE, clock)
        prove(NEW.lower(), clock)
        with pytest.raises(EmailUnavailable):
            confirm(clock, token)
        ada.refresh_from_db()
        assert ada.email == "Ada@Example.com"
        assert not Session.objects.filter(account=ada, revoked_at__isnull=False).exists()

    def test_who_only_registered_the_address_gives_way_to_who_proved_it(self, ada, me, clock):
        registration.register(email=NEW.upper(), password=OTHER_PASSWORD, now=clock.now)
        squatter = Account.objects.with_email(NEW).get()
        ask(me, clock)
        confirm(clock)
        ada.refresh_from_db()
        assert ada.email == NEW
        squatter.refresh_from_db()
        assert squatter.erased_at == clock.now
        ((_, payload),) = said("auth.account_erased.v1")
        assert payload == {"account_id": str(squatter.id), "address_marks": []}

    def test_a_former_address_that_has_another_owner_now_stays_there(self, changed, clock):
        prove("ada@example.com", clock)
        with pytest.raises(EmailUnavailable):
            undo(clock)
        changed.refresh_from_db()
        assert changed.email == NEW


class TestUndo:
    def test_the_former_address_comes_back_and_a_new_password_is_due(self, changed, clock):
        sign_in(changed, clock)
        undo(clock)
        changed.refresh_from_db()
        assert changed.email == "Ada@Example.com"
        assert not Session.objects.filter(revoked_at=None).exists()
        with pytest.raises(PasswordResetRequired):
            enter(changed, clock)
        assert names()[-2:] == [
            "auth.email_change_undone.v1",
            "auth.password_reset_requested.v1",
        ]
        proof = MailProof.objects.get(purpose=Purpose.PASSWORD_RESET)
        assert proof.address == "Ada@Example.com"
        token = mailed(Purpose.PASSWORD_RESET, clock)
        password_reset.reset(token=token, password=OTHER_PASSWORD, now=clock.now)
        assert enter(changed, clock, OTHER_PASSWORD)

    def test_it_is_good_once(self, changed, clock):
        token = mailed(Purpose.EMAIL_CHANGE_UNDO, clock)
        undo(clock, token)
        with pytest.raises(MailTokenInvalid):
            undo(clock, token)

    def test_a_reset_by_the_thief_does_not_take_it_away(self, changed, clock):
        token = mailed(Purpose.EMAIL_CHANGE_UNDO, clock)
        password_reset.request_reset(email=NEW, now=clock.now)
        reset = mailed(Purpose.PASSWORD_RESET, clock)
        password_reset.reset(token=reset, password=OTHER_PASSWORD, now=clock.now)
        undo(clock, token)
        changed.refresh_from_db()
        assert changed.email == "Ada@Example.com"

    def test_a_thief_who_changed_it_twice_can_not_take_it_back_again(self, changed, clock):
        victims = mailed(Purpose.EMAIL_CHANGE_UNDO, clock)
        clock.advance(minutes=1)
        ask(sign_in(changed, clock), clock, "thief@example.com")
        confirm(clock)
        thiefs = mailed(Purpose.EMAIL_CHANGE_UNDO, clock)
        undo(clock, victims)
        with pytest.raises(MailTokenInvalid):
            undo(clock, thiefs)
        changed.refresh_from_db()
        assert changed.email == "Ada@Example.com"

    def test_what_the_thief_made_since_goes_and_what_was_before_stays(self, ada, me, clock):
        def make(name: str) -> None:
            made = {"account": ada, "created_at": clock.now}
            Passkey.objects.create(
                name=name, credential_id=name.encode(), public_key=b"-", sign_count=0, **made
            )
            Identity.objects.create(provider=name, issuer="https://i.test", subject=name, **made)
            ApiKey.objects.create(
                organization_id=uuid7(),
                created_by=ada.id,
                name=name,
                key_hash=name,
                permissions=["files.file:read"],
                **made,
            )

        make("before")
        clock.advance(minutes=1)
        ask(me, clock)
        confirm(clock)
        clock.advance(minutes=1)
        make("thief")
        Totp.objects.create(account=ada, created_at=clock.now, confirmed_at=clock.now)
        undo(clock)
        assert Passkey.objects.get().name == "before"
        assert Identity.objects.get().provider == "before"
        assert ApiKey.objects.get(revoked_at=None).name == "before"
        assert not Totp.objects.exists()
        assert {payload["method"] for _, payload in said("auth.factor_removed.v1")} == {
            "passkey",
            "totp",
        }
        assert said("auth.identity_unlinked.v1")

    def test_a_closing_by_the_thief_is_taken_back(self, changed, clock):
        closing.close(sign_in(changed, clock), now=clock.now)
        undo(clock)
        changed.refresh_from_db()
        assert changed.erase_at is None
        assert "auth.account_reopened.v1" in names()
        assert not MailProof.objects.filter(purpose=Purpose.CLOSING_UNDO).exists()


@pytest.mark.parametrize("email", ["", "ada", "a b@example.com"])
def test_what_is_no_address_is_refused(me, clock, email):
    with pytest.raises(EmailInvalid):
        ask(me, clock, email)


def test_a_machine_or_an_ended_session_asks_for_no_other_address(ada, me, clock):
    machine = Principal(kind="api_key", account_id=ada.id, organization_id=uuid7(), memberships={})
    with pytest.raises(SessionRequired):
        ask(machine, clock)
    Session.objects.update(revoked_at=clock.now, revoked_reason=Session.Reason.STAFF)
    with pytest.raises(Unauthenticated):
        ask(me, clock)


def test_who_was_banned_meanwhile_gets_no_other_address(ada, me, clock):
    ask(me, clock)
    token = mailed(Purpose.EMAIL_CHANGE, clock)
    bans.ban(ada, reason="Spam", now=clock.now)
    with pytest.raises(MailTokenInvalid):
        confirm(clock, token)


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_of_two_accounts_one_gets_the_address(self, clock):
        people = [prove(f"p{number}@example.com", clock) for number in range(3)]
        tokens = []
        for person in people:
            ask(sign_in(person, clock), clock)
            tokens.append(mailed(Purpose.EMAIL_CHANGE, clock, account=person))
        results = at_once(*[partial(confirm, clock, token) for token in tokens])
        assert results.count(None) == 1
        assert sum(isinstance(result, EmailUnavailable) for result in results) == 2
        assert Account.objects.with_email(NEW).count() == 1

    def test_of_a_change_and_a_registration_one_gets_the_address(self, clock):
        ada = prove("ada@example.com", clock)
        ask(sign_in(ada, clock), clock)
        token = mailed(Purpose.EMAIL_CHANGE, clock)
        registration.register(email=NEW, password=PASSWORD, now=clock.now)
        other = Account.objects.with_email(NEW).get()
        proof = verification.issue_email_verification(account_id=other.id, now=clock.now)
        results = at_once(
            partial(confirm, clock, token),
            partial(verification.verify_email, token=proof, now=clock.now),
        )
        assert results.count(None) == 1
        holder = Account.objects.with_email(NEW).get()
        assert holder.id == (ada.id if results[0] is None else other.id)
        assert holder.email_verified_at is not None

    def test_two_that_swap_their_addresses_do_not_wait_for_each_other(self, clock):
        ada, bob = prove("ada@example.com", clock), prove("bob@example.com", clock)
        for account, address in ((ada, bob.email), (bob, ada.email)):
            MailProof.objects.create(
                account=account,
                purpose=Purpose.EMAIL_CHANGE,
                address=address,
                created_at=clock.now,
                expires_at=clock.now + timedelta(days=1),
            )
        tokens = [mailed(Purpose.EMAIL_CHANGE, clock, account=account) for account in (ada, bob)]
        results = at_once(*[partial(confirm, clock, token) for token in tokens])
        assert all(isinstance(result, EmailUnavailable) for result in results)
