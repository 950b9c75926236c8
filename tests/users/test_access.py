"""Who may do what: `get_access`, and the personal organization that everybody has."""

from __future__ import annotations

import pytest

from domains.users import interface as users
from domains.users import models
from kernel.db import answer_scope
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.permissions import Role, permissions_of
from tests.users.people import member_of, organization_of, person
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def personal_organizations(account_id):
    return models.Organization.objects.filter(created_by=account_id, personal=True)


def test_a_first_request_makes_the_personal_organization():
    account_id = uuid7()
    access = users.get_access(account_id=account_id, organization_id=None)
    [mine] = access.memberships
    assert access.organization_id == mine.organization_id
    assert mine.role == "owner"
    assert personal_organizations(account_id).count() == 1
    [created] = Outbox.objects.using("users").filter(name="users.organization_created.v1")
    assert created.payload == {
        "organization_id": str(mine.organization_id),
        "account_id": str(account_id),
        "personal": True,
    }


def test_a_registration_makes_the_personal_organization(deliver_events):
    account_id = person().account_id
    deliver_events()
    assert personal_organizations(account_id).count() == 1


def test_event_and_first_request_make_one_organization_between_them(deliver_events):
    someone = person()
    before = someone.principal().organization_id
    deliver_events()
    assert someone.principal().organization_id == before
    assert personal_organizations(someone.account_id).count() == 1


def test_the_personal_organization_outlives_a_request_that_fails():
    account_id = uuid7()
    with answer_scope("users") as scope:
        users.get_access(account_id=account_id, organization_id=None)
        scope.fail()
    assert personal_organizations(account_id).exists()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_two_first_requests_at_once_make_one_personal_organization():
    account_id = uuid7()

    def ask():
        return users.get_access(account_id=account_id, organization_id=None)

    answers = at_once(*[ask] * 6)
    assert len({answer.organization_id for answer in answers}) == 1
    assert personal_organizations(account_id).count() == 1
    assert models.Membership.objects.filter(account_id=account_id).count() == 1


@pytest.mark.parametrize("role", list(Role))
def test_each_role_holds_what_the_domains_declare_for_it(role):
    organization_id = organization_of(person())
    someone = member_of(organization_id, "grace", role)
    access = users.get_access(account_id=someone.account_id, organization_id=organization_id)
    [held] = [m for m in access.memberships if m.organization_id == organization_id]
    assert held.role == role
    assert set(held.permissions) == permissions_of(role)


def test_the_organization_asked_for_is_the_current_one():
    ada = person()
    organization_id = organization_of(ada)
    access = users.get_access(account_id=ada.account_id, organization_id=organization_id)
    assert access.organization_id == organization_id


def test_foreign_and_unknown_organizations_are_refused_alike():
    foreign = organization_of(person("eve"))
    ada = person()
    refusals = []
    for organization_id in (foreign, uuid7()):
        with pytest.raises(users.OrganizationNotFound) as refusal:
            users.get_access(account_id=ada.account_id, organization_id=organization_id)
        refusals.append((refusal.value.code, refusal.value.detail, refusal.value.details))
    assert refusals[0] == refusals[1]


def test_a_personal_organization_that_one_joined_is_not_ones_own():
    ada, grace = person(), person("grace")
    adas = ada.principal().organization_id
    users.ensure_member(organization_id=adas, account_id=grace.account_id, role="admin")
    assert grace.principal().organization_id != adas


def test_a_change_of_role_counts_from_the_next_request():
    organization_id = organization_of(person())
    grace = member_of(organization_id, "grace", "admin")
    models.Membership.objects.filter(
        organization_id=organization_id, account_id=grace.account_id
    ).update(role="viewer")
    principal = grace.principal(organization_id)
    assert not principal.may(users.ORGANIZATION_WRITE)
    assert principal.may(users.ORGANIZATION_READ)


def test_access_costs_one_query(django_assert_num_queries):
    ada = person()
    for name in ("One", "Two", "Three"):
        organization_of(ada, name)
    ada.principal()
    with django_assert_num_queries(1, using="users"):
        users.get_access(account_id=ada.account_id, organization_id=None)
