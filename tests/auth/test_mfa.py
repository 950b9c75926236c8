"""Signing in with a second factor, through the whole gateway."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from domains.auth import interface as auth
from domains.auth.models import Account, Session, SignInThrottle, SignInTicket
from domains.auth.services import mfa, passwords, tickets, totp
from kernel import clock as real
from tests.auth import test_passkeys as passkey_tests
from tests.auth.answers import EMAIL, code_of, log_in, refresh, same_but_for_the_request
from tests.auth.conftest import PASSWORD
from tests.auth.persons import App, person
from tests.auth.said import said
from tests.auth.threads import at_once
from tests.client import Api

pytestmark = pytest.mark.django_db(databases="__all__")


class RealClock:
    """The time as the views read it, moved by what a test adds."""

    def __init__(self, monkeypatch) -> None:
        self.ahead = timedelta()
        for module in ("login", "mfa", "step_up", "factors"):
            monkeypatch.setattr(f"domains.auth.api.{module}.now", lambda: self.now)

    @property
    def now(self):
        return real.now() + self.ahead

    def advance(self, **by: float):
        self.ahead += timedelta(**by)
        return self.now


@pytest.fixture
def clock(monkeypatch) -> RealClock:
    return RealClock(monkeypatch)


@pytest.fixture
def account() -> Account:
    auth.ensure_account(email=EMAIL, password=PASSWORD)
    return Account.objects.get()


@pytest.fixture
def app(account, api, clock) -> App:
    log_in(api)
    return App(person(account), clock)


def needed(api) -> dict:
    answer = log_in(api)
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    (only,) = answer.json().items()
    assert only[0] == "mfa"
    return only[1]


def finish(api, ticket, answer, method="totp"):
    return api.post("auth/mfa", {"ticket": ticket, "method": method, "answer": answer})


def test_login_with_a_factor_answers_with_a_ticket_that_a_code_exchanges(app, api):
    wanted = needed(api)
    assert set(wanted) == {"ticket", "methods", "expires_in"}
    assert (wanted["methods"], wanted["expires_in"]) == (["totp", "recovery_code"], 300)
    answer = finish(api, wanted["ticket"], app.later_code())
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert Session.objects.latest("created_at").methods == ["password", "totp"]


def test_a_recovery_code_finishes_it_too(app, api):
    code = app.recovery_codes[0]
    assert finish(api, needed(api)["ticket"], code, "recovery_code").status_code == 200
    again = finish(api, needed(api)["ticket"], code, "recovery_code")
    assert code_of(again) == (401, "auth.ticket_invalid")


def test_wrong_used_and_unknown_are_answered_alike(app, api, clock):
    ticket = needed(api)["ticket"]
    answers = [finish(api, "x" * 43, app.later_code()), finish(api, ticket, "000000")]
    answers.append(finish(api, ticket, PASSWORD, "password"))
    answers.append(finish(api, ticket, {"id": "AQ", "response": {}}, "passkey"))
    assert finish(api, ticket, app.code()).status_code == 200
    answers.append(finish(api, ticket, app.later_code()))
    late = needed(api)["ticket"]
    clock.advance(minutes=5)
    answers.append(finish(api, late, app.code()))
    assert {code_of(a) for a in answers} == {(401, "auth.ticket_invalid")}
    assert all(same_but_for_the_request(a) == same_but_for_the_request(answers[0]) for a in answers)


def test_after_five_wrong_codes_the_ticket_is_worth_nothing(app, api):
    ticket = needed(api)["ticket"]
    for _ in range(tickets.MOST_ATTEMPTS):
        assert finish(api, ticket, "000000").status_code == 401
    assert code_of(finish(api, ticket, app.later_code())) == (401, "auth.ticket_invalid")
    assert SignInTicket.objects.get().attempts == 5


def test_the_ticket_is_good_for_nothing_else(app, api):
    ticket = needed(api)["ticket"]
    assert api.as_(token=ticket).get("users/me").status_code == 401
    assert code_of(refresh(api, ticket)) == (401, "auth.refresh_token_invalid")
    assert api.post("auth/verify-email", {"token": ticket}).status_code == 422


def test_other_tokens_are_no_tickets(app, api):
    tokens = finish(api, needed(api)["ticket"], app.later_code()).json()
    for token in (tokens["access_token"][:200], tokens["refresh_token"]):
        assert code_of(finish(api, token, app.later_code())) == (401, "auth.ticket_invalid")


@pytest.mark.parametrize("answer", [5, None, [], True, "a" * 1025, "\ud800"])
def test_an_answer_of_another_form_is_refused_with_its_place(app, api, answer):
    refused = finish(api, needed(api)["ticket"], answer)
    assert refused.status_code in (400, 422)
    if refused.status_code == 422:
        assert [e["pointer"] for e in refused.json()["errors"]] == ["/answer"]


def test_a_new_password_does_not_bypass_the_factor(app, api, account):
    other = "an entirely different phrase"
    Account.objects.update(password=passwords.hash_password(other), password_changed_at=real.now())
    answer = log_in(api, password=other)
    assert set(answer.json()) == {"mfa"}


def test_whoever_fails_the_second_step_is_told_of_and_counted(app, api, account):
    finish(api, needed(api)["ticket"], "000000")
    ((_, payload),) = said("auth.sign_in_failed.v1")
    assert (payload["account_id"], payload["method"]) == (str(account.id), "totp")
    assert sorted(SignInThrottle.objects.values_list("failures", flat=True)) == [1, 1, 1]


def test_guessing_codes_locks_although_the_password_is_right(app, api):
    """Ten wrong codes, from any number of tickets; a right password between them pardons none."""
    for _ in range(2):
        ticket = needed(api)["ticket"]
        assert {finish(api, ticket, "000000").status_code for _ in range(5)} == {401}
    answer = log_in(api)
    assert code_of(answer) == (429, "auth.sign_in_locked")
    assert 0 < int(answer["Retry-After"]) <= 30


def test_wrong_tickets_of_others_keep_nobody_from_hearing_that_theirs_is_too_old(app, api, clock):
    late = needed(api)["ticket"]
    clock.advance(minutes=6)
    for number in range(11):
        finish(api, f"{number:x}" * 43, "000000")
    assert code_of(finish(api, late, app.code())) == (401, "auth.ticket_invalid")


def test_a_ticket_that_is_an_address_counts_against_nobody(app, api):
    for _ in range(10):
        finish(api, EMAIL, "000000")
    assert set(log_in(api).json()) == {"mfa"}


def test_a_ticket_is_asked_for_at_most_ten_times(api):
    statuses = [finish(api, "y" * 43, "000000").status_code for _ in range(11)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"is_active": False}, (403, "auth.account_disabled")),
        ({"erase_at": "2030-01-01T00:00:00Z"}, (403, "auth.account_closing")),
        (
            {"password_reset_required_at": "2026-01-01T00:00:00Z"},
            (403, "auth.password_reset_required"),
        ),
    ],
)
def test_what_happened_to_the_account_meanwhile_counts(app, api, change, refused):
    ticket = needed(api)["ticket"]
    Account.objects.update(**change)
    assert code_of(finish(api, ticket, app.later_code())) == refused


def test_no_passkey_is_asked_for_where_there_is_none(app, api):
    ticket = needed(api)["ticket"]
    answers = [
        api.post("auth/mfa/passkey-options", {"ticket": t}) for t in (ticket, "unknown", "x" * 43)
    ]
    assert {code_of(a) for a in answers} == {(401, "auth.ticket_invalid")}


def test_a_passkey_is_asked_with_a_challenge_for_this_alone(app, api, account, clock):
    from domains.auth.models import PasskeyChallenge
    from tests.auth.test_sign_in import give_passkey

    give_passkey(account, clock)
    wanted = needed(api)
    assert wanted["methods"] == ["passkey", "totp", "recovery_code"]
    answer = api.post("auth/mfa/passkey-options", {"ticket": wanted["ticket"]})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert len(answer.json()["allowCredentials"]) == 1
    assert PasskeyChallenge.objects.get().purpose == "second_factor"


def test_setting_up_an_app_over_the_api(account, api, deliver_events, clock):
    deliver_events()
    me = api.as_(token=log_in(api).json()["access_token"])
    begun = me.post("auth/totp")
    assert begun.status_code == 201, begun.content
    assert begun["Cache-Control"] == "no-store"
    secret = begun.json()["secret"]
    code = totp.code_at(secret, totp.step_at(clock.now))
    assert code_of(me.post("auth/totp/confirm", {"code": "0"})) == (422, "auth.code_invalid")
    confirmed = me.post("auth/totp/confirm", {"code": code})
    assert confirmed["Cache-Control"] == "no-store"
    assert len(confirmed.json()["recovery_codes"]) == 10
    shown = me.get("auth/factors").json()
    assert shown["second_factors"] == shown["strongest"] == ["totp", "recovery_code"]
    assert shown["recovery_codes_left"] == 10
    assert shown["totp_added_at"].endswith("Z")
    made = me.post("auth/recovery-codes")
    assert made.status_code == 201
    assert not set(made.json()["recovery_codes"]) & set(confirmed.json()["recovery_codes"])
    assert me.delete("auth/totp").status_code == 204
    assert me.get("auth/factors").json()["second_factors"] == []


def test_no_secret_of_a_factor_is_told_or_stored_readably(account, api, deliver_events, clock):
    from kernel.models import IdempotencyRecord, Outbox

    deliver_events()
    me = api.as_(token=log_in(api).json()["access_token"])
    secret = me.post("auth/totp", Idempotency_Key="1").json()["secret"]
    code = totp.code_at(secret, totp.step_at(clock.now))
    codes = me.post("auth/totp/confirm", {"code": code}).json()["recovery_codes"]
    ticket = needed(api)["ticket"]
    finish(api, ticket, codes[0], "recovery_code")
    stored = str([list(m.objects.using("auth").values()) for m in (Outbox, IdempotencyRecord)])
    for hidden in (secret, ticket, *codes):
        assert hidden not in stored


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_a_ticket_shown_twice_at_once_starts_one_session(self, account, api, clock):
        log_in(api)
        app = App(person(account), clock)
        ticket = needed(api)["ticket"]
        codes = app.recovery_codes[:4]
        answers = at_once(
            *[partial(finish, Api(), ticket, code, "recovery_code") for code in codes]
        )
        assert sorted(a.status_code for a in answers) == [200, 401, 401, 401]
        assert Session.objects.count() == 2

    def test_of_many_guesses_at_once_five_are_looked_at(self, account, api, clock):
        log_in(api)
        App(person(account), clock)
        ticket = needed(api)["ticket"]
        at_once(*[partial(finish, Api(), ticket, "000000") for _ in range(10)])
        assert SignInTicket.objects.get().attempts == 5


def test_the_second_step_refuses_what_is_no_second_factor(app, account, clock, api):
    ticket = needed(api)["ticket"]
    from domains.auth.contract.errors import TicketInvalid
    from tests.auth.conftest import CLIENT

    for method in (auth.Method.PASSWORD, auth.Method.EMAIL, auth.Method.FEDERATED):
        with pytest.raises(TicketInvalid):
            mfa.finish(ticket=ticket, method=method, answer=PASSWORD, client=CLIENT, now=clock.now)


class TestWithAPasskey:
    @pytest.fixture
    def phone(self, account, api, clock):
        log_in(api)
        return passkey_tests.register(account, clock)

    def test_it_finishes_the_sign_in_once(self, phone, api):
        ticket = needed(api)["ticket"]
        options = api.post("auth/mfa/passkey-options", {"ticket": ticket}).json()
        credential = phone.get(options)
        assert finish(api, ticket, credential, "passkey").status_code == 200
        assert Session.objects.latest("created_at").methods == ["password", "passkey"]
        again = finish(api, needed(api)["ticket"], credential, "passkey")
        assert code_of(again) == (401, "auth.ticket_invalid")

    def test_what_it_answered_to_sign_in_finishes_nothing(self, phone, api):
        options = api.post("auth/passkeys/sign-in-options").json()
        refused = finish(api, needed(api)["ticket"], phone.get(options), "passkey")
        assert code_of(refused) == (401, "auth.ticket_invalid")

    def test_it_gets_its_owner_in_while_guesses_are_locked_out(self, phone, api):
        ticket = needed(api)["ticket"]
        for _ in range(2):
            other = needed(api)["ticket"]
            for _ in range(5):
                finish(api, other, "000000")
        assert code_of(finish(api, ticket, "000000")) == (429, "auth.sign_in_locked")
        options = api.post("auth/mfa/passkey-options", {"ticket": ticket}).json()
        assert finish(api, ticket, phone.get(options), "passkey").status_code == 200
