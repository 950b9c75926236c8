from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group

from domains.auth import interface as auth
from domains.auth.contract.errors import (
    AccountClosing,
    ApiKeyInvalid,
    CredentialsInvalid,
    MailTokenInvalid,
    SessionRequired,
    StaffStays,
)
from domains.auth.models import Account, ApiKey, Identity, KnownDevice, MailProof, Session, Totp
from domains.auth.services import (
    api_key_use,
    closing,
    erasure,
    mail_proofs,
    password_reset,
    registration,
)
from domains.auth.services.privacy import HOLDINGS
from domains.auth.tasks import erase_closed_accounts
from kernel.erasure import mark_of
from kernel.ids import uuid7
from kernel.principal import Principal
from kernel.privacy import Fate
from tests.auth.conftest import PASSWORD
from tests.auth.people import enter, mailed, sign_in
from tests.auth.said import names, said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")
Purpose = MailProof.Purpose


@pytest.fixture
def me(ada, clock) -> Principal:
    return sign_in(ada, clock)


def close(who, clock):
    return closing.close(who, now=clock.now)


def reopen(clock, token="") -> None:
    closing.reopen(token=token or mailed(Purpose.CLOSING_UNDO, clock), now=clock.now)


def give_key(account, clock) -> None:
    ApiKey.objects.create(
        organization_id=uuid7(),
        account=account,
        created_by=account.id,
        key_hash="0" * 64,
        permissions=["files.file:read"],
        created_at=clock.now,
    )


def use_key(clock):
    return api_key_use.authenticate_api_key(key_hash="0" * 64, address="", now=clock.now)


def test_nobody_gets_into_a_closed_account(ada, me, clock):
    give_key(ada, clock)
    assert use_key(clock)
    assert close(me, clock) == clock.now + timedelta(days=7)
    assert Session.objects.get().revoked_reason == Session.Reason.CLOSED
    with pytest.raises(AccountClosing):
        enter(ada, clock)
    with pytest.raises(CredentialsInvalid):
        enter(ada, clock, "an entirely different phrase")
    with pytest.raises(ApiKeyInvalid):
        use_key(clock)


def test_a_mail_can_take_the_closing_back_for_a_week(ada, me, clock):
    give_key(ada, clock)
    close(me, clock)
    ((_, payload),) = said("auth.account_closed.v1")
    secret = mail_proofs.issue_secret(proof_id=payload["undo_proof_id"], now=clock.now)
    assert secret.address == ada.email
    assert secret.expires_at == clock.now + timedelta(days=7)
    clock.advance(days=6)
    reopen(clock, secret.token)
    assert enter(ada, clock)
    assert use_key(clock)
    assert names()[-2] == "auth.account_reopened.v1"
    with pytest.raises(MailTokenInvalid):
        reopen(clock, secret.token)
    erase_closed_accounts(clock.advance(days=30))
    assert Account.objects.get().email == ada.email


def test_after_a_week_it_is_too_late(me, clock):
    close(me, clock)
    token = mailed(Purpose.CLOSING_UNDO, clock)
    clock.advance(days=7)
    with pytest.raises(MailTokenInvalid):
        reopen(clock, token)


def test_staff_do_not_close_their_accounts(ada, me, clock):
    Account.objects.update(is_staff=True)
    with pytest.raises(StaffStays):
        close(me, clock)
    assert Session.objects.get().revoked_at is None


def test_a_machine_closes_no_account(ada, clock):
    machine = Principal(kind="api_key", account_id=ada.id, organization_id=uuid7(), memberships={})
    with pytest.raises(SessionRequired):
        close(machine, clock)


def test_a_closing_account_is_not_reset(ada, me, clock):
    close(me, clock)
    password_reset.request_reset(email=ada.email, now=clock.now)
    assert not MailProof.objects.filter(purpose=Purpose.PASSWORD_RESET).exists()


class TestErasure:
    def test_it_happens_when_the_week_is_over_and_not_before(self, ada, me, clock):
        close(me, clock)
        erase_closed_accounts(clock.advance(days=7, seconds=-1))
        assert not said("auth.account_erased.v1")
        erase_closed_accounts(clock.advance(seconds=1))
        told = {"account_id": str(ada.id), "address_marks": [mark_of(ada.email)]}
        assert said("auth.account_erased.v1") == [("auth.account_erased.v1", told)]
        erase_closed_accounts(clock.advance(days=1))
        assert len(said("auth.account_erased.v1")) == 1

    def test_nothing_of_the_person_is_left(self, ada, me, clock):
        Totp.objects.create(account=ada, created_at=clock.now, confirmed_at=clock.now)
        Identity.objects.create(
            account=ada, provider="p", issuer="https://i.test", subject="s", created_at=clock.now
        )
        give_key(ada, clock)
        ada.groups.add(Group.objects.create(name="Support"))
        registration.register(email=ada.email, password=PASSWORD, now=clock.now)
        close(me, clock)
        erasure.erase_due(now=clock.advance(days=7))
        row = Account.objects.get()
        assert row.email == f"erased-{ada.id}@erased.invalid"
        assert (row.erased_at, row.erase_at, row.created_at) == (clock.now, None, ada.created_at)
        assert (row.password, row.is_active, row.email_verified_at) == ("!", False, None)
        assert row.last_login is None
        for relation in Account._meta.related_objects:
            if relation.related_model._meta.app_label == "domains_auth":
                model, field = relation.related_model, relation.field.name
                assert not model.objects.filter(**{field: ada}).exists(), model
        assert not row.groups.exists()

    def test_everything_that_belongs_to_an_account_is_named(self):
        """A table that is added later must be added to what is erased."""
        owned = {
            relation.related_model
            for relation in Account._meta.related_objects
            if relation.field.name == "account"
        }
        assert owned == {each.model for each in HOLDINGS if each.fate is Fate.ERASED}

    def test_the_address_can_be_registered_again_by_whoever_reads_its_mail(self, ada, me, clock):
        close(me, clock)
        erasure.erase_due(now=clock.advance(days=7))
        registration.register(email=ada.email, password=PASSWORD, now=clock.now)
        assert Account.objects.with_email(ada.email).get().id != ada.id

    def test_former_addresses_are_marked_unless_somebody_else_has_them_now(self, ada, me, clock):
        close(me, clock)
        for address in ("former@example.com", "taken@example.com"):
            MailProof.objects.create(
                account=ada,
                purpose=Purpose.EMAIL_CHANGE_UNDO,
                address=address,
                created_at=clock.now,
                expires_at=clock.now + timedelta(days=8),
            )
        Account.objects.create(email="Taken@example.com", password="!")
        erasure.erase_due(now=clock.advance(days=7))
        [(_, told)] = said("auth.account_erased.v1")
        assert set(told["address_marks"]) == {mark_of(ada.email), mark_of("former@example.com")}

    def test_the_audit_of_staff_no_longer_names_the_person(self, ada, me, clock):
        entry = LogEntry.objects.create(
            user=ada, object_id=str(ada.id), object_repr=ada.email, action_flag=2
        )
        close(me, clock)
        erasure.erase_due(now=clock.advance(days=7))
        entry.refresh_from_db()
        assert entry.object_repr == f"erased-{ada.id}@erased.invalid"

    def test_other_domains_find_no_account_any_more(self, ada, me, clock):
        assert auth.get_accounts(account_ids=[ada.id])
        close(me, clock)
        erasure.erase_due(now=clock.advance(days=7))
        assert auth.get_accounts(account_ids=[ada.id]) == []

    def test_one_that_was_entered_from_elsewhere_too_leaves_no_device(self, ada, me, clock):
        assert KnownDevice.objects.exists()
        close(me, clock)
        erasure.erase_due(now=clock.advance(days=7))
        assert not KnownDevice.objects.exists()


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestAtOnce:
    def test_an_account_is_erased_once(self, member, clock):
        close(sign_in(member, clock), clock)
        clock.advance(days=7)
        counts = at_once(*[partial(erasure.erase_due, now=clock.now)] * 4)
        assert sum(counts) == 1
        assert len(said("auth.account_erased.v1")) == 1

    def test_no_session_begins_beside_a_closing(self, member, clock):
        me = sign_in(member, clock)
        at_once(partial(close, me, clock), *[partial(enter, member, clock)] * 4)
        assert not Session.objects.filter(revoked_at=None).exists()
