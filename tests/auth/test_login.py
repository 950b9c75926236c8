from __future__ import annotations

from functools import partial

import pytest
from django.contrib.auth import authenticate

from domains.auth.contract.errors import AccountDisabled, CredentialsInvalid
from domains.auth.models import Account, Session
from domains.auth.services import accounts, login, sessions
from kernel import facts
from kernel.errors import ValidationFailed
from kernel.ids import uuid7
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.said import said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def test_signing_in_starts_a_session(ada, clock):
    tokens = login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=clock.now)
    session = Session.objects.get()
    assert (tokens.token_type, tokens.expires_in) == ("Bearer", 600)
    assert said("auth.session_started.v1") == [
        (
            "auth.session_started.v1",
            {
                "account_id": str(ada.id),
                "session_id": str(session.id),
                "methods": ["password"],
                "device": "Firefox on Linux",
                "network": "203.0.113.0/24",
                "place": "203.0.113.0/24",
                "new_device": False,
            },
        )
    ]
    ada.refresh_from_db()
    assert ada.last_login == clock.now


@pytest.mark.parametrize("email", ["ADA@EXAMPLE.COM", "ada@example.com"])
def test_the_case_of_the_address_does_not_matter(ada, clock, email):
    assert login.log_in(client=CLIENT, email=email, password=PASSWORD, now=clock.now)


@pytest.mark.parametrize(
    "email", ["", "nobody@example.com", "%", "ada@example.com'--", "ada@example.co_"]
)
def test_unknown_and_wrong_are_answered_alike(ada, clock, email):
    with pytest.raises(CredentialsInvalid) as unknown:
        login.log_in(client=CLIENT, email=email, password=PASSWORD, now=clock.now)
    with pytest.raises(CredentialsInvalid) as wrong:
        login.log_in(client=CLIENT, email=ada.email, password=OTHER_PASSWORD, now=clock.now)
    assert str(unknown.value) == str(wrong.value)
    assert unknown.value.details == wrong.value.details == {}


def test_only_who_knows_the_password_hears_that_the_account_is_disabled(ada, clock):
    Account.objects.update(is_active=False)
    with pytest.raises(AccountDisabled):
        login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=clock.now)
    with pytest.raises(CredentialsInvalid):
        login.log_in(client=CLIENT, email=ada.email, password=OTHER_PASSWORD, now=clock.now)


def test_no_session_begins_after_the_password_was_changed_meanwhile(ada, clock, monkeypatch):
    from domains.auth.services import keys

    original = keys.get_signer

    def changed_meanwhile(*, now):
        Account.objects.update(password=accounts.passwords.hash_password(OTHER_PASSWORD))
        return original(now=now)

    monkeypatch.setattr(keys, "get_signer", changed_meanwhile)
    with pytest.raises(CredentialsInvalid):
        login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=clock.now)
    assert not Session.objects.exists()


def state(session, now):
    return sessions.get_session_state(session_id=session.id, now=now)


def test_a_session_lives_until_it_is_idle_for_two_weeks(signed_in, clock, ada):
    session = Session.objects.get()
    assert state(session, clock.advance(days=13, hours=23)).active
    assert state(session, clock.now).account_id == ada.id
    assert not state(session, clock.advance(hours=1)).active


def test_a_session_never_lives_longer_than_ninety_days(signed_in, clock):
    session = Session.objects.get()
    session.refreshed_at = clock.advance(days=89)
    session.save()
    assert state(session, clock.now).active
    assert not state(session, clock.advance(days=1)).active


def test_a_session_that_never_was_is_not_active(clock):
    answer = sessions.get_session_state(session_id=uuid7(), now=clock.now)
    assert (answer.active, answer.account_id) == (False, None)


def test_sessions_of_a_disabled_account_are_not_active(signed_in, clock):
    Account.objects.update(is_active=False)
    assert not state(Session.objects.get(), clock.now).active


def test_revoking_twice_is_told_once(signed_in, clock, ada, django_capture_on_commit_callbacks):
    revoke = partial(
        sessions.revoke_sessions, reason=Session.Reason.STAFF, now=clock.now, account_id=ada.id
    )
    with django_capture_on_commit_callbacks(using="auth", execute=True):
        assert [revoke(), revoke()] == [1, 0]
    session = Session.objects.get()
    assert not state(session, clock.now).active
    assert len(said("auth.session_revoked.v1")) == 1
    assert facts.get(f"session:{session.id}") == "revoked"


def test_a_changed_password_ends_the_sessions(ada, signed_in, clock):
    ada.set_password(OTHER_PASSWORD)
    ada.save()
    assert Session.objects.get().revoked_reason == Session.Reason.PASSWORD


def test_staff_sign_in_by_address_in_any_case(ada):
    assert authenticate(username="ADA@example.com", password=PASSWORD) == ada
    assert authenticate(username="ADA@example.com", password=OTHER_PASSWORD) is None
    assert authenticate(username="nobody@example.com", password=PASSWORD) is None


def ensure(clock, *, staff=False, email="root@example.com", password=PASSWORD):
    return accounts.ensure_account(email=email, password=password, staff=staff, now=clock.now)


def test_an_ensured_account_can_sign_in_at_once(clock):
    account = ensure(clock)
    assert account.email_verified
    assert login.log_in(client=CLIENT, email="root@example.com", password=PASSWORD, now=clock.now)
    assert [name for name, _ in said()][:2] == [
        "auth.account_registered.v1",
        "auth.email_verified.v1",
    ]


def test_ensuring_again_changes_nothing_but_rights(clock):
    first = ensure(clock)
    second = ensure(clock, staff=True, email="ROOT@example.com", password=OTHER_PASSWORD)
    third = ensure(clock, staff=True)
    assert first.id == second.id == third.id
    row = Account.objects.get()
    assert row.is_staff
    assert row.is_superuser
    assert row.check_password(PASSWORD)
    assert len(said()) == 2


def test_staff_passwords_obey_the_same_rules(clock):
    with pytest.raises(ValidationFailed):
        ensure(clock, staff=True, password="short")
    assert not Account.objects.exists()


def test_whoever_registered_the_address_of_staff_before_gets_nothing(clock):
    from domains.auth.services import registration

    registration.register(email="root@example.com", password=OTHER_PASSWORD, now=clock.now)
    ensure(clock, staff=True)
    assert Account.objects.get().check_password(PASSWORD)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_processes_that_start_at_once_ensure_one_account(clock):
    results = at_once(*[partial(ensure, clock, staff=True)] * 4)
    assert len({account.id for account in results}) == 1
    assert len(said()) == 2


def test_many_sessions_are_asked_about_at_once(signed_in, clock):
    session = Session.objects.get()
    asked = [session.id, uuid7()]
    assert sessions.get_active_sessions(session_ids=asked, now=clock.now) == [session.id]
    later = clock.advance(days=14)
    assert sessions.get_active_sessions(session_ids=asked, now=later) == []
