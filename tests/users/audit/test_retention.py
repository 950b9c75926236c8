"""Entries are kept for as long as the plan says, and the rest of a trail stays provable."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.billing import interface as billing
from domains.billing.services import catalogue
from domains.users import interface as users
from domains.users.models import AuditChain
from domains.users.services.audit import anchors, retention
from domains.users.services.audit.chain import INSTALLATION
from kernel.clock import now
from kernel.ids import uuid7
from tests.users.audit.said import trail, write

pytestmark = pytest.mark.django_db(databases="__all__")


def on_plan(organization, plan):
    from domains.billing.models import Customer

    Customer.objects.create(organization_id=organization, plan=plan, created_at=now())


def test_every_plan_says_how_long():
    days = [plan.entitlements["audit_retention_days"] for plan in catalogue.get_plans()]
    assert days == sorted(days)
    assert days[0] >= 30


def test_what_the_plan_no_longer_keeps_is_cleared_away():
    free, pro = uuid7(), uuid7()
    on_plan(pro, "pro")
    for organization in (free, pro):
        write(organization, 2, age=timedelta(days=400))
        write(organization, 3, age=timedelta(days=40))
        write(organization, 1)
    assert retention.prune(now=now()) == 5 + 2
    assert [entry.sequence for entry in trail(free)] == [6]
    assert [entry.sequence for entry in trail(pro)] == [3, 4, 5, 6]
    assert retention.prune(now=now()) == 0


def test_what_is_left_is_whole_and_fits_the_anchors():
    write(organization := uuid7(), 4, age=timedelta(days=40))
    anchors.anchor(now=now() - timedelta(days=40))
    write(organization, 2)
    anchors.anchor(now=now())
    retention.prune(now=now())
    assert AuditChain.objects.get(organization_id=organization).floor == 4
    verdict = users.verify_audit(organization_id=None)
    assert (verdict.entries, verdict.anchors, verdict.broken) == (2, 2, ())
    write(organization, 1)
    assert users.verify_audit(organization_id=organization).broken == ()


def test_a_trail_of_which_nothing_is_left_goes_on_where_it_was():
    write(organization := uuid7(), 3, age=timedelta(days=40))
    retention.prune(now=now())
    assert trail(organization) == []
    write(organization, 1)
    assert trail(organization)[0].sequence == 4
    assert users.verify_audit(organization_id=None).broken == ()


def test_an_old_entry_behind_a_younger_one_waits_for_it():
    write(organization := uuid7(), 1)
    write(organization, 2, age=timedelta(days=40))
    assert retention.prune(now=now()) == 0


def test_much_is_cleared_away_some_at_a_time(monkeypatch):
    monkeypatch.setattr(retention, "MOST_ENTRIES", 2)
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    organizations = [uuid7() for _ in range(3)]
    for organization in organizations:
        write(organization, 5, age=timedelta(days=40))
    assert retention.prune(now=now()) == 15


def test_the_installations_own_trail_is_kept_for_a_year():
    write(INSTALLATION, 1, age=timedelta(days=366))
    write(INSTALLATION, 1, age=timedelta(days=300))
    assert retention.prune(now=now()) == 1


def test_the_plan_is_asked_for_outside_of_any_transaction():
    asked = []
    write(uuid7(), 1)
    real = billing.get_entitlements

    def noted(**arguments):
        from kernel.db import open_transactions

        asked.append(open_transactions())
        return real(**arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(billing, "get_entitlements", noted)
        retention.prune(now=now())
    assert asked == [[]]
