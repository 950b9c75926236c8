"""Known and unknown take the same time, measured as a stranger would: through the gateway."""

from __future__ import annotations

from functools import partial

import pytest

from domains.auth import interface as auth
from domains.auth.models import Account, SignInThrottle, SignInTicket, Totp
from domains.auth.services import login, passwords
from kernel import clock as real
from kernel.models import Outbox
from kernel.redis import connection
from tests.auth.answers import EMAIL, log_in, register
from tests.auth.conftest import OTHER_PASSWORD, PASSWORD
from tests.auth.persons import App, person
from tests.auth.test_mfa import RealClock, finish, needed
from tests.auth.timing import Told, assert_time_tells_nothing

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def account() -> Account:
    auth.ensure_account(email=EMAIL, password=PASSWORD)
    return Account.objects.get()


def forget() -> None:
    """Let no limit and no lock come between the samples, and nothing grow."""
    connection().flushdb()
    SignInThrottle.objects.all().delete()
    SignInTicket.objects.update(attempts=0)
    Outbox.objects.using("auth").all().delete()


@pytest.fixture
def logins(account, api) -> dict:
    register(api, "unproven@example.com")
    no_password = Account.objects.create(email="none@example.com", email_verified_at=real.now())
    no_password.set_unusable_password()
    no_password.save()
    guarded = auth.ensure_account(email="guarded@example.com", password=PASSWORD)
    Totp.objects.create(
        account_id=guarded.id, secret_encrypted="-", created_at=real.now(), confirmed_at=real.now()
    )
    emails = {
        "known": EMAIL,
        "with a second factor": "guarded@example.com",
        "unknown": "nobody@example.com",
        "unproven": "unproven@example.com",
        "without a password": "none@example.com",
    }
    return {name: partial(log_in, api, email, OTHER_PASSWORD) for name, email in emails.items()}


def test_a_login_fails_in_the_same_time_whether_the_address_is_known_or_not(logins):
    assert_time_tells_nothing(logins, afresh=forget)


def test_without_the_decoy_the_times_would_tell(logins, monkeypatch):
    """So the test above can fail."""

    def is_right(*, password, stored):
        return not stored.endswith("AAAA") and passwords.is_right(password=password, stored=stored)

    monkeypatch.setattr(login, "passwords", type("Leaky", (), {"is_right": staticmethod(is_right)}))
    told = {name: logins[name] for name in ("known", "unknown")}
    with pytest.raises(Told):
        assert_time_tells_nothing(told, afresh=forget)


def test_a_locked_login_is_refused_in_the_same_time(account, api):
    actions = {
        email: partial(log_in, api, email, OTHER_PASSWORD) for email in (EMAIL, "no@example.com")
    }
    for action in [*actions.values()] * 10:
        action()
    answers = {name: action().status_code for name, action in actions.items()}
    assert set(answers.values()) == {429}
    assert_time_tells_nothing(actions, afresh=connection().flushdb)


def test_a_second_step_that_fails_is_counted_alike_whatever_was_wrong(account, api, monkeypatch):
    """Its time is not measured: a ticket is no secret to whoever holds it, and can't be guessed."""
    log_in(api)
    app = App(person(account), RealClock(monkeypatch))
    ticket = needed(api)["ticket"]
    used = needed(api)["ticket"]
    assert finish(api, used, app.later_code()).status_code == 200
    for shown in (ticket, "x" * 43, used):
        forget()
        assert finish(api, shown, "000000").status_code == 401
        counted = SignInThrottle.objects.values_list("scope", "failures").order_by("scope")
        assert list(counted) == [("account", 1), ("network", 1), ("pair", 1)]
