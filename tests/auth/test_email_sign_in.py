"""Codes and links that sign in, for whoever reads the mail and asked for it from this client."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from domains.auth import interface as auth
from domains.auth.contract.errors import (
    EmailInvalid,
    MailTokenInvalid,
    PasswordResetRequired,
    SignInLocked,
    TicketInvalid,
)
from domains.auth.models import Account, MailProof, MailProofSecret, Session, Totp
from domains.auth.services import email_sign_in, expiry, mail_proofs, registration
from domains.auth.services.tickets import FactorNeeded
from domains.auth.services.tokens import Tokens
from kernel.crypto import encrypt
from tests.auth.conftest import CLIENT, PASSWORD
from tests.auth.said import names, said
from tests.auth.threads import at_once
from tests.auth.timing import assert_time_tells_nothing

pytestmark = pytest.mark.django_db(databases="__all__")
SAID = re.compile(
    r"^(?:SELECT|RELEASE|ROLLBACK|SAVEPOINT|INSERT INTO \S+|UPDATE \S+|DELETE FROM \S+)"
    r"|FROM \"\w+\"|FOR .*UPDATE"
)


@pytest.fixture
def eve(clock) -> Account:
    """Somebody else, who also allows it."""
    known = auth.ensure_account(email="eve@example.com", password=PASSWORD)
    Account.objects.filter(id=known.id).update(email_sign_in=True)
    return Account.objects.get(id=known.id)


@pytest.fixture
def ada(ada) -> Account:
    """An account whose owner allows to sign in by mail."""
    ada.email_sign_in = True
    ada.save()
    return ada


def ask(clock, email="ada@example.com") -> str:
    return email_sign_in.request_mail(email=email, now=clock.now)


def mailed(clock) -> auth.MailSecret:
    """Return what a mail about the newest request carries."""
    proof = MailProof.objects.latest("created_at", "id")
    return mail_proofs.issue_secret(proof_id=proof.id, now=clock.now)


def show(clock, ticket, *, code="", token=""):
    return email_sign_in.log_in(ticket=ticket, code=code, token=token, client=CLIENT, now=clock.now)


def refused(clock, ticket, **secret) -> None:
    with pytest.raises(TicketInvalid):
        show(clock, ticket, **secret)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08}"


@pytest.mark.parametrize("kind", ["code", "token"])
def test_the_mail_signs_in_once(ada, clock, kind):
    ticket = ask(clock, "ADA@example.com")
    mail = mailed(clock)
    assert mail.address == ada.email
    assert isinstance(show(clock, ticket, **{kind: getattr(mail, kind)}), Tokens)
    session = Session.objects.get()
    assert (session.account_id, session.methods) == (ada.id, ["email"])
    for other in ("code", "token"):
        refused(clock, ticket, **{other: getattr(mail, other)})
    assert Session.objects.count() == 1


def test_the_event_names_the_proof_and_no_secret(ada, clock):
    ask(clock)
    ((_, payload),) = said("auth.sign_in_by_email_requested.v1")
    assert payload == {
        "account_id": str(ada.id),
        "proof_id": str(MailProof.objects.get().id),
    }


def test_a_mail_that_is_rendered_twice_is_good_both_times(ada, clock):
    for first in (True, False):
        ticket = ask(clock)
        mails = [mailed(clock), mailed(clock)]
        assert show(clock, ticket, code=mails[0 if first else 1].code)


@pytest.mark.parametrize("kind", ["code", "token"])
def test_the_mail_is_good_for_ten_minutes(ada, clock, kind):
    ticket = ask(clock)
    mail = mailed(clock)
    assert mail.expires_at == clock.now + timedelta(minutes=10)
    clock.advance(minutes=10)
    refused(clock, ticket, **{kind: getattr(mail, kind)})
    with pytest.raises(MailTokenInvalid):
        mailed(clock)
    expiry.delete_expired(now=clock.now)
    assert not MailProof.objects.exists()


@pytest.mark.parametrize("kind", ["code", "token"])
def test_the_mail_is_good_for_the_client_alone_that_asked(ada, eve, clock, kind):
    """Somebody who reads the mail, or has it forwarded, lacks the ticket."""
    hers = ask(clock, eve.email)
    mine = ask(clock)
    mail = mailed(clock)
    for ticket in (hers, "", "x", encrypt("x y z"), encrypt("{} {} {}"), ask(clock, "no@x.org")):
        refused(clock, ticket, **{kind: getattr(mail, kind)})
    assert show(clock, mine, **{kind: getattr(mail, kind)})


def test_the_ticket_alone_signs_nobody_in(ada, clock):
    ticket = ask(clock)
    refused(clock, ticket)
    mailed(clock)
    refused(clock, ticket)
    refused(clock, ticket, code="", token="")
    assert not Session.objects.exists()


def test_the_ticket_hides_what_is_stored(ada, clock):
    ticket = ask(clock)
    mail = mailed(clock)
    proof = MailProof.objects.values().get()
    secret = MailProofSecret.objects.values().get()
    stored = " ".join(map(str, [*proof.values(), *secret.values()]))
    for shown in (ticket, mail.token, mail.code):
        assert shown not in stored
    for value in (proof["ticket_hash"], secret["token_hash"], secret["code_encrypted"]):
        refused(clock, ticket, token=value)
        refused(clock, value, token=mail.token)
    assert ada.email not in ticket


def test_a_newer_request_voids_the_older(ada, clock):
    older = ask(clock)
    mail = mailed(clock)
    newer = ask(clock)
    refused(clock, older, code=mail.code)
    refused(clock, newer, code=mail.code)
    assert show(clock, newer, code=mailed(clock).code)


def test_five_tries_count(ada, clock):
    ticket = ask(clock)
    mail = mailed(clock)
    for _ in range(4):
        refused(clock, ticket, code=wrong(mail.code))
    assert show(clock, ticket, code=mail.code)


def test_the_sixth_try_is_refused_although_it_is_right(ada, clock):
    ticket = ask(clock)
    mail = mailed(clock)
    for _ in range(5):
        refused(clock, ticket, code=wrong(mail.code))
    refused(clock, ticket, code=mail.code)
    refused(clock, ticket, token=mail.token)
    assert MailProof.objects.get().attempts == 5


def test_a_wrong_ticket_costs_the_right_one_no_try(ada, clock):
    ticket = ask(clock)
    mail = mailed(clock)
    for _ in range(9):
        refused(clock, "x", code=mail.code)
    assert show(clock, ticket, code=mail.code)


def test_a_second_factor_is_still_asked_for(ada, clock):
    Totp.objects.create(account=ada, created_at=clock.now, confirmed_at=clock.now)
    ticket = ask(clock)
    assert isinstance(show(clock, ticket, code=mailed(clock).code), FactorNeeded)
    assert not Session.objects.exists()


def test_a_mail_for_something_else_signs_nobody_in(ada, clock):
    ticket = ask(clock)
    MailProof.objects.update(purpose=MailProof.Purpose.PASSWORD_RESET)
    refused(clock, ticket, token=mailed(clock).token)


def test_a_token_to_sign_in_with_resets_no_password(ada, clock):
    from domains.auth.services import password_reset

    ask(clock)
    with pytest.raises(MailTokenInvalid):
        password_reset.reset(token=mailed(clock).token, password="x" * 20, now=clock.now)


NOT_ALLOWED = {
    "it is not allowed": {"email_sign_in": False},
    "it is banned": {"is_active": False},
    "it is closing": {"erase_at": "later"},
}


def change(account, clock, values) -> None:
    later = clock.now + timedelta(days=7)
    values = {k: later if v == "later" else v for k, v in values.items()}
    Account.objects.filter(id=account.id).update(**values)


@pytest.mark.parametrize("values", NOT_ALLOWED.values(), ids=NOT_ALLOWED)
class TestNotAllowed:
    def test_no_mail_is_sent(self, ada, clock, values):
        before = names()
        change(ada, clock, values)
        assert ask(clock)
        assert not MailProof.objects.exists()
        assert names() == before

    def test_an_older_mail_signs_nobody_in(self, ada, clock, values):
        ticket = ask(clock)
        mail = mailed(clock)
        change(ada, clock, values)
        refused(clock, ticket, code=mail.code)


def test_it_is_not_allowed_unless_the_owner_allows_it():
    assert Account().email_sign_in is False


def test_nobody_is_mailed_before_the_address_is_proven(clock):
    registration.register(email="new@example.com", password=PASSWORD, now=clock.now)
    Account.objects.update(email_sign_in=True)
    ask(clock, "new@example.com")
    assert not MailProof.objects.exists()


def test_a_mail_to_a_former_address_signs_nobody_in(ada, clock):
    ticket = ask(clock)
    mail = mailed(clock)
    Account.objects.filter(id=ada.id).update(email="new@example.com")
    refused(clock, ticket, code=mail.code)


def test_who_must_choose_a_new_password_hears_so(ada, clock):
    ticket = ask(clock)
    Account.objects.update(password_reset_required_at=clock.now)
    with pytest.raises(PasswordResetRequired):
        show(clock, ticket, code=mailed(clock).code)


def test_what_is_no_address_is_refused(clock):
    with pytest.raises(EmailInvalid):
        ask(clock, "ada")


def statements(action) -> list[str]:
    """Return which statements the action took, and on which tables."""
    with CaptureQueriesContext(connections["auth"]) as queries:
        action()
    return [" ".join(SAID.findall(query["sql"])) for query in queries]


def test_asking_takes_the_same_statements_for_known_and_unknown(ada, eve, clock):
    """One savepoint is kept and one taken back either way, only in another order."""
    Account.objects.filter(id=eve.id).update(email_sign_in=False)
    asked = [
        statements(partial(ask, clock, email))
        for email in (ada.email, eve.email, "nobody@example.com")
    ]
    assert 'INSERT INTO "mail_proof"' in asked[0]
    assert sorted(asked[0]) == sorted(asked[1]) == sorted(asked[2])


def test_tickets_for_known_and_unknown_are_alike(ada, clock):
    known, unknown = ask(clock, "ada@example.com"), ask(clock, "eda@example.com")
    assert len(known) == len(unknown)
    assert known[:5] == unknown[:5]


def test_a_wrong_code_takes_the_same_statements_for_known_and_unknown(ada, clock):
    known, unknown = ask(clock), ask(clock, "nobody@example.com")
    mailed(clock)
    shown = [
        statements(partial(refused, clock, ticket, code="00000000")) for ticket in (known, unknown)
    ]
    assert 'UPDATE "mail_proof"' in shown[0]
    assert sorted(shown[0]) == sorted(shown[1])


def test_wrong_codes_lock_whoever_guesses_but_not_the_link(ada, clock):
    for _ in range(2):
        ticket = ask(clock)
        mail = mailed(clock)
        for _ in range(5):
            refused(clock, ticket, code=wrong(mail.code))
    ticket = ask(clock)
    mail = mailed(clock)
    with pytest.raises(SignInLocked):
        show(clock, ticket, code=mail.code)
    assert MailProof.objects.get(used_at=None).attempts == 0
    assert {payload["method"] for _, payload in said("auth.sign_in_failed.v1")} == {"email"}
    assert len(said("auth.account_locked.v1")) == 1
    assert show(clock, ticket, token=mail.token)


def test_guessing_is_locked_alike_for_known_and_unknown(ada, clock):
    def outcomes(email) -> list[str]:
        found = []
        for _ in range(3):
            ticket = ask(clock, email)
            for _ in range(4):
                with pytest.raises((TicketInvalid, SignInLocked)) as refusal:
                    show(clock, ticket, code="00000000")
                found.append(refusal.value.code)
        return found

    assert outcomes(ada.email) == outcomes("nobody@example.com")


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_the_right_code_signs_in_once(self, ada, clock):
        ticket = ask(clock)
        mail = mailed(clock)
        calls = [partial(show, clock, ticket, code=mail.code)] * 2
        results = at_once(*calls, *[partial(show, clock, ticket, token=mail.token)] * 2)
        assert sum(isinstance(result, Tokens) for result in results) == 1
        assert Session.objects.count() == 1

    def test_no_more_than_five_tries_count(self, ada, clock):
        ticket = ask(clock)
        mail = mailed(clock)
        at_once(*[partial(show, clock, ticket, code=wrong(mail.code))] * 8)
        assert MailProof.objects.get().attempts == 5
        refused(clock, ticket, code=mail.code)

    def test_of_several_requests_one_mail_is_good(self, ada, clock):
        tickets = at_once(*[partial(ask, clock)] * 4)
        assert len(set(tickets)) == 4
        assert MailProof.objects.filter(used_at=None).count() == 1

    def test_the_time_of_asking_and_of_a_wrong_code_tells_nobody_which_accounts_there_are(
        self, ada, eve, clock
    ):
        Account.objects.filter(id=eve.id).update(email_sign_in=False)
        emails = {"known": ada.email, "off": eve.email, "unknown": "nobody@example.com"}
        for how in (ask, self.try_code):
            cases = {kind: partial(how, clock, email) for kind, email in emails.items()}
            assert_time_tells_nothing(cases, afresh=MailProof.objects.all().delete)

    def try_code(self, clock, email) -> None:
        clock.advance(hours=25)  # nobody is locked any more
        with pytest.raises(TicketInvalid):
            show(clock, ask(clock, email), code="00000000")
