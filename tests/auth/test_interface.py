"""The interface as other domains use it: in this process, and over HTTP."""

from __future__ import annotations

import pytest

from domains.auth import interface as auth
from domains.auth.models import Account, ApiKey, Session, SigningKey
from domains.auth.services import registration, sessions, verification
from kernel import clock as real
from kernel.crypto import hash_secret
from kernel.db import transaction
from kernel.errors import ValidationFailed
from kernel.ids import uuid7
from tests.auth.conftest import CLIENT, PASSWORD

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("boundary"),
]


@pytest.fixture
def account():
    return auth.ensure_account(email="Ada@example.com", password=PASSWORD)


def register() -> Account:
    registration.register(email="bob@example.com", password=PASSWORD, now=real.now())
    return Account.objects.with_email("bob@example.com").get()


def test_accounts_are_found_by_their_ids(account):
    bob = register()
    found = auth.get_accounts(account_ids=[bob.id, account.id, uuid7(), bob.id])
    assert sorted(found, key=lambda a: a.email) == [
        account,
        auth.Account(id=bob.id, email="bob@example.com", email_verified=False, is_active=True),
    ]
    assert auth.get_accounts(account_ids=[]) == []


def test_an_account_is_ensured_once(account):
    assert auth.ensure_account(email="ada@EXAMPLE.com", password=PASSWORD, staff=True) == account
    assert Account.objects.get().is_staff


def test_an_unacceptable_password_says_why():
    with pytest.raises(ValidationFailed) as refused:
        auth.ensure_account(email="root@example.com", password="short")
    assert [e.code for e in refused.value.errors] == ["auth.password_too_short"]


def test_an_unacceptable_address_is_refused():
    with pytest.raises(auth.EmailInvalid) as refused:
        auth.ensure_account(email="root", password=PASSWORD)
    assert refused.value.pointer == "/email"


def test_a_token_that_was_issued_proves_the_mailbox():
    bob = register()
    token = auth.issue_email_verification(account_id=bob.id)
    verification.verify_email(token=token, now=real.now())
    with pytest.raises(auth.EmailAlreadyVerified):
        auth.issue_email_verification(account_id=bob.id)


def test_no_token_is_issued_for_nobody():
    with pytest.raises(auth.AccountNotFound):
        auth.issue_email_verification(account_id=uuid7())


def test_a_session_is_active_until_it_is_revoked(account):
    with transaction("auth"):
        row = Account.objects.get()
        session, _ = sessions.start_session(
            row, methods=(auth.Method.PASSWORD,), client=CLIENT, now=real.now()
        )
    active = auth.get_session_state(session_id=session.id)
    assert active == auth.SessionState(active=True, account_id=account.id)
    sessions.revoke_sessions(reason=Session.Reason.STAFF, now=real.now(), id=session.id)
    assert not auth.get_session_state(session_id=session.id).active
    unknown = auth.SessionState(active=False, account_id=None)
    assert auth.get_session_state(session_id=uuid7()) == unknown


def test_fresh_proof_is_that_of_the_session_and_of_its_token(account):
    with transaction("auth"):
        row = Account.objects.get()
        session, _ = sessions.start_session(
            row, methods=(auth.Method.PASSWORD,), client=CLIENT, now=real.now()
        )
    proven = int(session.proven_at.timestamp())
    assert auth.require_step_up(session_id=session.id, auth_time=proven) is None
    for session_id, auth_time, methods in (
        (session.id, proven - 1, ["password"]),
        (session.id, 0, ["password"]),
        (uuid7(), proven, []),
    ):
        with pytest.raises(auth.StepUpRequired) as refused:
            auth.require_step_up(session_id=session_id, auth_time=auth_time)
        assert refused.value.details == {"methods": methods}
    Session.objects.update(impersonator=row, impersonation_reason="support")
    with pytest.raises(auth.ImpersonationForbids):
        auth.require_step_up(session_id=session.id, auth_time=proven)


def test_there_is_always_a_key_to_verify_with():
    keys = auth.get_verification_keys()
    assert {key.kid for key in keys} == set(SigningKey.objects.values_list("kid", flat=True))
    for key in keys:
        assert key.algorithm == "ES256"
        assert "PRIVATE" not in key.public_key_pem
    assert auth.get_verification_keys() == keys


def test_an_api_key_is_known_by_its_hash(account):
    key = ApiKey.objects.create(
        organization_id=uuid7(),
        account_id=account.id,
        created_by=account.id,
        name="CI",
        prefix="tnn_live_abcd",
        key_hash=hash_secret("tnn_live_abcd"),
        permissions=["files.file:read"],
        created_at=real.now(),
    )
    grant = auth.authenticate_api_key(key_hash=hash_secret("tnn_live_abcd"), address="::1")
    assert grant == auth.ApiKeyGrant(
        id=key.id,
        organization_id=key.organization_id,
        account_id=account.id,
        service_account_id=None,
        permissions=("files.file:read",),
    )
    with pytest.raises(auth.ApiKeyInvalid):
        auth.authenticate_api_key(key_hash="0" * 64, address="")
