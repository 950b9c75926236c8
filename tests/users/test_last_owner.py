"""An organization has an owner, whoever writes and however many at once."""

from __future__ import annotations

from threading import Barrier

import pytest
from django.db import IntegrityError, connections, transaction

from domains.users import interface as users
from domains.users import models
from domains.users.services.members import require_owner_besides
from kernel.db import transaction as unit_of_work
from kernel.ids import uuid7
from tests import patience
from tests.users.people import member_of, organization_of, person
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def check_now():
    """Have the deferred triggers fire, as a commit would."""
    with connections["users"].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def owners(organization_id):
    return models.Membership.objects.filter(organization_id=organization_id, role="owner")


def test_the_database_refuses_to_demote_the_last_owner():
    organization_id = organization_of(person())
    with pytest.raises(IntegrityError, match="no owner"), transaction.atomic(using="users"):
        owners(organization_id).update(role="admin")
        check_now()
    assert owners(organization_id).count() == 1


def test_the_database_refuses_to_remove_the_last_owner():
    organization_id = organization_of(person())
    with pytest.raises(IntegrityError, match="no owner"), transaction.atomic(using="users"):
        owners(organization_id).delete()
        check_now()


def test_the_database_refuses_an_organization_that_begins_without_an_owner():
    with pytest.raises(IntegrityError, match="no owner"), transaction.atomic(using="users"):
        models.Organization.objects.create(name="Nobody's", created_by=uuid7())
        check_now()


def test_owners_can_change_places_within_a_transaction():
    organization_id = organization_of(person())
    grace = member_of(organization_id, "grace")
    owners(organization_id).update(role="member")
    models.Membership.objects.filter(
        organization_id=organization_id, account_id=grace.account_id
    ).update(role="owner")
    check_now()
    assert owners(organization_id).get().account_id == grace.account_id


def test_an_organization_can_go_as_a_whole():
    organization_id = organization_of(person())
    models.Organization.objects.get(id=organization_id).delete()
    check_now()
    assert not owners(organization_id).exists()


def test_the_last_owner_is_told_before_the_database_refuses():
    organization_id = organization_of(person())
    with pytest.raises(users.LastOwner), unit_of_work("users"):
        require_owner_besides(owners(organization_id).get())


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_of_two_owners_demoted_at_once_by_the_rules_one_stays():
    organization_id = organization_of(person())
    member_of(organization_id, "grace", "owner")

    def demote(membership):
        def run():
            with unit_of_work("users"):
                require_owner_besides(membership)
                membership.role = "member"
                membership.save()

        return run

    outcomes = at_once(*[demote(membership) for membership in owners(organization_id)])
    assert sorted(type(outcome) for outcome in outcomes if outcome) == [users.LastOwner]
    assert owners(organization_id).count() == 1


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_of_two_owners_demoted_at_once_past_the_rules_one_stays():
    organization_id = organization_of(person())
    member_of(organization_id, "grace", "owner")
    both_written = Barrier(2)

    def demote(membership):
        def run():
            with transaction.atomic(using="users"):
                models.Membership.objects.filter(id=membership.id).update(role="member")
                both_written.wait(timeout=patience.SECONDS)

        return run

    outcomes = at_once(*[demote(membership) for membership in owners(organization_id)])
    assert sorted(type(outcome) for outcome in outcomes if outcome) == [IntegrityError]
    assert owners(organization_id).count() == 1
