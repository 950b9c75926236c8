"""What people are told about the organizations that they belong to, or belonged to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core import mail

from domains.notifications.models import Notification
from domains.users import interface as users
from domains.users import models
from kernel.ids import uuid7
from tests.notifications.conftest import feed_of, mails_to, person, say

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("boundary")]


@pytest.fixture
def grace(acme, deliver_events):
    """An admin of Acme; everybody has been told so."""
    someone = person("grace")
    users.ensure_member(organization_id=acme.id, account_id=someone.id, role="admin")
    deliver_events()
    mail.outbox.clear()
    return someone


def transfer(event, acme, ada, grace):
    return event(
        organization_id=acme.id,
        transfer_id=uuid7(),
        from_account_id=ada.id,
        to_account_id=grace.id,
    )


def told():
    """Return what was told by mail: to whom, and in which words."""
    return {(each.to[0], each.subject) for each in mail.outbox}


def test_an_offer_of_ownership_is_told_to_whom_it_is_made(ada, grace, acme, deliver_events):
    say(transfer(users.OwnershipOffered, acme, ada, grace))
    deliver_events()
    title = f"{ada.email} offers you the ownership of Acme"
    assert told() == {(grace.email, title)}
    [item] = feed_of(grace, "users.ownership_offered")
    assert item.title == title
    assert item.organization == {"id": acme.id, "name": "Acme"}
    assert feed_of(ada, "users.ownership_offered") == []


def test_a_transfer_of_ownership_is_told_to_both(ada, grace, acme, deliver_events):
    say(transfer(users.OwnershipTransferred, acme, ada, grace))
    deliver_events()
    assert told() == {
        (grace.email, "You own Acme now"),
        (ada.email, f"{grace.email} owns Acme now"),
    }
    assert len(feed_of(grace, "users.ownership_received")) == 1
    assert len(feed_of(ada, "users.ownership_given")) == 1


def closed(acme):
    at = datetime(2026, 12, 24, 18, 30, tzinfo=UTC)
    say(users.OrganizationClosed(organization_id=acme.id, erase_at=at))
    return "Acme was closed"


def reopened(acme):
    say(users.OrganizationReopened(organization_id=acme.id))
    return "Acme is open again"


@pytest.mark.parametrize("happen", [closed, reopened])
def test_closing_and_reopening_is_told_to_owners_and_admins(
    ada, grace, acme, deliver_events, happen
):
    viewer = person("viewer")
    users.ensure_member(organization_id=acme.id, account_id=viewer.id, role="viewer")
    deliver_events()
    mail.outbox.clear()
    title = happen(acme)
    deliver_events()
    assert told() == {(ada.email, title), (grace.email, title)}
    items = Notification.objects.filter(kind=f"users.organization_{happen.__name__}")
    assert {item.account_id for item in items} == {ada.id, grace.id}
    erased = "24 December 2026, 18:30 UTC" in mail.outbox[0].body
    assert erased == (happen is closed)


def test_who_was_removed_is_told_though_they_are_no_member_any_more(
    ada, grace, acme, deliver_events
):
    models.Membership.objects.filter(account_id=grace.id, organization_id=acme.id).delete()
    say(users.MemberRemoved(organization_id=acme.id, account_id=grace.id, left=False))
    deliver_events()
    assert told() == {(grace.email, "You were removed from Acme")}
    assert len(feed_of(grace, "users.member_removed")) == 1


def test_who_left_by_themselves_needs_no_telling(grace, acme, deliver_events):
    say(users.MemberRemoved(organization_id=acme.id, account_id=grace.id, left=True))
    deliver_events()
    assert mail.outbox == []


def test_a_change_of_role_is_told_by_the_names_of_the_roles(grace, acme, deliver_events):
    role = models.CustomRole.objects.create(
        organization_id=acme.id, name="Bookkeeper", permissions=[]
    )
    change(grace, acme, "admin", str(role.id))
    deliver_events()
    assert told() == {(grace.email, "Your role in Acme is Bookkeeper now")}
    assert "it was admin" in mail.outbox[0].body


def test_a_role_that_is_gone_is_called_that_and_not_by_its_id(grace, acme, deliver_events):
    gone = str(uuid7())
    change(grace, acme, gone, "viewer")
    deliver_events()
    [sent] = mails_to(grace.email)
    assert sent.subject == "Your role in Acme is viewer now"
    assert "it was a role that is gone" in sent.body
    assert gone not in sent.body


def change(someone, acme, former_role, role):
    say(
        users.MemberRoleChanged(
            organization_id=acme.id,
            account_id=someone.id,
            former_role=former_role,
            role=role,
        )
    )


def test_another_organization_s_role_has_no_name_here(ada, acme):
    other = users.ensure_organization(account_id=ada.id, name="Other")
    role = models.CustomRole.objects.create(organization_id=other.id, name="Secret", permissions=[])
    keys = [str(role.id), "owner", "no key"]
    [only] = users.get_role_names(organization_id=acme.id, roles=keys)
    assert (only.key, only.name) == ("owner", "owner")
    assert users.get_role_names(organization_id=other.id, roles=[str(role.id)])[0].name == "Secret"
