"""What users keeps of a person goes when the account is erased; what is others' goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.users import interface as users
from domains.users.models import Invitation, Membership, Organization, Profile
from domains.users.services.erasure import erase_person
from kernel.clock import now
from kernel.ids import uuid7
from kernel.models import Outbox
from tests.erasures import account_erased
from tests.users.people import member_of, organization_of, person
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def said(name: str) -> list[dict]:
    rows = Outbox.objects.using("users").filter(name=name).order_by("id")
    return [row.payload for row in rows]


def roles_in(organization_id) -> dict:
    rows = Membership.objects.filter(organization_id=organization_id)
    return dict(rows.values_list("account_id", "role"))


def an_invitation(organization_id, *, email: str, invited_by, accepted: bool = False):
    return Invitation.objects.create(
        organization_id=organization_id,
        email=email,
        role="member",
        invited_by=invited_by,
        expires_at=now() + timedelta(days=7),
        accepted_at=now() if accepted else None,
    )


def test_profile_memberships_and_the_personal_organization_go(deliver_events):
    ada, grace = person("ada"), person("grace")
    deliver_events()
    personal = Organization.objects.get(created_by=ada.account_id, personal=True)
    shared = organization_of(grace)
    users.ensure_member(organization_id=shared, account_id=ada.account_id, role="member")
    account_erased(ada.account_id)
    deliver_events()
    assert not Profile.objects.filter(account_id=ada.account_id).exists()
    assert not Organization.objects.filter(id=personal.id).exists()
    assert roles_in(shared) == {grace.account_id: "owner"}
    assert said("users.organization_erased.v1") == [{"organization_id": str(personal.id)}]
    assert said("users.owner_appointed.v1") == []


def test_the_personal_organization_goes_whoever_was_let_in(deliver_events):
    ada = person("ada")
    deliver_events()
    personal = Organization.objects.get(created_by=ada.account_id, personal=True)
    guest = member_of(personal.id, "guest", "owner")
    account_erased(ada.account_id)
    deliver_events()
    assert not Organization.objects.filter(id=personal.id).exists()
    assert Profile.objects.filter(account_id=guest.account_id).exists()


def test_an_organization_that_nobody_else_belongs_to_goes_too(deliver_events):
    ada = person("ada")
    alone = organization_of(ada)
    an_invitation(alone, email="open@example.com", invited_by=ada.account_id)
    account_erased(ada.account_id)
    deliver_events()
    assert not Organization.objects.filter(id=alone).exists()
    assert not Invitation.objects.exists()
    assert {"organization_id": str(alone)} in said("users.organization_erased.v1")


def test_the_strongest_member_who_was_there_longest_succeeds_the_last_owner(deliver_events):
    ada = person("ada")
    organization_id = organization_of(ada)
    members = [
        member_of(organization_id, name, role)
        for name, role in [
            ("viewer", "viewer"),
            ("member", "member"),
            ("admin1", "admin"),
            ("admin2", "admin"),
        ]
    ]
    account_erased(ada.account_id)
    deliver_events()
    assert [roles_in(organization_id)[each.account_id] for each in members] == [
        "viewer",
        "member",
        "owner",
        "admin",
    ]
    assert said("users.owner_appointed.v1") == [
        {"organization_id": str(organization_id), "account_id": str(members[2].account_id)}
    ]
    assert Organization.objects.get(id=organization_id).created_by is None


def test_another_owner_stays_the_only_one(deliver_events):
    ada = person("ada")
    organization_id = organization_of(ada)
    other = member_of(organization_id, "grace", "owner")
    admin = member_of(organization_id, "admin", "admin")
    account_erased(ada.account_id)
    deliver_events()
    assert roles_in(organization_id) == {other.account_id: "owner", admin.account_id: "admin"}


def test_invitations_by_and_to_the_person_go_and_others_stay(deliver_events):
    ada, grace = person("ada"), person("grace")
    shared = organization_of(grace)
    an_invitation(shared, email="by@example.com", invited_by=ada.account_id)
    an_invitation(shared, email="ADA@example.com", invited_by=grace.account_id)
    an_invitation(shared, email="ada@example.com", invited_by=grace.account_id, accepted=True)
    an_invitation(shared, email="former@example.com", invited_by=grace.account_id)
    kept = an_invitation(shared, email="ada@example.org", invited_by=grace.account_id)
    account_erased(ada.account_id, "ada@example.com", "Former@example.com")
    deliver_events()
    assert [row.id for row in Invitation.objects.all()] == [kept.id]


def test_an_account_that_users_never_saw_is_erased_without_a_word(deliver_events):
    account_erased(uuid7())
    deliver_events()
    assert said("users.organization_erased.v1") == []


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_owners_erased_at_once_leave_one_owner_or_nothing():
    ada = person("ada")
    organization_id = organization_of(ada)
    grace = member_of(organization_id, "grace", "owner")
    viewer = member_of(organization_id, "viewer", "viewer")
    calls = [
        lambda who=who: erase_person(account_id=who.account_id, address_marks=())
        for who in (ada, grace)
    ]
    assert at_once(*calls) == [None, None]
    assert roles_in(organization_id) == {viewer.account_id: "owner"}


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_the_last_two_erased_at_once_leave_no_organization():
    ada = person("ada")
    organization_id = organization_of(ada)
    grace = member_of(organization_id, "grace", "owner")
    calls = [
        lambda who=who: erase_person(account_id=who.account_id, address_marks=())
        for who in (ada, grace)
    ]
    assert at_once(*calls) == [None, None]
    assert not Organization.objects.filter(id=organization_id).exists()
    assert {"organization_id": str(organization_id)} in said("users.organization_erased.v1")
