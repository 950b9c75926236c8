from __future__ import annotations

from functools import partial

import pytest

from domains.auth.contract.errors import AccountDisabled, AccountNotFound, ApiKeyInvalid
from domains.auth.models import Account, ApiKey, MailProof, Session
from domains.auth.services import api_key_use, bans, login, password_reset, sessions
from kernel import context
from kernel.ids import uuid7
from kernel.models import Outbox
from tests.auth.conftest import CLIENT, PASSWORD
from tests.auth.said import said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def enter(account, clock):
    return login.log_in(client=CLIENT, email=account.email, password=PASSWORD, now=clock.now)


def test_a_ban_ends_every_session_and_keeps_its_reason(ada, signed_in, clock):
    bans.ban(ada, reason="Spam", now=clock.now)
    session = Session.objects.get()
    assert session.revoked_reason == Session.Reason.BAN
    assert not sessions.get_session_state(session_id=session.id, now=clock.now).active
    ada.refresh_from_db()
    assert (ada.banned_at, ada.ban_reason, ada.is_active) == (clock.now, "Spam", False)
    with pytest.raises(AccountDisabled):
        enter(ada, clock)
    assert said("auth.account_banned.v1")[0][1]["reason"] == "Spam"


def test_a_ban_refuses_api_keys_and_what_mails_carry(ada, clock):
    ApiKey.objects.create(
        organization_id=uuid7(),
        account=ada,
        created_by=ada.id,
        key_hash="0" * 64,
        permissions=["files.file:read"],
        created_at=clock.now,
    )
    password_reset.request_reset(email=ada.email, now=clock.now)
    bans.ban(ada, reason="Spam", now=clock.now)
    with pytest.raises(ApiKeyInvalid):
        api_key_use.authenticate_api_key(key_hash="0" * 64, address="", now=clock.now)
    assert not MailProof.objects.exists()


def test_who_is_banned_twice_is_banned_once(ada, clock):
    bans.ban(ada, reason="Spam", now=clock.now)
    bans.ban(ada, reason="Fraud", now=clock.advance(days=1))
    ada.refresh_from_db()
    assert ada.ban_reason == "Spam"
    assert len(said("auth.account_banned.v1")) == 1


def test_a_lifted_ban_lets_the_owner_in_again(ada, clock):
    bans.unban(ada, reason="Never was")
    bans.ban(ada, reason="Spam", now=clock.now)
    bans.unban(ada, reason="A mistake")
    assert enter(ada, clock)
    assert [payload["reason"] for _, payload in said("auth.account_unbanned.v1")] == ["A mistake"]


def test_the_event_says_who_of_the_staff_it_was(ada, clock):
    staff_id = uuid7()
    with context.use(context.RequestContext(actor_id=staff_id)):
        bans.ban(ada, reason="Spam", now=clock.now)
    row = Outbox.objects.using("auth").get(name="auth.account_banned.v1")
    assert row.actor_id == staff_id


def test_who_is_gone_can_not_be_banned(ada, clock):
    Account.objects.update(erased_at=clock.now, is_active=False, password="!")
    with pytest.raises(AccountNotFound):
        bans.ban(ada, reason="Spam", now=clock.now)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_no_session_begins_beside_a_ban(member, clock):
    account = Account.objects.get(id=member.id)
    ban = partial(bans.ban, account, reason="Spam", now=clock.now)
    at_once(ban, *[partial(enter, account, clock)] * 4)
    assert not Session.objects.filter(revoked_at=None).exists()
