"""What other domains are told, from this process and from another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.users import interface as users
from domains.users import models
from domains.users.services import invitations
from kernel.clock import now
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.permissions import Role
from tests.users.people import member_of, organization_of, person

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("boundary"),
]


def invitation_into(organization_id, owner, at=None):
    return invitations.invite(
        principal=owner.principal(),
        organization_id=organization_id,
        email="charles@example.com",
        role=Role.VIEWER,
        now=at or now(),
    )


def test_access_names_every_membership_and_permission():
    ada = person()
    organization_id = organization_of(ada)
    access = users.get_access(account_id=ada.account_id, organization_id=None)
    assert isinstance(access, users.Access)
    assert access.account_id == ada.account_id
    assert {m.role for m in access.memberships} == {"owner"}
    assert {m.organization_id for m in access.memberships} == {
        organization_id,
        access.organization_id,
    }
    assert all(users.MEMBER_INVITE.name in m.permissions for m in access.memberships)


def test_an_organization_of_others_is_not_found():
    foreign = organization_of(person("eve"))
    with pytest.raises(users.OrganizationNotFound):
        users.get_access(account_id=person().account_id, organization_id=foreign)


def test_members_are_told_by_role():
    ada = person()
    organization_id = organization_of(ada)
    grace = member_of(organization_id, "grace", "viewer")
    everybody = users.get_members(organization_id=organization_id, roles=None)
    assert everybody == [
        users.Member(account_id=ada.account_id, role="owner"),
        users.Member(account_id=grace.account_id, role="viewer"),
    ]
    assert users.get_members(organization_id=organization_id, roles=["owner", "admin"]) == [
        everybody[0]
    ]
    assert users.get_members(organization_id=organization_id, roles=[]) == []
    assert users.get_members(organization_id=uuid7(), roles=None) == []


def test_profiles_come_in_the_order_asked_and_for_everybody():
    ada = person()
    ada.principal()
    models.Profile.objects.filter(account_id=ada.account_id).update(
        display_name="Ada", locale="en-GB", time_zone="Europe/London"
    )
    stranger = uuid7()
    assert users.get_profiles(account_ids=[stranger, ada.account_id]) == [
        users.Profile(account_id=stranger, display_name="", locale="en", time_zone="UTC"),
        users.Profile(
            account_id=ada.account_id,
            display_name="Ada",
            locale="en-GB",
            time_zone="Europe/London",
        ),
    ]
    assert users.get_profiles(account_ids=[]) == []


def test_organizations_are_told_as_far_as_they_exist():
    organization_id = organization_of(person())
    assert users.get_organizations(organization_ids=[organization_id, uuid7()]) == [
        users.Organization(id=organization_id, name="Engines", personal=False)
    ]


def test_an_open_invitation_is_told_and_a_secret_issued():
    ada = person()
    organization_id = organization_of(ada)
    made = invitation_into(organization_id, ada)
    told = users.get_invitation(invitation_id=made.id)
    assert told == users.Invitation(
        id=made.id,
        organization_id=organization_id,
        email="charles@example.com",
        role="viewer",
        invited_by=ada.account_id,
        expires_at=made.expires_at,
    )
    assert len(users.issue_invitation_token(invitation_id=made.id)) >= 43


def test_an_invitation_that_is_not_open_is_refused():
    ada = person()
    organization_id = organization_of(ada)
    expired = invitation_into(organization_id, ada, at=now() - timedelta(days=8))
    with pytest.raises(users.InvitationExpired):
        users.issue_invitation_token(invitation_id=expired.id)
    models.Invitation.objects.update(accepted_at=now())
    for invitation_id in (expired.id, uuid7()):
        with pytest.raises(users.InvitationNotFound):
            users.get_invitation(invitation_id=invitation_id)
        with pytest.raises(users.InvitationNotFound):
            users.issue_invitation_token(invitation_id=invitation_id)


def test_seeding_twice_seeds_once_and_tells_once():
    ada, grace = person(), person("grace")
    for _ in range(2):
        organization = users.ensure_organization(account_id=ada.account_id, name="Engines")
        member = users.ensure_member(
            organization_id=organization.id, account_id=grace.account_id, role="admin"
        )
    assert member == users.Member(account_id=grace.account_id, role="admin")
    assert models.Membership.objects.filter(organization_id=organization.id).count() == 2
    told = Outbox.objects.using("users").filter(aggregate_id=str(organization.id))
    assert sorted(told.values_list("name", flat=True)) == [
        "users.member_joined.v1",
        "users.organization_created.v1",
    ]


def test_nobody_is_seeded_into_an_unknown_organization():
    with pytest.raises(users.OrganizationNotFound):
        users.ensure_member(organization_id=uuid7(), account_id=uuid7(), role="member")
