"""Organizations and what their members may do with them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from domains.auth import interface as auth
from domains.users import interface as users
from domains.users import models
from domains.users.services import founding, memberships, organizations
from kernel.errors import Forbidden, PreconditionFailed
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.preconditions import ANY, Precondition
from tests.users.people import member_of, organization_of, person
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def rename(principal, organization_id, name="Renamed", expected=ANY):
    return organizations.update_organization(
        principal=principal,
        organization_id=organization_id,
        wanted={} if name is None else {"name": name},
        expected=expected,
    )


def test_whoever_founds_an_organization_owns_it():
    ada = person()
    founded = founding.found_organization(principal=ada.principal(), name="Engines")
    assert (founded.account_id, founded.role) == (ada.account_id, "owner")
    created = Outbox.objects.using("users").get(aggregate_id=str(founded.organization_id))
    assert created.name == "users.organization_created.v1"
    assert created.payload["personal"] is False


def test_an_api_key_founds_nothing():
    ada = person()
    key = ada.key(organization_of(ada), users.ORGANIZATION_WRITE.name)
    with pytest.raises(auth.SessionRequired):
        founding.found_organization(principal=key, name="Engines")


def test_an_account_belongs_to_so_many_organizations_and_no_more(monkeypatch):
    ada = person()
    ada.principal()
    monkeypatch.setattr(memberships, "MEMBERSHIPS_PER_ACCOUNT", 2)
    founding.found_organization(principal=ada.principal(), name="Last")
    with pytest.raises(users.MembershipLimitReached):
        founding.found_organization(principal=ada.principal(), name="Too many")
    assert models.Membership.objects.filter(account_id=ada.account_id).count() == 2


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_the_limit_holds_when_several_are_founded_at_once(monkeypatch):
    ada = person()
    principal = ada.principal()
    monkeypatch.setattr(memberships, "MEMBERSHIPS_PER_ACCOUNT", 3)

    def found():
        return founding.found_organization(principal=principal, name="Race")

    outcomes = at_once(*[found] * 5)
    refused = [o for o in outcomes if isinstance(o, users.MembershipLimitReached)]
    assert len(refused) == 3
    assert models.Membership.objects.filter(account_id=ada.account_id).count() == 3


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_owners_and_admins_rename_the_organization(role):
    organization_id = organization_of(person())
    grace = member_of(organization_id, "grace", role)
    renamed = rename(grace.principal(), organization_id)
    assert renamed.organization.name == "Renamed"
    assert models.Organization.objects.get(id=organization_id).name == "Renamed"


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_others_may_not_rename_it(role):
    organization_id = organization_of(person())
    grace = member_of(organization_id, "grace", role)
    with pytest.raises(Forbidden):
        rename(grace.principal(), organization_id)
    assert models.Organization.objects.get(id=organization_id).name == "Engines"


def test_a_role_elsewhere_counts_for_nothing_here():
    organization_id = organization_of(person())
    grace = member_of(organization_id, "grace", "viewer")
    elsewhere = organization_of(grace, "Elsewhere")
    with pytest.raises(Forbidden):
        rename(grace.principal(elsewhere), organization_id)


def test_nobody_overwrites_what_they_did_not_read():
    ada = person()
    organization_id = organization_of(ada)
    principal = ada.principal()
    membership = organizations.get_membership(principal=principal, organization_id=organization_id)
    seen = Precondition(frozenset({organizations.tag_of(membership)}))
    rename(principal, organization_id, "First", seen)
    with pytest.raises(PreconditionFailed):
        rename(principal, organization_id, "Second", seen)
    assert models.Organization.objects.get(id=organization_id).name == "First"


def test_a_change_to_the_same_name_changes_nothing():
    ada = person()
    organization_id = organization_of(ada)
    before = models.Organization.objects.get(id=organization_id).updated_at
    rename(ada.principal(), organization_id, "Engines")
    rename(ada.principal(), organization_id, None)
    assert models.Organization.objects.get(id=organization_id).updated_at == before


def test_foreign_and_unknown_organizations_look_alike():
    foreign = organization_of(person("eve"))
    ada = person()
    for organization_id in (foreign, uuid7()):
        with pytest.raises(users.OrganizationNotFound) as refusal:
            rename(ada.principal(), organization_id)
        assert (refusal.value.detail, refusal.value.details) == ("", {})


def test_the_database_refuses_a_second_personal_organization():
    ada = person()
    ada.principal()
    with pytest.raises(IntegrityError), transaction.atomic(using="users"):
        models.Organization.objects.create(name="Second", personal=True, created_by=ada.account_id)


def test_a_list_shows_the_callers_own_organizations_alone():
    ada = person()
    mine = organization_of(ada)
    organization_of(person("eve"), "Eve's")
    principal = ada.principal()
    rows = organizations.list_memberships(principal=principal)
    assert {row.organization_id for row in rows} == {mine, principal.organization_id}


def test_an_api_key_sees_its_own_organization_alone():
    ada = person()
    mine, other = organization_of(ada), organization_of(ada, "Other")
    key = ada.key(mine, users.ORGANIZATION_READ.name)
    assert [row.organization_id for row in organizations.list_memberships(principal=key)] == [mine]
    with pytest.raises(users.OrganizationNotFound):
        organizations.get_membership(principal=key, organization_id=other)
