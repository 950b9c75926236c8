"""What auth says of the ways into an account, from its outbox to feed and mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from django.core import mail

from domains.auth import interface as auth
from domains.notifications.models import Delivery, Message, Notification
from domains.notifications.services.sending import attempts
from domains.users import interface as users
from kernel.clock import now
from kernel.ids import uuid7
from tests.notifications.conftest import (
    a_sign_in,
    an_open_delivery,
    feed_of,
    html_of,
    mails_to,
    person,
    say,
)

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("boundary")]

LATER = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
CLIENT = {"device": "Firefox on Linux", "network": "203.0.113.0/24", "place": "Lyon, France"}
PLACE = {"network": "203.0.113.0/24", "place": "Lyon, France"}


@dataclass(frozen=True)
class Told:
    """What must be read in a notice of an event about an account alone."""

    event: partial
    subject: str
    words: tuple[str, ...] = ()


NOTICES = {
    "auth.refresh_token_reused": Told(
        partial(auth.RefreshTokenReused, session_id=uuid7(), **CLIENT),
        "A session of yours was ended for safety",
        ("Firefox on Linux", "Lyon, France"),
    ),
    "auth.account_locked": Told(
        partial(auth.AccountLocked, until=LATER, **PLACE),
        "Sign-ins to your account must wait",
        ("22 November 2026, 18:30 UTC", "Lyon, France"),
    ),
    "auth.password_changed": Told(
        partial(auth.PasswordChanged, by_reset=True), "Your password was changed"
    ),
    "auth.email_change_undone": Told(
        partial(auth.EmailChangeUndone), "Your former e-mail address is back"
    ),
    "auth.account_reopened": Told(partial(auth.AccountReopened), "Your account is open again"),
    "auth.factor_added": Told(
        partial(auth.FactorAdded, method="passkey", name="blue key"),
        "Added to your account: passkey",
        ('passkey "blue key"',),
    ),
    "auth.factor_removed": Told(
        partial(auth.FactorRemoved, method="totp", name="", last=True),
        "Removed from your account: authenticator app",
        ("authenticator app.", "No second factor is left."),
    ),
    "auth.recovery_codes_made": Told(
        partial(auth.RecoveryCodesMade), "Your account has new recovery codes"
    ),
    "auth.recovery_code_used": Told(
        partial(auth.RecoveryCodeUsed, left=3), "A recovery code was used", ("Codes left: 3.",)
    ),
    "auth.passkey_suspected": Told(
        partial(auth.PasskeySuspected, name="blue key"),
        "A passkey may have been copied",
        ('"blue key"',),
    ),
    "auth.identity_linked": Told(
        partial(auth.IdentityLinked, provider="github"), "Sign-in with github was added"
    ),
    "auth.identity_unlinked": Told(
        partial(auth.IdentityUnlinked, provider="github"), "Sign-in with github was removed"
    ),
    "auth.impersonation_started": Told(
        partial(auth.ImpersonationStarted, session_id=uuid7(), staff_id=uuid7(), reason="ticket 9"),
        "Our staff looked into your account",
    ),
}


def told_nothing_yet(deliver_events) -> None:
    deliver_events()
    mail.outbox.clear()
    Notification.objects.all().delete()


def disable(account: auth.Account) -> None:
    from domains.auth.models import Account

    Account.objects.filter(id=account.id).update(is_active=False)


def a_proof(account: auth.Account, purpose: str, address: str, **changed) -> UUID:
    from domains.auth.models import MailProof

    facts = {"created_at": now(), "expires_at": now() + timedelta(minutes=30), **changed}
    return MailProof.objects.create(
        account_id=account.id, purpose=purpose, address=address, **facts
    ).id


def test_a_sign_in_as_ever_is_shown_in_the_app_alone(ada, deliver_events):
    told_nothing_yet(deliver_events)
    began = a_sign_in(ada.id)
    say(began)
    deliver_events()
    (item,) = feed_of(ada, "auth.new_sign_in")
    assert item.subject_ids == {"account_id": str(ada.id), "session_id": str(began.session_id)}
    assert "with Firefox on Linux from Lyon, France, on " in item.body
    assert "UTC" in item.body
    assert mail.outbox == []


def test_a_sign_in_with_a_new_device_is_mailed_with_device_place_and_time(ada, deliver_events):
    told_nothing_yet(deliver_events)
    say(a_sign_in(ada.id, new_device=True))
    deliver_events()
    (sent,) = mails_to(ada.email)
    assert sent.subject == "New sign-in to your account"
    for text in (sent.body, html_of(sent)):
        assert "with Firefox on Linux from Lyon, France, on " in text
        assert "UTC" in text
        assert "If it was not you" in text
    assert [item.kind for item in Notification.objects.all()] == ["auth.new_device"]


@pytest.mark.parametrize("kind", NOTICES)
def test_a_change_of_the_ways_in_is_told_by_mail_and_in_the_app(ada, deliver_events, kind):
    told_nothing_yet(deliver_events)
    told = NOTICES[kind]
    say(told.event(account_id=ada.id))
    deliver_events()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([ada.email], told.subject)
    (item,) = feed_of(ada, kind)
    assert item.title == told.subject
    assert item.subject_ids["account_id"] == str(ada.id)
    assert "staff_id" not in item.subject_ids
    for word in told.words:
        assert word in sent.body
        assert word in item.body
    assert "UTC" in sent.body


@pytest.mark.parametrize("kind", ["auth.refresh_token_reused", "auth.password_changed"])
def test_a_thief_can_not_silence_a_notice_by_closing_the_account(ada, deliver_events, kind):
    told_nothing_yet(deliver_events)
    say(NOTICES[kind].event(account_id=ada.id))
    disable(ada)
    deliver_events()
    assert [each.to for each in mail.outbox] == [[ada.email]]


def test_of_a_ban_and_its_end_the_owner_hears_by_mail_but_not_why(ada, deliver_events):
    told_nothing_yet(deliver_events)
    disable(ada)
    say(auth.AccountBanned(account_id=ada.id, reason="sends spam"))
    say(auth.AccountUnbanned(account_id=ada.id, reason="it was another one"))
    deliver_events()
    subjects = {each.subject for each in mails_to(ada.email)}
    assert subjects == {"Your account was disabled", "Your account works again"}
    assert not any("spam" in each.body for each in mail.outbox)
    assert not Notification.objects.exists()


def test_a_disabled_account_is_told_nothing_else(ada, deliver_events):
    told_nothing_yet(deliver_events)
    disable(ada)
    delivery = an_open_delivery(ada)
    attempts.send(delivery_id=delivery.id, now=now())
    delivery.refresh_from_db()
    assert (delivery.state, mail.outbox) == ("suppressed", [])


PROOFS = {
    "auth.password_reset": (
        "password_reset",
        lambda account_id, proof_id: auth.PasswordResetRequested(
            account_id=account_id, proof_id=proof_id
        ),
        "Choose a new password",
        "/reset-password",
    ),
    "auth.password_reset_forced": (
        "password_reset",
        lambda account_id, proof_id: auth.PasswordResetForced(
            account_id=account_id, proof_id=proof_id, reason="leaked"
        ),
        "Choose a new password to sign in again",
        "/reset-password",
    ),
    "auth.email_change": (
        "email_change",
        lambda account_id, proof_id: auth.EmailChangeRequested(
            account_id=account_id, proof_id=proof_id
        ),
        "Confirm your new e-mail address",
        "/confirm-email",
    ),
    "auth.email_change_undo": (
        "email_change_undo",
        lambda account_id, proof_id: auth.EmailChanged(
            account_id=account_id, undo_proof_id=proof_id
        ),
        "Your e-mail address was changed",
        "/undo-email-change",
    ),
    "auth.account_closed": (
        "closing_undo",
        lambda account_id, proof_id: auth.AccountClosed(
            account_id=account_id, undo_proof_id=proof_id, erase_at=LATER
        ),
        "Your account was closed",
        "/reopen-account",
    ),
    "auth.sign_in_by_email": (
        "sign_in",
        lambda account_id, proof_id: auth.SignInByEmailRequested(
            account_id=account_id, proof_id=proof_id
        ),
        "Your code to sign in",
        "/sign-in/email",
    ),
}


@pytest.mark.parametrize("kind", PROOFS)
def test_a_proof_s_mail_goes_to_the_proof_s_address_and_its_secret_is_not_kept(
    ada, deliver_events, kind
):
    told_nothing_yet(deliver_events)
    purpose, event, subject, path = PROOFS[kind]
    address = f"elsewhere.{uuid7()}@example.com"
    proof_id = a_proof(ada, purpose, address)
    say(event(ada.id, proof_id))
    disable(ada)
    deliver_events()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([address], subject)
    token = sent.body.split(f"{path}?token=")[1].split()[0]
    assert f"{path}?token={token}" in html_of(sent)
    assert sent.body.count(token) == (1 if kind == "auth.sign_in_by_email" else 2)
    delivery = Delivery.objects.get(message__kind=kind)
    kept = delivery.subject + delivery.text + delivery.html + str(delivery.message.context)
    assert (delivery.state, delivery.address, delivery.account_id) == ("sent", address, ada.id)
    assert token not in kept
    assert f"{path}?token=********" in delivery.text
    from domains.auth.models import MailProofSecret
    from kernel.crypto import hash_secret

    assert MailProofSecret.objects.get(proof_id=proof_id).token_hash == hash_secret(token)
    assert not Notification.objects.exclude(kind="auth.email_changed").exists()


def test_the_code_to_sign_in_with_is_in_the_mail_alone(ada, deliver_events):
    told_nothing_yet(deliver_events)
    proof_id = a_proof(ada, "sign_in", ada.email)
    say(auth.SignInByEmailRequested(account_id=ada.id, proof_id=proof_id))
    deliver_events()
    (sent,) = mail.outbox
    from domains.auth.models import MailProofSecret
    from kernel.crypto import decrypt

    code = decrypt(MailProofSecret.objects.get().code_encrypted)
    delivery = Delivery.objects.get(message__kind="auth.sign_in_by_email")
    assert f"\n\n{code}\n\n" in sent.body
    assert f"<code>{code}</code>" in html_of(sent)
    assert code not in sent.subject
    assert code not in delivery.text + delivery.html
    assert "\n\n********\n\n" in delivery.text


def test_a_changed_address_is_shown_in_the_app_without_the_proof(ada, deliver_events):
    told_nothing_yet(deliver_events)
    proof_id = a_proof(ada, "email_change_undo", "old@example.com")
    say(auth.EmailChanged(account_id=ada.id, undo_proof_id=proof_id))
    deliver_events()
    (item,) = feed_of(ada, "auth.email_changed")
    assert item.subject_ids == {"account_id": str(ada.id)}


@pytest.mark.parametrize("past", ["used", "too old", "gone"])
def test_a_mail_whose_proof_is_past_use_is_not_sent(ada, deliver_events, past):
    told_nothing_yet(deliver_events)
    state = {
        "used": {"used_at": now()},
        "too old": {
            "created_at": now() - timedelta(hours=2),
            "expires_at": now() - timedelta(hours=1),
        },
        "gone": {},
    }[past]
    proof_id = a_proof(ada, "password_reset", ada.email, **state)
    asked = uuid7() if past == "gone" else proof_id
    say(auth.PasswordResetRequested(account_id=ada.id, proof_id=asked))
    deliver_events()
    assert mail.outbox == []
    delivery = Delivery.objects.get(message__kind="auth.password_reset")
    assert delivery.state == "suppressed"
    assert delivery.reason.startswith("auth.mail_token_invalid")


def key_events(organization_id: UUID, account_id: UUID | None) -> dict[str, object]:
    about = {
        "api_key_id": uuid7(),
        "organization_id": organization_id,
        "account_id": account_id,
        "name": "deploy",
    }
    return {
        "auth.api_key_created": auth.ApiKeyCreated(prefix="tnn_live_ab", **about),
        "auth.api_key_rotated": auth.ApiKeyRotated(
            successor_id=uuid7(), overlap_ends_at=LATER, **about
        ),
        "auth.api_key_used_from_new_network": auth.ApiKeyUsedFromNewNetwork(**PLACE, **about),
    }


KEY_WORDS = {
    "auth.api_key_created": '"deploy" was made for Acme on ',
    "auth.api_key_rotated": "It works until 22 November 2026, 18:30 UTC.",
    "auth.api_key_used_from_new_network": "was used from Lyon, France on ",
}


@pytest.mark.parametrize("kind", KEY_WORDS)
def test_what_happens_to_a_person_s_key_is_told_to_that_person(ada, acme, deliver_events, kind):
    maker = person("maker")
    users.ensure_member(organization_id=acme.id, account_id=maker.id, role="member")
    told_nothing_yet(deliver_events)
    say(key_events(acme.id, maker.id)[kind])
    deliver_events()
    (sent,) = mail.outbox
    assert sent.to == [maker.email]
    assert "Acme" in sent.subject
    assert KEY_WORDS[kind] in sent.body
    assert len(feed_of(maker, kind)) == 1


@pytest.mark.parametrize("kind", KEY_WORDS)
def test_what_happens_to_an_organization_s_key_is_told_to_owners_and_admins(
    ada, acme, deliver_events, kind
):
    admin, member = person("admin"), person("member")
    users.ensure_member(organization_id=acme.id, account_id=admin.id, role="admin")
    users.ensure_member(organization_id=acme.id, account_id=member.id, role="member")
    told_nothing_yet(deliver_events)
    say(key_events(acme.id, None)[kind])
    deliver_events()
    assert {each.to[0] for each in mail.outbox} == {ada.email, admin.email}
    assert {item.account_id for item in Notification.objects.filter(kind=kind)} == {
        ada.id,
        admin.id,
    }


def test_a_new_service_account_is_told_to_the_owners(ada, acme, deliver_events):
    admin = person("admin")
    users.ensure_member(organization_id=acme.id, account_id=admin.id, role="admin")
    told_nothing_yet(deliver_events)
    say(
        auth.ServiceAccountCreated(
            service_account_id=uuid7(), organization_id=acme.id, name="backup"
        )
    )
    deliver_events()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([ada.email], "Acme has a new service account")
    assert '"backup"' in sent.body
    assert len(feed_of(ada, "auth.service_account_created")) == 1


def test_no_reason_of_staff_and_no_secret_is_kept_with_a_message(ada, deliver_events):
    told_nothing_yet(deliver_events)
    for event in (
        auth.ImpersonationStarted(
            account_id=ada.id, session_id=uuid7(), staff_id=uuid7(), reason="inside"
        ),
        auth.AccountBanned(account_id=ada.id, reason="inside"),
    ):
        say(event)
    deliver_events()
    assert "inside" not in str(list(Message.objects.values_list("facts", "context")))
