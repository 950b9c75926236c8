"""Billing's seats follow membership: reserved by invitations, settled by members, released."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.billing import interface as billing
from domains.billing.services.entitlements.seats import release_seat, settle_seat
from domains.billing.services.subscriptions.loading import seats_of
from domains.billing.services.subscriptions.quoting import Policy
from domains.users import interface as users
from domains.users.services import acceptance, invitations, member_changes
from domains.users.services.succession import leave_organizations
from kernel.clock import now
from kernel.db import transaction
from kernel.ids import uuid7
from tests.billing.conftest import put_on
from tests.users.people import organization_of, person

pytestmark = pytest.mark.django_db(databases="__all__")


def seats(organization_id) -> tuple[int, int]:
    """Return how many seats are settled and reserved."""
    standing = billing.check_entitlement(organization_id=organization_id, feature="seats", amount=1)
    return standing.used, standing.reserved


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def charles():
    return person("charles")


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


@pytest.fixture
def told(deliver_events):
    def of(organization_id):
        deliver_events()
        return seats(organization_id)

    return of


def invite(ada, organization_id, email="charles@example.com", at=None):
    return invitations.invite(
        principal=ada.principal(),
        organization_id=organization_id,
        email=email,
        role="member",
        now=at or now(),
    )


def test_whoever_founds_an_organization_takes_a_seat(organization_id, told):
    assert told(organization_id) == (1, 0)


def test_an_invitation_reserves_a_seat_until_it_is_accepted(ada, organization_id, charles, told):
    invitation = invite(ada, organization_id)
    assert told(organization_id) == (1, 1)
    acceptance.accept_own_invitation(
        principal=charles.principal(), invitation_id=invitation.id, now=now()
    )
    assert told(organization_id) == (2, 0)
    assert seats_of([organization_id]) == {organization_id: 2}


def test_another_plan_is_obeyed_by_the_next_invitation(ada, organization_id, told):
    for name in ("charles", "grace"):
        invite(ada, organization_id, f"{name}@example.com")
    with pytest.raises(users.SeatLimitReached):
        invite(ada, organization_id, "alan@example.com")
    owner = ada.principal(organization_id)
    put_on(owner, "pro", "pm_card_visa")
    invite(ada, organization_id, "alan@example.com")
    put_on(owner, "free", policy=Policy.NOW)
    with pytest.raises(users.SeatLimitReached):
        invite(ada, organization_id, "barbara@example.com")


def test_an_invitation_that_is_revoked_frees_its_seat(ada, organization_id, told):
    invitation = invite(ada, organization_id)
    assert told(organization_id) == (1, 1)
    invitations.revoke_invitation(
        principal=ada.principal(), organization_id=organization_id, invitation_id=invitation.id
    )
    assert told(organization_id) == (1, 0)


def test_an_invitation_that_expired_holds_no_seat_and_a_renewed_one_does(
    ada, organization_id, told
):
    invite(ada, organization_id, at=now() - timedelta(days=8))
    assert told(organization_id) == (1, 0)
    invite(ada, organization_id)
    assert told(organization_id) == (1, 1)


def test_whoever_leaves_frees_a_seat_and_may_come_back(ada, organization_id, charles, told):
    for _ in range(2):
        users.ensure_member(
            organization_id=organization_id, account_id=charles.account_id, role="member"
        )
        assert told(organization_id) == (2, 0)
        member_changes.remove_member(
            principal=ada.principal(),
            organization_id=organization_id,
            account_id=charles.account_id,
        )
        assert told(organization_id) == (1, 0)


def test_whoever_is_erased_frees_a_seat(organization_id, charles, told):
    users.ensure_member(
        organization_id=organization_id, account_id=charles.account_id, role="member"
    )
    with transaction("users"):
        leave_organizations(charles.account_id)
    assert told(organization_id) == (1, 0)


def test_what_is_told_late_or_twice_changes_nothing():
    organization, account, at = uuid7(), uuid7(), now()
    settle = {"organization_id": organization, "account_id": account, "now": at}
    release = {"organization_id": organization, "holder_id": account, "now": at}
    release_seat(**release, version=2)
    settle_seat(**settle, version=1)
    assert seats(organization) == (0, 0)
    for _ in range(2):
        settle_seat(**settle, version=3)
        release_seat(**release, version=2)
        assert seats(organization) == (1, 0)


def test_members_count_even_where_the_plan_has_become_smaller(organization_id, told):
    for _ in range(4):
        users.ensure_member(organization_id=organization_id, account_id=uuid7(), role="member")
    standing = told(organization_id)
    assert standing == (5, 0)
