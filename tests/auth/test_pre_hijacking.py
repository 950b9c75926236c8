"""Whatever is made in an account before its address is proven is gone with the proof."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.auth.contract.data import Method
from domains.auth.models import (
    Account,
    ApiKey,
    Identity,
    KnownDevice,
    MailProof,
    Passkey,
    RecoveryCode,
    Session,
    Totp,
)
from domains.auth.services import (
    accounts,
    factors,
    mail_proofs,
    registration,
    sessions,
    verification,
)
from kernel.db import transaction
from kernel.ids import uuid7
from tests.auth.conftest import CLIENT, OTHER_PASSWORD, PASSWORD
from tests.auth.people import enter

pytestmark = pytest.mark.django_db(databases="__all__")
WAYS_IN = (Passkey, Totp, RecoveryCode, Identity, ApiKey, KnownDevice)


def prepare(account: Account, clock) -> None:
    """Make every way in that a program may ever let somebody make without proof."""
    made = {"account": account, "created_at": clock.now}
    Totp.objects.create(secret_encrypted="-", confirmed_at=clock.now, **made)
    RecoveryCode.objects.create(code_hash="0" * 64, **made)
    Passkey.objects.create(name="Eve", credential_id=b"-", public_key=b"-", sign_count=0, **made)
    Identity.objects.create(provider="p", issuer="https://i.test", subject="eve", **made)
    ApiKey.objects.create(
        organization_id=uuid7(),
        created_by=account.id,
        key_hash="0" * 64,
        permissions=["files.file:read"],
        **made,
    )
    mail_proofs.open_proof(
        account,
        purpose=MailProof.Purpose.SIGN_IN,
        address=account.email,
        lifetime=timedelta(minutes=10),
        now=clock.now,
    )
    with transaction("auth"):
        sessions.start_session(account, methods=(Method.FEDERATED,), client=CLIENT, now=clock.now)
    Account.objects.filter(id=account.id).update(email_sign_in=True)


def assert_only_the_owner_gets_in(account: Account, clock) -> None:
    assert [model for model in WAYS_IN if model.objects.exists()] == []
    assert not Session.objects.filter(revoked_at=None).exists()
    assert not MailProof.objects.exists()
    account.refresh_from_db()
    assert not account.email_sign_in
    assert factors.second_factors(account) == ()
    assert enter(account, clock)


def test_what_a_stranger_prepared_does_not_survive_the_owners_proof(clock):
    registration.register(email="ada@example.com", password=OTHER_PASSWORD, now=clock.now)
    account = Account.objects.get()
    verification.issue_email_verification(account_id=account.id, now=clock.now)
    prepare(account, clock)
    registration.register(email="ada@example.com", password=PASSWORD, now=clock.advance(hours=1))
    token = verification.issue_email_verification(account_id=account.id, now=clock.now)
    verification.verify_email(token=token, now=clock.now)
    assert_only_the_owner_gets_in(account, clock)


def test_what_came_with_an_unverified_identity_does_not_survive_either(clock):
    account = Account.objects.create(email="ada@example.com", password="!")
    prepare(account, clock)
    registration.register(email="ada@example.com", password=PASSWORD, now=clock.now)
    token = verification.issue_email_verification(account_id=account.id, now=clock.now)
    verification.verify_email(token=token, now=clock.now)
    assert_only_the_owner_gets_in(account, clock)


def test_an_account_that_is_ensured_is_its_owners_alone(clock):
    account = Account.objects.create(email="ada@example.com", password="!")
    prepare(account, clock)
    accounts.ensure_account(email="ada@example.com", password=PASSWORD, staff=False, now=clock.now)
    assert_only_the_owner_gets_in(account, clock)
