from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from domains.auth.contract.errors import (
    CredentialsInvalid,
    EmailInvalid,
    EmailNotVerified,
    MailTokenInvalid,
    PasswordResetRequired,
    SignInLocked,
)
from domains.auth.models import Account, MailProof, Session, SignInTicket, Totp
from domains.auth.services import (
    bans,
    login,
    mail_proofs,
    password_reset,
    registration,
)
from domains.auth.services.tickets import FactorNeeded
from kernel.errors import ValidationFailed
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.said import names, said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def ask(email, clock) -> None:
    password_reset.request_reset(email=email, now=clock.now)


def mailed(clock) -> str:
    """Return the token of a mail about the newest proof."""
    proof = MailProof.objects.latest("created_at", "id")
    return mail_proofs.issue_secret(proof_id=proof.id, now=clock.now).token


def reset(token, clock, password=OTHER_PASSWORD) -> None:
    password_reset.reset(token=token, password=password, now=clock.now)


def enter(account, clock, password=OTHER_PASSWORD):
    return login.log_in(client=CLIENT, email=account.email, password=password, now=clock.now)


def test_whoever_forgot_the_password_chooses_another_by_mail(ada, clock):
    ask("ADA@example.com", clock)
    ((_, payload),) = said("auth.password_reset_requested.v1")
    proof = MailProof.objects.get()
    assert payload == {"account_id": str(ada.id), "proof_id": str(proof.id)}
    assert proof.address == ada.email
    reset(mailed(clock), clock)
    assert enter(ada, clock)
    with pytest.raises(CredentialsInvalid):
        enter(ada, clock, PASSWORD)
    ada.refresh_from_db()
    assert (ada.password_changed_at, ada.password_is_short) == (clock.now, False)
    assert said("auth.password_changed.v1")[0][1]["by_reset"] is True


def test_a_token_is_good_once_and_for_half_an_hour(ada, clock):
    ask(ada.email, clock)
    token = mailed(clock)
    reset(token, clock)
    with pytest.raises(MailTokenInvalid):
        reset(token, clock, "yet another fine phrase")
    ask(ada.email, clock)
    token = mailed(clock)
    clock.advance(minutes=30)
    with pytest.raises(MailTokenInvalid):
        reset(token, clock)
    assert enter(ada, clock)


def test_a_refused_password_leaves_the_token_good(ada, clock):
    ask(ada.email, clock)
    token = mailed(clock)
    with pytest.raises(ValidationFailed):
        reset(token, clock, "short")
    reset(token, clock)


def test_a_reset_ends_all_sessions_and_gives_none(ada, signed_in, clock):
    ask(ada.email, clock)
    reset(mailed(clock), clock)
    assert Session.objects.get().revoked_reason == Session.Reason.PASSWORD
    assert names().count("auth.session_started.v1") == 1


def test_a_reset_passes_no_second_factor_by(ada, clock):
    Totp.objects.create(account=ada, created_at=clock.now, confirmed_at=clock.now)
    ask(ada.email, clock)
    reset(mailed(clock), clock)
    assert isinstance(enter(ada, clock), FactorNeeded)


def test_a_reset_drops_what_was_under_way_but_what_undoes(ada, clock):
    for purpose in MailProof.Purpose:
        mail_proofs.open_proof(
            ada, purpose=purpose, address=ada.email, lifetime=timedelta(days=1), now=clock.now
        )
    SignInTicket.objects.create(
        account=ada,
        ticket_hash="0" * 64,
        proven=["password"],
        created_at=clock.now,
        expires_at=clock.now + timedelta(minutes=5),
    )
    ask(ada.email, clock)
    reset(mailed(clock), clock)
    left = MailProof.objects.filter(used_at=None).values_list("purpose", flat=True)
    assert set(left) == set(mail_proofs.UNDOING)
    assert not SignInTicket.objects.exists()


def test_a_reset_forgets_failed_sign_ins(ada, clock):
    for _ in range(10):
        with pytest.raises(CredentialsInvalid):
            enter(ada, clock)
    with pytest.raises(SignInLocked):
        enter(ada, clock, PASSWORD)
    ask(ada.email, clock)
    reset(mailed(clock), clock)
    assert enter(ada, clock)


def test_the_same_answer_sends_nothing_to_who_can_not_have_a_new_password(ada, clock):
    registration.register(email="new@example.com", password=PASSWORD, now=clock.now)
    before = names()
    ask("nobody@example.com", clock)
    ask("new@example.com", clock)
    Account.objects.filter(id=ada.id).update(erase_at=clock.now + timedelta(days=7))
    ask(ada.email, clock)
    Account.objects.filter(id=ada.id).update(erase_at=None)
    bans.ban(ada, reason="Spam", now=clock.now)
    ask(ada.email, clock)
    assert not MailProof.objects.exists()
    assert names() == [*before, "auth.account_banned.v1"]


def test_a_banned_account_is_not_reset_by_an_older_mail(ada, clock):
    ask(ada.email, clock)
    token = mailed(clock)
    Account.objects.update(banned_at=clock.now, ban_reason="Spam", is_active=False)
    with pytest.raises(MailTokenInvalid):
        reset(token, clock)


def test_what_is_no_address_is_refused(clock):
    with pytest.raises(EmailInvalid):
        ask("ada", clock)


class TestForced:
    def test_nobody_comes_in_before_a_new_password_is_chosen(self, ada, signed_in, clock):
        password_reset.force_password_reset(ada, reason="Seen in a leak", now=clock.now)
        assert Session.objects.get().revoked_reason == Session.Reason.STAFF
        with pytest.raises(PasswordResetRequired):
            enter(ada, clock, PASSWORD)
        ((_, payload),) = said("auth.password_reset_forced.v1")
        assert payload["reason"] == "Seen in a leak"
        secret = mail_proofs.issue_secret(proof_id=payload["proof_id"], now=clock.now)
        reset(secret.token, clock)
        assert enter(ada, clock)

    def test_the_password_can_also_be_forgotten_later(self, ada, clock):
        password_reset.force_password_reset(ada, reason="Seen in a leak", now=clock.now)
        clock.advance(days=30)
        ask(ada.email, clock)
        reset(mailed(clock), clock)
        assert enter(ada, clock)

    def test_who_never_proved_the_address_has_no_password_to_reset(self, clock):
        registration.register(email="new@example.com", password=PASSWORD, now=clock.now)
        account = Account.objects.get()
        with pytest.raises(EmailNotVerified):
            password_reset.force_password_reset(account, reason="Leak", now=clock.now)


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_of_several_resets_one_counts(self, member, clock):
        ask(member.email, clock)
        phrases = [f"{word} above the quiet harbour" for word in ("seagulls", "lanterns", "clouds")]
        calls = [partial(reset, mailed(clock), clock, phrase) for phrase in phrases]
        results = at_once(*calls)
        assert results.count(None) == 1
        right = phrases[results.index(None)]
        assert enter(member, clock, right)

    def test_no_session_of_the_old_password_begins_beside_a_reset(self, member, clock):
        ask(member.email, clock)
        entering = partial(enter, member, clock, PASSWORD)
        at_once(partial(reset, mailed(clock), clock), *[entering] * 4)
        assert not Session.objects.filter(revoked_at=None).exists()
