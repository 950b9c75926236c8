from __future__ import annotations

import pytest

from domains.auth.models import Registration, Session, VerificationToken
from domains.auth.services import expiry, registration, sessions, verification
from domains.auth.tasks import delete_expired_rows

pytestmark = pytest.mark.django_db(databases="__all__")


def test_proofs_that_are_too_old_are_deleted(ada, clock):
    from domains.auth.models import Account

    registration.register(email="bob@example.com", password="a phrase of his own", now=clock.now)
    bob = Account.objects.with_email("bob@example.com").get()
    verification.issue_email_verification(account_id=bob.id, now=clock.now)
    expiry.delete_expired(now=clock.advance(hours=23))
    assert VerificationToken.objects.count() == 1
    expiry.delete_expired(now=clock.advance(hours=1))
    assert (VerificationToken.objects.count(), Registration.objects.count()) == (0, 1)
    expiry.delete_expired(now=clock.advance(days=6))
    assert Registration.objects.count() == 0


def test_an_ended_session_is_seen_for_a_month(signed_in, clock, ada):
    sessions.revoke_sessions(reason=Session.Reason.STAFF, now=clock.now, account_id=ada.id)
    expiry.delete_expired(now=clock.advance(days=30))
    assert Session.objects.exists()
    expiry.delete_expired(now=clock.advance(seconds=1))
    assert not Session.objects.exists()


def test_a_live_session_is_kept(signed_in, clock):
    expiry.delete_expired(now=clock.advance(days=13))
    assert Session.objects.exists()


def test_an_abandoned_session_is_deleted_a_month_after_it_went_idle(signed_in, clock):
    delete_expired_rows(clock.advance(days=44))
    assert Session.objects.exists()
    delete_expired_rows(clock.advance(seconds=1))
    assert not Session.objects.exists()
