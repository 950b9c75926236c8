"""What nobody asks for is done in time: each sweep is declared, and does its work when it runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.users import models
from domains.users.services import ownership
from kernel import periodic
from kernel.clock import now
from kernel.ids import uuid7
from tests.users.audit.conftest import records
from tests.users.audit.said import trail, write
from tests.users.people import member_of, organization_of, person

pytestmark = pytest.mark.django_db(databases="__all__")
__all__ = ["records"]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EVERY = {
    "anchor_audit": DAY,
    "delete_old_invitations": DAY,
    "end_expired_ownership_offers": HOUR,
    "erase_closed_organizations": HOUR,
    "expire_person_exports": MINUTE,
    "prune_audit": DAY,
    "resume_person_exports": MINUTE,
    "sweep_audit_exports": MINUTE,
}


@pytest.fixture
def swept(deliver_events):
    """Return a function that runs all periodic work once, at that moment."""
    deliver_events()
    return lambda **later: deliver_events(now=now() + timedelta(**later), sweeps=True)


@pytest.fixture
def organization_id():
    return organization_of(person())


def test_each_is_declared_as_often_as_it_is_promised():
    own = {t.name.partition(".")[2]: t.every for t in periodic.of_domain("users")}
    assert {name: own.get(name) for name in EVERY} == EVERY


def test_the_trails_of_the_day_are_anchored(organization_id, swept):
    swept(days=0)
    assert models.AuditAnchor.objects.get().day == now().date()


def test_entries_go_that_the_plan_no_longer_keeps(swept):
    write(organization_id := uuid7(), 2, age=timedelta(days=40))
    swept(days=0)
    assert trail(organization_id) == []


def test_a_closed_organization_goes_after_thirty_days(organization_id, swept):
    rows = models.Organization.objects.filter(id=organization_id)
    rows.update(closed_at=now(), erase_at=now() + timedelta(days=30))
    swept(days=29)
    assert rows.exists()
    swept(days=30, minutes=1)
    assert not rows.exists()


def test_an_offer_of_ownership_ends_after_seven_days(organization_id, swept):
    ada, grace = person(), member_of(organization_id, "grace")
    ownership.offer_ownership(
        principal=ada.principal(),
        organization_id=organization_id,
        account_id=grace.account_id,
        now=now(),
    )
    swept(days=6)
    assert models.OwnershipTransfer.objects.exists()
    swept(days=7, minutes=1)
    assert not models.OwnershipTransfer.objects.exists()


def test_copies_of_the_log_are_written_whose_job_was_lost(organization_id, swept):
    made = models.AuditExport.objects.create(
        organization_id=organization_id, format="csv", created_at=now()
    )
    swept(minutes=3)
    made.refresh_from_db()
    assert made.state == "ready"
    swept(days=8)
    made.refresh_from_db()
    assert made.state == "expired"
