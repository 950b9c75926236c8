"""The staff's pages of auth."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from domains.auth import interface as auth
from domains.auth.models import (
    Account,
    ApiKey,
    MailProof,
    Registration,
    Session,
    SigningKey,
    VerificationToken,
)
from domains.auth.services import (
    api_keys,
    keys,
    login,
    mail_proofs,
    password_reset,
    registration,
    verification,
)
from kernel import clock as real
from kernel.ids import uuid7
from kernel.principal import Principal
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.said import names

pytestmark = pytest.mark.django_db(databases="__all__")
MODELS = (Account, ApiKey, Registration, Session, SigningKey, VerificationToken)
SECRET_FIELDS = (
    "password",
    "token_hash",
    "family_hash",
    "refresh_hash",
    "previous_hash",
    "successor_encrypted",
    "private_key_encrypted",
    "key_hash",
)


@pytest.fixture
def root() -> Account:
    auth.ensure_account(email="root@example.com", password=PASSWORD, staff=True)
    return Account.objects.with_email("root@example.com").get()


@pytest.fixture
def ada() -> Account:
    auth.ensure_account(email="ada@example.com", password=PASSWORD)
    return Account.objects.with_email("ada@example.com").get()


@pytest.fixture
def rows(ada) -> Account:
    """A row of every kind."""
    now = real.now()
    login.log_in(client=CLIENT, email=ada.email, password=PASSWORD, now=now)
    registration.register(email="bob@example.com", password=PASSWORD, now=now)
    bob = Account.objects.with_email("bob@example.com").get()
    verification.issue_email_verification(account_id=bob.id, now=now)
    home = uuid7()
    owner = Principal(
        kind="account",
        account_id=ada.id,
        session_id=uuid7(),
        organization_id=home,
        memberships={home: frozenset({"auth.api_key:write"})},
    )
    api_keys.create_api_key(
        owner, name="CI", permissions=["auth.api_key:write"], expires_at=None, now=now
    )
    return ada


@pytest.fixture
def staff(root) -> Client:
    client = Client()
    signed_in = client.post(
        reverse("admin:login"), {"username": "ROOT@example.com", "password": PASSWORD}
    )
    assert signed_in.status_code == 302
    return client


def url(model, page, *args):
    return reverse(f"admin:domains_auth_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_listed_searched_and_shown_without_secrets(staff, rows, model):
    row = model.objects.first()
    pages = [
        staff.get(url(model, "changelist")),
        staff.get(url(model, "changelist"), {"q": "example"}),
        staff.get(url(model, "change", row.pk)),
    ]
    assert [page.status_code for page in pages] == [200] * 3
    secrets = [getattr(row, name) for name in SECRET_FIELDS if getattr(row, name, "")]
    for page in pages:
        for secret in secrets:
            assert str(secret) not in page.content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_every_list_can_be_filtered(staff, rows, model):
    assert admin.site.get_model_admin(model).list_filter
    assert admin.site.get_model_admin(model).search_fields


@pytest.mark.parametrize("model", [m for m in MODELS if m is not Account])
def test_what_only_services_write_is_read_only(staff, rows, model):
    row = model.objects.first()
    assert staff.get(url(model, "add")).status_code == 403
    assert staff.post(url(model, "change", row.pk), {}).status_code == 403
    assert staff.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


INLINES = (
    "sessions",
    "totp",
    "passkeys",
    "recovery_codes",
    "known_devices",
    "identities",
    "api_keys",
    "signinthrottle_set",
)


def change(staff, account, **fields):
    """Post the account's form as its page would, without rows of anything else."""
    counts = {f"{name}-{n}_FORMS": "0" for name in INLINES for n in ("TOTAL", "INITIAL")}
    return staff.post(url(Account, "change", account.pk), counts | {"reason": "Asked for"} | fields)


def test_an_address_and_its_proof_are_not_for_staff_to_write(staff, ada):
    change(staff, ada, email="eve@example.com", email_verified_at_0="2020-01-01")
    before = ada.email_verified_at
    ada.refresh_from_db()
    assert (ada.email, ada.email_verified_at) == ("ada@example.com", before)


def test_staff_introduce_an_account_whose_owner_chooses_the_password(staff):
    answer = staff.post(url(Account, "add"), {"email": "New@example.com", "reason": "Asked for"})
    assert answer.status_code == 302, answer.context["errors"]
    account = Account.objects.with_email("new@example.com").get()
    assert not account.has_usable_password()
    assert names()[-4:] == [
        "auth.account_registered.v1",
        "auth.email_verified.v1",
        "auth.password_reset_requested.v1",
        "auth.staff_acted.v1",
    ]
    secret = mail_proofs.issue_secret(proof_id=MailProof.objects.get().id, now=real.now())
    password_reset.reset(token=secret.token, password=PASSWORD, now=real.now())
    assert login.log_in(client=CLIENT, email="new@example.com", password=PASSWORD, now=real.now())


@pytest.mark.parametrize("email", ["ADA@example.com", "nothing", "", "a\0b@example.com"])
def test_staff_can_not_introduce_what_the_rules_refuse(staff, ada, email):
    assert staff.post(url(Account, "add"), {"email": email}).status_code == 200
    assert Account.objects.count() == 2


def change_password(staff, account):
    return staff.post(
        reverse("admin:auth_user_password_change", args=[account.pk]),
        {"usable_password": "true", "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD},
    )


def test_nobody_chooses_a_password_for_somebody_else(staff, rows):
    assert change_password(staff, rows).status_code == 403
    rows.refresh_from_db()
    assert rows.check_password(PASSWORD)


def run_action(staff, model, action, reason="Ticket 7"):
    ids = [str(pk) for pk in model.objects.values_list("pk", flat=True)]
    form = {"action": action, "_selected_action": ids, "reason": reason}
    return staff.post(url(model, "changelist"), form, follow=True)


def test_staff_revoke_sessions_and_api_keys_and_rotate_keys(staff, rows):
    run_action(staff, ApiKey, "revoke")
    run_action(staff, SigningKey, "rotate")
    assert SigningKey.objects.count() == 2, "the next key was published just now"
    SigningKey.objects.update(created_at=real.now() - keys.ANNOUNCED)
    run_action(staff, SigningKey, "rotate")
    run_action(staff, Session, "revoke")
    assert not Session.objects.filter(revoked_at=None).exists()
    assert LogEntry.objects.filter(change_message="Revoked: Ticket 7").count() == 3
    assert ApiKey.objects.get().revoked_at
    assert SigningKey.objects.count() == 3
    assert keys.get_signer(now=real.now())


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_revoked_without_a_reason(staff, rows, reason):
    signing_keys = SigningKey.objects.count()
    for model, action in ((ApiKey, "revoke"), (Session, "revoke"), (SigningKey, "rotate")):
        answer = run_action(staff, model, action, reason)
        assert b"give a reason" in answer.content
    assert not Session.objects.exclude(revoked_at=None).exists()
    assert not ApiKey.objects.exclude(revoked_at=None).exists()
    assert SigningKey.objects.count() == signing_keys
    assert not LogEntry.objects.exists()


def test_only_superusers_revoke_what_is_of_other_staff(helper, root, rows):
    client, account = helper
    for codename in ("change_session", "view_apikey", "change_apikey"):
        account.user_permissions.add(
            Permission.objects.get(codename=codename, content_type__app_label="domains_auth")
        )
    Session.objects.update(account=root)
    ApiKey.objects.update(account=root)
    for model in (Session, ApiKey):
        assert b"Only superusers" in run_action(client, model, "revoke").content
    assert Session.objects.get().revoked_at is None
    assert ApiKey.objects.get().revoked_at is None


@pytest.fixture
def helper() -> tuple[Client, Account]:
    """Staff with the right to see and change accounts, but no superuser."""
    auth.ensure_account(email="helper@example.com", password=PASSWORD)
    account = Account.objects.with_email("helper@example.com").get()
    account.is_staff = True
    account.save()
    names = ("view_account", "change_account", "view_signingkey", "view_session")
    account.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(account)
    return client, account


def test_staff_give_nobody_rights_not_even_themselves(helper, ada):
    client, account = helper
    change(client, ada, is_staff="on", is_superuser="on")
    change(client, account, is_staff="on", is_superuser="on")
    assert not Account.objects.filter(is_superuser=True).exists()
    assert Account.objects.filter(is_staff=True).count() == 1


def test_staff_can_not_take_over_a_superuser(helper, root):
    client, _ = helper
    assert change(client, root).status_code == 403
    assert change_password(client, root).status_code == 403
    root.refresh_from_db()
    assert root.is_active
    assert root.check_password(PASSWORD)


def test_a_superuser_gives_rights_to_others_but_takes_none_of_their_own(staff, root, ada):
    assert change(staff, ada, is_staff="on").status_code == 302
    change(staff, root)
    root.refresh_from_db()
    ada.refresh_from_db()
    assert ada.is_staff
    assert root.is_superuser
    assert root.is_active


def test_staff_without_the_right_neither_revoke_nor_rotate(helper, rows):
    client, _ = helper
    SigningKey.objects.update(created_at=real.now() - keys.ANNOUNCED)
    run_action(client, Session, "revoke")
    run_action(client, SigningKey, "rotate")
    assert Session.objects.get().revoked_at is None
    assert SigningKey.objects.count() == 2


def test_who_is_not_staff_does_not_come_in(ada):
    client = Client()
    client.force_login(ada)
    assert client.get(url(Account, "changelist")).status_code == 302
