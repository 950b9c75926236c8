"""Each event that notifications listens to, from its publisher's outbox to feed and mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from domains.auth import interface as auth
from domains.billing import interface as billing
from domains.files import interface as files
from domains.notifications import interface as notifications
from domains.notifications.models import Channel, Delivery, Message, Notification
from domains.notifications.services.catalogue.rules import Rule
from domains.notifications.services.catalogue.table import BY_KIND, RULES
from domains.notifications.services.webhooks.event_types import FACTS
from domains.users import interface as users
from kernel.clock import now
from kernel.events import subscriptions
from kernel.ids import uuid7
from tests.notifications.conftest import a_sign_in, feed_of, html_of, mails_to, person, say

WORDS = (
    "occurred_at organization person role plan reason name size email expires_at token link code "
    "device place until method last left provider overlap_ends_at erase_at former_role "
    "number next_at expires_on last4 is_hard step policy due percent feature used period_end "
    "endpoint"
)
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("boundary")]


def an_unconfirmed_account(email: str) -> auth.Account:
    from domains.auth.services.registration import register

    register(email=email, password="correct horse battery staple", now=now())
    from domains.auth.models import Account

    return auth.get_accounts(account_ids=[Account.objects.get(email=email).id])[0]


def an_invitation(organization_id, inviter, email: str):
    from domains.users.models import Invitation

    return Invitation.objects.create(
        organization_id=organization_id,
        email=email,
        role="member",
        invited_by=inviter.id,
        created_at=now(),
        expires_at=now() + timedelta(days=7),
    )


def test_a_registration_mails_a_link_that_confirms_the_address(deliver_events):
    account = an_unconfirmed_account(f"grace.{uuid7()}@example.com")
    deliver_events()
    (sent,) = mails_to(account.email)
    assert sent.subject == "Confirm your e-mail address"
    delivery = Delivery.objects.get(account_id=account.id)
    token = sent.body.split("program that asks for it:")[1].split()[0]
    assert f"/verify-email?token={token}" in sent.body
    assert f"/verify-email?token={token}" in html_of(sent)
    assert len(token) > 30
    assert delivery.state == "sent"
    assert token not in delivery.text + delivery.html + delivery.subject
    assert "token=********" in delivery.text
    assert "token=********" in delivery.html
    from domains.auth.services.verification import verify_email

    verify_email(token=token, now=now())
    assert auth.get_accounts(account_ids=[account.id])[0].email_verified


def test_a_repeated_registration_tells_the_owner_and_nobody_else(ada, deliver_events):
    deliver_events()
    mail.outbox.clear()
    say(auth.RegistrationRepeated(account_id=ada.id))
    deliver_events()
    assert [each.to for each in mail.outbox] == [[ada.email]]
    assert mail.outbox[0].subject == "You have an account already"


def test_a_confirmed_address_is_welcomed_in_the_app(ada, deliver_events):
    deliver_events()
    (item,) = feed_of(ada, "auth.welcome")
    assert item.title == "Welcome to Tenon"
    assert item.organization is None


def test_an_address_confirmed_meanwhile_is_not_asked_to_be_confirmed(ada, deliver_events):
    deliver_events()
    assert mails_to(ada.email) == []
    delivery = Delivery.objects.get(account_id=ada.id, channel="email")
    assert delivery.state == "suppressed"
    assert delivery.reason.startswith("auth.email_already_verified")


def test_a_founded_organization_is_shown_to_its_founder(ada, acme, deliver_events):
    deliver_events()
    (item,) = feed_of(ada, "users.organization_created")
    assert item.title == "Acme was founded"
    assert item.organization == {"id": acme.id, "name": "Acme"}


def test_the_personal_organization_is_not_worth_a_word(ada, deliver_events):
    deliver_events()
    assert feed_of(ada, "users.organization_created") == []


def test_an_invitation_is_mailed_to_an_address_without_an_account(ada, acme, deliver_events):
    address = f"bob.{uuid7()}@example.com"
    invitation = an_invitation(acme.id, ada, address)
    say(
        users.MemberInvited(organization_id=acme.id, invitation_id=invitation.id, account_id=ada.id)
    )
    deliver_events()
    (sent,) = mails_to(address)
    assert sent.subject.endswith("invites you to Acme")
    token = sent.body.split("program that asks for it:")[1].split()[0]
    assert f"/invitations/accept?token={token}" in html_of(sent)
    delivery = Delivery.objects.get(address=address)
    assert delivery.account_id is None
    assert token not in delivery.text + delivery.html
    (item,) = feed_of(ada, "users.invitation_sent")
    assert item.title == f"{address} was invited to Acme"


def test_an_invitation_revoked_meanwhile_reaches_nobody(ada, acme, deliver_events):
    say(users.MemberInvited(organization_id=acme.id, invitation_id=uuid7(), account_id=ada.id))
    deliver_events()
    messages = Message.objects.filter(kind__startswith="users.invitation")
    assert {(m.state, m.note) for m in messages} == {
        ("expanded", "the invitation is not open any more")
    }


def test_a_new_member_is_announced_to_owners_and_admins_but_not_to_the_joiner(
    ada, acme, deliver_events
):
    admin, viewer, joiner = person("admin"), person("viewer"), person("joiner")
    users.ensure_member(organization_id=acme.id, account_id=admin.id, role="admin")
    users.ensure_member(organization_id=acme.id, account_id=viewer.id, role="viewer")
    deliver_events()
    mail.outbox.clear()
    users.ensure_member(organization_id=acme.id, account_id=joiner.id, role="admin")
    deliver_events()
    announced = Notification.objects.filter(
        kind="users.member_joined", subject_ids__account_id=str(joiner.id)
    )
    assert {each.account_id for each in announced} == {ada.id, admin.id}
    assert {each.to[0] for each in mail.outbox} == {ada.email, admin.email}
    assert "joined Acme" in mail.outbox[0].subject


@pytest.mark.parametrize(
    ("event", "title"),
    [
        ("activated", "Acme is now on the Pro plan"),
        ("failed", "A payment for Acme failed"),
    ],
)
def test_billing_is_told_to_owners_alone(ada, acme, deliver_events, event, title):
    admin = person("admin")
    users.ensure_member(organization_id=acme.id, account_id=admin.id, role="admin")
    deliver_events()
    mail.outbox.clear()
    about = {"organization_id": acme.id, "plan": "pro", "account_id": admin.id}
    if event == "activated":
        say(billing.SubscriptionActivated(**about))
    else:
        say(billing.PaymentFailed(**about, reason="card_declined"))
    deliver_events()
    assert [(each.to, each.subject) for each in mail.outbox] == [([ada.email], title)]
    (item,) = Notification.objects.filter(kind__startswith="billing.")
    assert (item.account_id, item.title) == (ada.id, title)
    assert event == "activated" or "card declined" in mail.outbox[0].body


def test_an_uploaded_file_is_shown_to_its_uploader(ada, acme, deliver_events):
    file_id = uuid7()
    say(
        files.FileUploaded(
            file_id=file_id,
            organization_id=acme.id,
            account_id=ada.id,
            name="report.pdf",
            size=2_500_000,
        )
    )
    deliver_events()
    (item,) = feed_of(ada, "files.file_uploaded")
    assert item.title == "report.pdf was uploaded"
    assert item.body == "report.pdf (2.4 MiB) is in Acme."
    assert item.subject_ids["file_id"] == str(file_id)


def test_a_file_that_no_person_uploaded_is_told_to_nobody(acme, deliver_events):
    size = {"name": "report.pdf", "size": 1}
    say(files.FileUploaded(file_id=uuid7(), organization_id=acme.id, account_id=None, **size))
    deliver_events()
    assert not Notification.objects.filter(kind="files.file_uploaded").exists()


def test_what_is_listened_to_is_what_is_declared_and_handled():
    mine = subscriptions.of_domain("notifications")
    handled = {name for each in mine for name in each.listens_to}
    # Public ones are sent on to their organizations' webhook endpoints.
    besides = {"auth.account_erased.v1", "users.organization_erased.v1", *FACTS}
    assert handled == set(notifications.LISTENS_TO) == {rule.event for rule in RULES} | besides
    assert len(notifications.LISTENS_TO) == len(handled)
    assert len(BY_KIND) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_every_rule_has_the_templates_of_its_channels(rule: Rule):
    from domains.notifications.services.rendering.rendering import render

    words = dict.fromkeys(WORDS.split(), "word")
    if "in_app" in rule.channels:
        assert render(kind=rule.kind, channel=Channel.IN_APP, context=words).subject
    if "email" in rule.channels:
        rendered = render(kind=rule.kind, channel=Channel.EMAIL, context=words)
        assert rendered.subject
        assert rendered.text.strip()
        assert rendered.html
    for channel in rule.channels:
        assert render(kind=rule.kind, channel=channel, context=words).text


def test_an_account_that_vanished_is_told_nothing(deliver_events):
    say(a_sign_in(uuid7()))
    say(auth.AccountRegistered(account_id=uuid7()))
    deliver_events()
    assert set(Message.objects.values_list("state", "note")) == {
        ("expanded", "there is nobody to tell")
    }
    assert not Notification.objects.exists()
    assert not Delivery.objects.exists()


def test_an_organization_that_vanished_reaches_nobody(ada, deliver_events):
    say(billing.PaymentFailed(organization_id=uuid7(), plan="pro", account_id=ada.id, reason=""))
    deliver_events()
    message = Message.objects.get(kind="billing.payment_failed")
    assert (message.state, message.note) == ("expanded", "the organization is gone")
