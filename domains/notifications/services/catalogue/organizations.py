"""What people are told about the organizations that they belong to, or belonged to."""

from __future__ import annotations

from functools import partial

from domains.notifications.services.catalogue import categories, readings
from domains.notifications.services.catalogue.rules import PERSONAL, SHARED, Audience, Rule

_person = partial(Rule, to=Audience.PERSON, channels=PERSONAL, category=categories.TEAM)
_managers = partial(Rule, to=Audience.MANAGERS, channels=SHARED, category=categories.TEAM)

ORGANIZATIONS: tuple[Rule, ...] = (
    _person(
        event="users.ownership_offered.v1",
        reads=readings.OwnershipFact,
        kind="users.ownership_offered",
        person="to_account_id",
        names="from_account_id",
    ),
    _person(
        event="users.ownership_transferred.v1",
        reads=readings.OwnershipFact,
        kind="users.ownership_received",
        person="to_account_id",
        names="from_account_id",
    ),
    _person(
        event="users.ownership_transferred.v1",
        reads=readings.OwnershipFact,
        kind="users.ownership_given",
        person="from_account_id",
        names="to_account_id",
    ),
    _managers(
        event="users.organization_closed.v1",
        reads=readings.ClosingFact,
        kind="users.organization_closed",
    ),
    _managers(
        event="users.organization_reopened.v1",
        reads=readings.ReopeningFact,
        kind="users.organization_reopened",
    ),
    # Who left by themselves knows it.
    _person(
        event="users.member_removed.v1",
        reads=readings.RemovalFact,
        kind="users.member_removed",
        applies=lambda removal: not removal.left,
    ),
    _person(
        event="users.member_role_changed.v1",
        reads=readings.RoleFact,
        kind="users.member_role_changed",
    ),
)
