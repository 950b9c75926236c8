"""What was told to a person or about them goes with their account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connections

from domains.auth import interface as auth
from domains.notifications.models import Delivery, Message, Notification
from domains.notifications.services import privacy
from domains.notifications.services.sending import attempts
from domains.users import interface as users
from domains.users.models import Invitation
from kernel.clock import now
from kernel.ids import uuid7
from kernel.privacy import Person
from tests.erasures import account_erased, organization_erased
from tests.notifications.conftest import a_sign_in, an_open_delivery, feed_of, person, say

pytestmark = pytest.mark.django_db(databases="__all__")


def invite(organization_id, inviter, email: str) -> Invitation:
    invitation = Invitation.objects.create(
        organization_id=organization_id,
        email=email,
        role="member",
        invited_by=inviter.id,
        created_at=now(),
        expires_at=now() + timedelta(days=7),
    )
    say(
        users.MemberInvited(
            organization_id=organization_id, invitation_id=invitation.id, account_id=inviter.id
        )
    )
    return invitation


def everything_kept() -> str:
    rows = [*Message.objects.values(), *Delivery.objects.values(), *Notification.objects.values()]
    return str(rows)


def test_feed_and_mails_of_an_erased_account_go(ada, deliver_events):
    grace = person("grace")
    for who in (ada, grace):
        say(a_sign_in(who.id, new_device=True))
    deliver_events()
    assert ada.email in everything_kept()
    account_erased(ada.id, ada.email)
    deliver_events()
    kept = everything_kept()
    assert ada.email not in kept
    assert str(ada.id) not in kept
    assert len(feed_of(grace, "auth.new_device")) == 1
    assert Delivery.objects.filter(account_id=grace.id, state="sent").exists()


def test_what_others_were_told_about_the_person_goes(ada, acme, deliver_events):
    grace = person("grace")
    users.ensure_member(organization_id=acme.id, account_id=grace.id, role="admin")
    say(a_sign_in(ada.id))
    deliver_events()
    assert len(feed_of(ada, "users.member_joined")) == 1
    assert grace.email in everything_kept()
    account_erased(grace.id, grace.email)
    deliver_events()
    assert feed_of(ada, "users.member_joined") == []
    assert grace.email not in everything_kept()
    assert str(grace.id) not in everything_kept()
    assert len(feed_of(ada, "auth.new_sign_in")) == 1


@pytest.mark.parametrize("revoked", [False, True])
def test_invitations_to_the_person_s_address_go_from_the_inviter_s_feed_too(
    ada, acme, deliver_events, revoked
):
    grace, address = person("grace"), f"former.{uuid7()}@example.com"
    invitation = invite(acme.id, ada, address)
    other = invite(acme.id, ada, f"other.{uuid7()}@example.com")
    deliver_events()
    if revoked:
        invitation.delete()
    account_erased(grace.id, grace.email, address.upper())
    deliver_events()
    assert address not in everything_kept()
    (item,) = feed_of(ada, "users.invitation_sent")
    assert other.email in item.title
    assert Delivery.objects.filter(address=other.email).exists()


def test_a_mail_under_way_to_an_erased_account_is_not_sent(ada, deliver_events):
    delivery = an_open_delivery(ada)
    account_erased(ada.id, ada.email)
    deliver_events()
    attempts.send(delivery_id=delivery.id, now=now())
    assert mail.outbox == []
    assert not Delivery.objects.filter(account_id=ada.id).exists()


def test_what_is_said_of_an_erased_account_later_is_told_to_nobody(ada, deliver_events):
    from domains.auth.models import Account

    deliver_events()
    Account.objects.filter(id=ada.id).update(
        is_active=False, password="!", email="gone@erased.invalid", erased_at=now()
    )
    mail.outbox.clear()
    say(auth.PasswordChanged(account_id=ada.id, by_reset=False))
    say(auth.AccountBanned(account_id=ada.id, reason="late"))
    deliver_events()
    assert mail.outbox == []
    assert "erased.invalid" not in everything_kept()


def test_messages_about_an_erased_organization_go_from_every_feed(ada, acme, deliver_events):
    grace = person("grace")
    users.ensure_member(organization_id=acme.id, account_id=grace.id, role="owner")
    other = users.ensure_organization(account_id=ada.id, name="Other")
    deliver_events()
    organization_erased(acme.id)
    deliver_events()
    assert "Acme" not in everything_kept()
    (item,) = feed_of(ada, "users.organization_created")
    assert item.organization_id == other.id


def test_the_new_owner_is_told(ada, acme, deliver_events):
    grace = person("grace")
    users.ensure_member(organization_id=acme.id, account_id=grace.id, role="member")
    deliver_events()
    mail.outbox.clear()
    account_erased(ada.id, ada.email)
    deliver_events()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([grace.email], "You own Acme now")
    assert len(feed_of(grace, "users.owner_appointed")) == 1


def test_messages_about_an_account_are_found_by_an_index(ada):
    with connections["notifications"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        about = privacy.messages_about(Person(account_id=ada.id))
        plan = about.explain()
        for index in ("messages_about_account", "messages_about_giver", "messages_about_taker"):
            assert index in plan


@pytest.mark.parametrize("side", [0, 1])
def test_what_was_told_of_an_ownership_goes_with_either_side(ada, acme, deliver_events, side):
    grace = person("grace")
    users.ensure_member(organization_id=acme.id, account_id=grace.id, role="admin")
    say(
        users.OwnershipTransferred(
            organization_id=acme.id,
            transfer_id=uuid7(),
            from_account_id=ada.id,
            to_account_id=grace.id,
        )
    )
    deliver_events()
    gone, other = (ada, grace) if side == 0 else (grace, ada)
    assert feed_of(other, f"users.ownership_{'received' if side == 0 else 'given'}")
    account_erased(gone.id, gone.email)
    deliver_events()
    assert gone.email not in everything_kept()
    assert str(gone.id) not in everything_kept()
