"""What staff do to one account, each for a reason."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from domains.auth import interface as auth
from domains.auth.contract.errors import AccountDisabled, PasswordResetRequired
from domains.auth.models import (
    Account,
    Passkey,
    RecoveryCode,
    Session,
    SignInThrottle,
    Totp,
)
from domains.auth.services import login
from kernel import clock as real
from kernel.models import Outbox
from tests.auth.conftest import CLIENT, PASSWORD
from tests.auth.said import said

pytestmark = pytest.mark.django_db(databases="__all__")
DEEDS = ("unlock", "force_reset", "revoke_sessions", "ban", "unban", "impersonate")


def an_account(name, **fields) -> Account:
    known = auth.ensure_account(email=f"{name}@example.com", password=PASSWORD)
    Account.objects.filter(id=known.id).update(**fields)
    return Account.objects.get(id=known.id)


def client_of(account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def root() -> Account:
    return an_account("root", is_staff=True, is_superuser=True)


@pytest.fixture
def ada() -> Account:
    account = an_account("ada")
    login.log_in(client=CLIENT, email=account.email, password=PASSWORD, now=real.now())
    return account


@pytest.fixture
def helper() -> Account:
    """Staff who may see and change accounts, but no superuser."""
    account = an_account("helper", is_staff=True)
    names = ("view_account", "change_account")
    account.user_permissions.set(Permission.objects.filter(codename__in=names))
    return account


@pytest.fixture
def staff(root) -> Client:
    return client_of(root)


def page_of(account) -> str:
    return reverse("admin:domains_auth_account_change", args=[account.pk])


def path_of(account, deed) -> str:
    return reverse(f"admin:domains_auth_account_{deed}", args=[account.pk])


def do(client, account, deed, reason="Asked for by mail"):
    return client.post(path_of(account, deed), {"reason": reason})


def lock(account) -> None:
    now = real.now()
    SignInThrottle.objects.create(
        subject_hash="0" * 64,
        scope="account",
        account=account,
        failures=10,
        locks=1,
        window_started_at=now,
        locked_until=now + timedelta(hours=1),
        expires_at=now + timedelta(days=1),
    )


def offered(client, account) -> set[str]:
    page = client.get(page_of(account)).content.decode()
    return {deed for deed in DEEDS if path_of(account, deed) in page}


EVENTS = {
    "unlock": "auth.account_unlocked.v1",
    "force_reset": "auth.password_reset_forced.v1",
    "ban": "auth.account_banned.v1",
    "unban": "auth.account_unbanned.v1",
}


@pytest.mark.parametrize("deed", EVENTS)
def test_what_is_done_to_an_account_is_told_and_logged_with_its_reason(staff, root, ada, deed):
    if deed == "unban":
        do(staff, ada, "ban")
    lock(ada)
    answer = do(staff, ada, deed)
    assert (answer.status_code, answer.url) == (302, page_of(ada))
    ((_, payload),) = said(EVENTS[deed])
    assert (payload["account_id"], payload["reason"]) == (str(ada.id), "Asked for by mail")
    assert Outbox.objects.using("auth").get(name=EVENTS[deed]).actor_id == root.id
    entry = LogEntry.objects.first()
    assert (entry.user_id, entry.object_id) == (root.id, str(ada.id))
    assert entry.get_change_message().endswith(": Asked for by mail")


def test_a_banned_account_comes_in_again_once_it_is_unbanned(staff, ada):
    do(staff, ada, "ban")
    assert Session.objects.get().revoked_reason == Session.Reason.BAN
    with pytest.raises(AccountDisabled):
        login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=real.now())
    do(staff, ada, "unban")
    assert login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=real.now())


def test_after_a_forced_reset_the_password_lets_nobody_in(staff, ada):
    do(staff, ada, "force_reset")
    assert Session.objects.get().revoked_at
    with pytest.raises(PasswordResetRequired):
        login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=real.now())


def test_sessions_are_revoked_and_failures_forgotten(staff, ada):
    lock(ada)
    do(staff, ada, "revoke_sessions")
    do(staff, ada, "unlock")
    assert Session.objects.get().revoked_reason == Session.Reason.STAFF
    assert not SignInThrottle.objects.exists()


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\0b"])
def test_nothing_is_done_without_a_reason(staff, ada, deed, reason):
    answer = do(staff, ada, deed, reason)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert Session.objects.get().revoked_at is None
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("deed", DEEDS)
def test_asking_for_the_page_does_nothing(staff, ada, deed):
    answer = staff.get(path_of(ada, deed))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert ada.email in answer.content.decode()
    assert Session.objects.get().revoked_at is None


def test_only_what_makes_sense_is_offered(staff, ada):
    assert offered(staff, ada) == {"force_reset", "revoke_sessions", "ban", "impersonate"}
    lock(ada)
    do(staff, ada, "ban")
    assert offered(staff, ada) == {"unlock", "revoke_sessions", "unban"}


@pytest.mark.parametrize("deed", DEEDS)
def test_nobody_does_anything_to_themselves(staff, root, deed):
    assert offered(staff, root) == set()
    assert do(staff, root, deed).status_code == 403
    root.refresh_from_db()
    assert root.is_active


@pytest.mark.parametrize("deed", DEEDS)
def test_staff_do_nothing_to_staff_unless_they_are_superusers(helper, root, deed):
    other = an_account("other", is_staff=True)
    for account in (other, root):
        assert do(client_of(helper), account, deed).status_code == 403
    assert offered(client_of(helper), other) == set()


def test_staff_help_with_an_account_as_far_as_they_may(helper, ada):
    client = client_of(helper)
    assert offered(client, ada) == {"force_reset", "revoke_sessions", "ban"}
    assert do(client, ada, "impersonate").status_code == 403
    assert do(client, ada, "ban").status_code == 302


def test_who_may_only_look_is_offered_nothing(helper, ada):
    helper.user_permissions.set(Permission.objects.filter(codename="view_account"))
    client = client_of(helper)
    assert offered(client, ada) == set()
    assert all(do(client, ada, deed).status_code == 403 for deed in DEEDS)


@pytest.mark.parametrize("deed", DEEDS)
def test_an_account_that_is_not_there_is_not_found(staff, ada, deed):
    path = path_of(ada, deed)
    for wrong in ("0192f0c1-7c5e-7d4a-9b1e-3f2a1c0d4e5f", "x"):
        assert staff.get(path.replace(str(ada.pk), wrong)).status_code == 404


SECRET = "0s3cr3t0"


def test_the_pages_show_an_accounts_ways_in_but_nothing_of_what_they_are_made_of(staff, ada):
    now = real.now()
    made = {"account": ada, "created_at": now}
    Totp.objects.create(secret_encrypted=SECRET, confirmed_at=now, **made)
    RecoveryCode.objects.create(code_hash=SECRET, **made)
    Passkey.objects.create(
        name="Blue key",
        credential_id=SECRET.encode(),
        public_key=SECRET.encode(),
        sign_count=0,
        **made,
    )
    lock(ada)
    page = unescape(staff.get(page_of(ada)).content.decode())
    for shown in ("Blue key", "Firefox on Linux", "203.0.113.0/24", "authenticator app"):
        assert shown.lower() in page.lower(), shown
    assert "not locked" not in page
    assert SECRET not in page
    for model in (Totp, RecoveryCode, Passkey):
        name = f"admin:domains_auth_{model._meta.model_name}"
        shown = reverse(f"{name}_change", args=[model.objects.get().pk])
        for path in (reverse(f"{name}_changelist"), shown):
            answer = staff.get(path)
            assert answer.status_code == 200
            assert SECRET not in answer.content.decode()
