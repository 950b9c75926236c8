"""Organizations and what is in them are read within those in context."""

from __future__ import annotations

import pytest

from domains.auth import interface as auth
from domains.users import interface as users
from domains.users.models import CustomRole, Invitation, Membership, Organization, Team
from domains.users.services import invitations, teams
from domains.users.services.organizations import list_memberships
from kernel import scope
from kernel.clock import now
from kernel.ids import uuid7
from kernel.managers import NoOrganizationInContext
from kernel.permissions import Role, permissions_of
from kernel.principal import Principal

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("nothing_in_context"),
]


def founded_by(account_id, name) -> Organization:
    known = users.ensure_organization(account_id=account_id, name=name)
    return Organization.objects.within(known.id).get()


@pytest.fixture
def ada():
    return auth.ensure_account(email="ada@example.com", password="correct horse battery staple")


@pytest.fixture
def ours(ada) -> Organization:
    return founded_by(ada.id, "Engines")


@pytest.fixture
def theirs(ada) -> Organization:
    """Another organization, to which Ada belongs too."""
    return founded_by(ada.id, "Looms")


@pytest.fixture
def principal(ada, ours) -> Principal:
    return Principal(
        kind="account",
        account_id=ada.id,
        session_id=uuid7(),
        organization_id=ours.id,
        memberships={ours.id: permissions_of(Role.OWNER)},
    )


@pytest.mark.parametrize("model", [Organization, Membership, Invitation, Team, CustomRole])
def test_nothing_is_read_without_an_organization(model):
    with pytest.raises(NoOrganizationInContext):
        model.objects.exists()


def test_an_organization_is_within_itself(ours, theirs):
    with scope.use(scope.of(ours.id)):
        assert list(Organization.objects.all()) == [ours]
    with scope.use(scope.of(ours.id, theirs.id)):
        assert set(Organization.objects.all()) == {ours, theirs}


def test_a_call_with_another_organization_in_context_finds_nothing(principal, ours):
    made = Invitation.objects.create(
        organization=ours,
        email="bob@example.com",
        role="member",
        invited_by=uuid7(),
        expires_at=now(),
    )
    team = Team(id=uuid7(), organization=ours, name="Boilers")
    team.path = [team.id]
    team.save(force_insert=True)
    asked = {"principal": principal, "organization_id": ours.id}
    with scope.use(scope.of(uuid7())):
        assert not invitations.list_invitations(**asked).exists()
        assert not teams.list_teams(**asked).exists()
    with scope.use(principal.organization_ids):
        assert list(invitations.list_invitations(**asked)) == [made]
        assert list(teams.list_teams(**asked)) == [team]


def test_people_know_where_they_belong_also_where_a_policy_keeps_them_out(principal, theirs):
    barred = Principal(**{**vars(principal), "barred": {theirs.id: None}})
    with scope.use(barred.organization_ids):
        found = list_memberships(principal=barred)
        assert {each.organization_id for each in found} == {principal.organization_id, theirs.id}


def test_what_is_reached_from_an_organization_at_hand_stays_with_it(ours, theirs):
    with scope.use(scope.of(theirs.id)):
        [member] = ours.memberships.all()
        assert member.organization == ours
        both = Organization.objects.within(ours.id, theirs.id).prefetch_related("memberships")
        assert [len(each.memberships.all()) for each in both] == [1, 1]
        made = ours.custom_roles.create(name="Stoker", permissions=[])
        assert made.organization_id == ours.id


def test_what_is_reached_from_a_person_needs_an_organization(ours, theirs):
    [membership] = ours.memberships.select_related("account")
    with pytest.raises(NoOrganizationInContext):
        membership.account.memberships.count()
    with scope.use(scope.of(ours.id)):
        assert list(membership.account.memberships.all()) == [membership]


def test_all_of_an_organization_goes_with_it_whatever_is_in_context(ours, theirs):
    with scope.use(scope.of(theirs.id)):
        ours.delete()
    assert not Membership.objects.within(ours.id).exists()
    assert Membership.objects.within(theirs.id).exists()
