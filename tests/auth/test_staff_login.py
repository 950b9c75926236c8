"""The login page of the staff."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from django.test import Client
from django.urls import reverse

from domains.auth.models import Account, RecoveryCode, Session, SignInThrottle, Totp
from domains.auth.services import bans, sessions
from kernel import clock as real
from kernel.crypto import encrypt, hash_secret
from tests.auth.conftest import OTHER_PASSWORD, PASSWORD
from tests.auth.said import names
from tests.auth.test_admin_actions import an_account

pytestmark = pytest.mark.django_db(databases="__all__")
LOGIN, INDEX = "/admin/login/", "/admin/"
CODE = "0123456789ABCDEFGHJKMNPQ"


@pytest.fixture
def root() -> Account:
    return an_account("root", is_staff=True, is_superuser=True)


@pytest.fixture
def app(root) -> pyotp.TOTP:
    """The authenticator app of the member of staff."""
    secret = pyotp.random_base32()
    now = real.now()
    Totp.objects.create(
        account=root, secret_encrypted=encrypt(secret), created_at=now, confirmed_at=now
    )
    RecoveryCode.objects.create(account=root, code_hash=hash_secret(CODE), created_at=now)
    return pyotp.TOTP(secret)


def log_in(client, email="root@example.com", password=PASSWORD):
    return client.post(LOGIN, {"username": email, "password": password})


def is_in(client) -> bool:
    return client.get(INDEX).status_code == 200


def ticket_of(answer) -> str:
    assert answer.status_code == 200
    assert 'name="ticket"' in answer.content.decode()
    assert 'name="password"' not in answer.content.decode()
    return answer.context["form"].open_ticket


def show(client, ticket, code):
    return client.post(LOGIN, {"ticket": ticket, "code": code})


def test_a_password_is_enough_without_a_second_factor(client, root):
    assert log_in(client).url == INDEX
    assert is_in(client)
    assert names()[-1] == "auth.session_started.v1"


def test_with_a_second_factor_the_password_alone_lets_nobody_in(client, root, app):
    ticket = ticket_of(log_in(client))
    assert not is_in(client)
    assert not Session.objects.exists()
    assert show(client, ticket, app.now()).url == INDEX
    assert is_in(client)
    assert Session.objects.get().methods == ["password", "totp"]


def test_a_recovery_code_lets_in_once(client, root, app):
    assert show(client, ticket_of(log_in(client)), f"{CODE[:6]}-{CODE[6:]}".lower()).url == INDEX
    other = Client()
    answer = show(other, ticket_of(log_in(other)), CODE)
    assert "The code is wrong" in answer.content.decode()
    assert not is_in(other)


@pytest.mark.parametrize("code", ["", "000000", "x", "1" * 64, "a\0b", "²" * 6])
def test_a_wrong_code_is_asked_for_again(client, root, app, code):
    answer = show(client, ticket_of(log_in(client)), code)
    assert ticket_of(answer)
    assert not is_in(client)


@pytest.mark.parametrize("ticket", ["x", "' OR 1=1", "a" * 500])
def test_a_made_up_ticket_is_good_for_nothing(client, root, app, ticket):
    answer = show(client, ticket, app.now())
    assert answer.status_code == 200
    assert "took too long" in answer.content.decode()
    assert 'name="password"' in answer.content.decode()
    assert not is_in(client)


def test_a_ticket_allows_a_few_tries(client, root, app):
    ticket = ticket_of(log_in(client))
    for _ in range(5):
        show(client, ticket, "000000")
    assert show(client, ticket, app.now()).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("email", ["root@example.com", "nobody@example.com", "ada@example.com"])
def test_who_is_not_of_the_staff_is_refused_like_somebody_with_a_wrong_password(
    client, root, email
):
    an_account("ada")
    password = PASSWORD if email.startswith("ada") else OTHER_PASSWORD
    answer = log_in(client, email, password)
    assert "Please enter the correct" in answer.content.decode()
    assert not Session.objects.exists()
    assert SignInThrottle.objects.exists()


def test_guessing_is_locked_out_as_it_is_elsewhere(client, root):
    for _ in range(10):
        log_in(client, password=OTHER_PASSWORD)
    answer = log_in(client)
    assert "Too many sign-ins failed" in answer.content.decode()
    assert not is_in(client)


def test_the_pages_close_with_the_session(client, root):
    log_in(client)
    sessions.revoke_sessions(reason=Session.Reason.STAFF, now=real.now(), account_id=root.id)
    assert not is_in(client)
    assert client.get(INDEX).url.startswith(LOGIN)
    log_in(client)
    assert is_in(client)
    bans.ban(root, reason="Left", now=real.now())
    assert not is_in(client)


def test_staff_change_their_own_password_by_mail_alone(client, root):
    log_in(client)
    page = reverse("admin:password_change")
    assert "password" not in client.get(page).context.get("form", "")
    wanted = {"old_password": PASSWORD, "new_password1": OTHER_PASSWORD}
    answer = client.post(page, wanted | {"new_password2": OTHER_PASSWORD})
    assert answer.url == INDEX
    assert names()[-1] == "auth.password_reset_requested.v1"
    root.refresh_from_db()
    assert root.check_password(PASSWORD)


def test_logging_out_ends_the_session(client, root):
    log_in(client)
    client.post(reverse("admin:logout"))
    assert Session.objects.get().revoked_reason == Session.Reason.LOGOUT


def test_whoever_must_choose_a_new_password_does_not_come_in(client, root):
    Account.objects.update(password_reset_required_at=real.now() - timedelta(hours=1))
    assert "Choose a new password first" in log_in(client).content.decode()
    assert not is_in(client)


def test_a_login_leads_to_where_it_was_asked_for_in_both_steps(client, root, app):
    wanted = reverse("admin:domains_auth_account_changelist")
    path = f"{LOGIN}?next={wanted}"
    ticket = ticket_of(client.post(path, {"username": root.email, "password": PASSWORD}))
    answer = client.post(path, {"ticket": ticket, "code": app.now()})
    assert answer.url == wanted
