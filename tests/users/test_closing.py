"""Closing an organization, with thirty days to think again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from domains.auth import interface as auth
from domains.auth.models import Session
from domains.files import interface as files
from domains.users import interface as users
from domains.users import models
from domains.users.contract.errors import OrganizationClosed
from domains.users.models import AuditEntry
from domains.users.services import closing
from kernel.clock import now
from kernel.ids import uuid7
from kernel.models import Outbox
from tests.users.people import member_of, organization_of, person
from tests.users.test_api import problem, signed_in
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")
for_real = pytest.mark.django_db(transaction=True, databases="__all__")

SEEN = {"users.organization:read", "users.organization:close"}


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def me(ada):
    return signed_in(ada)


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


@pytest.fixture
def path(organization_id):
    return f"users/organizations/{organization_id}"


def said():
    rows = Outbox.objects.using("users").filter(name__startswith="users.organization_")
    return [row.name.split(".")[1] for row in rows.order_by("id") if "created" not in row.name]


def close(someone, organization_id, at=None):
    return closing.close_organization(
        principal=someone.principal(), organization_id=organization_id, now=at or now()
    )


def reopen(someone, organization_id):
    return closing.reopen_organization(
        principal=someone.principal(), organization_id=organization_id
    )


def held(someone, organization_id):
    return set(someone.principal(organization_id).memberships[organization_id])


def test_it_is_closed_seen_and_opened_again(me, ada, organization_id, path):
    opened = me.get(path).json()
    closed = me.post(f"{path}/close")
    assert closed.status_code == 200, closed.content
    shown = closed.json()
    assert shown["closed_at"] < shown["erase_at"]
    assert me.get(path).json() == shown
    rows = models.Organization.objects.get(id=organization_id)
    assert rows.erase_at - rows.closed_at == timedelta(days=30)
    again = me.post(f"{path}/reopen")
    assert again.status_code == 200, again.content
    assert again.json() | {"updated_at": ""} == opened | {"updated_at": ""}
    assert said() == ["organization_closed", "organization_reopened"]


def test_from_the_next_request_on_nobody_does_anything_in_it(me, ada, organization_id, path):
    grace = member_of(organization_id, "grace", "admin")
    key = ada.key(organization_id, "users.member:read")
    assert held(ada, organization_id) > SEEN
    assert me.post(f"{path}/close").status_code == 200
    assert held(ada, organization_id) == SEEN
    assert held(grace, organization_id) == {"users.organization:read"}
    problem(me.patch(path, {"name": "X"}), 403, "kernel.forbidden")
    problem(me.get(f"{path}/members"), 403, "kernel.forbidden")
    in_it = {"Organization_Id": str(organization_id)}
    problem(me.get("files", **in_it), 403, "kernel.forbidden")
    assert key.organization_id == organization_id
    assert me.get("users/me").status_code == 200


def test_whoever_may_not_close_it_may_not_open_it_either(ada, organization_id, path):
    others = [member_of(organization_id, role, role) for role in ("admin", "member", "viewer")]
    for other in others:
        problem(signed_in(other).post(f"{path}/close"), 403, "kernel.forbidden")
    close(ada, organization_id)
    for other in others:
        problem(signed_in(other).post(f"{path}/reopen"), 403, "kernel.forbidden")
    assert said() == ["organization_closed"]


def test_closing_takes_fresh_proof_and_opening_none(me, ada, organization_id, path):
    for session in Session.objects.all():
        session.proven_at -= timedelta(minutes=11)
        session.save()
    problem(me.post(f"{path}/close"), 401, "auth.step_up_required")
    close(ada, organization_id)
    assert me.post(f"{path}/reopen").status_code == 200


def test_a_key_closes_and_opens_nothing(ada, organization_id):
    key = ada.key(organization_id, *SEEN)
    for call in (closing.close_organization, closing.reopen_organization):
        options = {"now": now()} if call is closing.close_organization else {}
        with pytest.raises(auth.SessionRequired):
            call(principal=key, organization_id=organization_id, **options)


def test_a_personal_one_stays_open(me, ada):
    path = f"users/organizations/{ada.principal().organization_id}"
    problem(me.post(f"{path}/close"), 409, "users.personal_organization")


def test_what_is_closed_is_not_closed_again_and_what_is_open_not_opened(me, path, organization_id):
    problem(me.post(f"{path}/reopen"), 409, "users.not_closed")
    me.post(f"{path}/close")
    erase_at = models.Organization.objects.get(id=organization_id).erase_at
    problem(me.post(f"{path}/close"), 409, "users.organization_closed")
    assert models.Organization.objects.get(id=organization_id).erase_at == erase_at


def test_a_foreign_one_looks_like_none_at_all(organization_id):
    eve = signed_in(person("eve"))
    for id_ in (organization_id, uuid7()):
        for what in ("close", "reopen"):
            answer = eve.post(f"users/organizations/{id_}/{what}")
            problem(answer, 404, "users.organization_not_found")


def everything_in(organization_id, ada):
    """Have one row of each kind in the organization."""
    role = models.CustomRole.objects.create(
        organization_id=organization_id, name="Clerk", permissions=["users.member:read"]
    )
    grace = member_of(organization_id, "grace")
    team_id, inner_id = uuid7(), uuid7()
    team = models.Team.objects.create(
        id=team_id, organization_id=organization_id, path=[team_id], name="Core"
    )
    inner = models.Team.objects.create(
        id=inner_id,
        organization_id=organization_id,
        parent=team,
        path=[team_id, inner_id],
        name="Inner",
    )
    membership = models.Membership.objects.get(
        organization_id=organization_id, account_id=grace.account_id
    )
    models.Membership.objects.filter(id=membership.id).update(role="", custom_role=role)
    models.TeamMembership.objects.create(
        organization_id=organization_id, team=inner, membership=membership
    )
    models.RoleAssignment.objects.create(
        organization_id=organization_id, membership=membership, custom_role=role, scope=team
    )
    models.Invitation.objects.create(
        organization_id=organization_id,
        email="new@example.com",
        custom_role=role,
        invited_by=ada.account_id,
        expires_at=now() + timedelta(days=7),
    )
    models.OwnershipTransfer.objects.create(
        organization_id=organization_id,
        from_account_id=ada.account_id,
        to_account_id=grace.account_id,
        created_at=now(),
        expires_at=now() + timedelta(days=7),
    )


def test_after_thirty_days_it_is_erased_with_all_its_rows(ada, organization_id):
    everything_in(organization_id, ada)
    other = organization_of(ada, "Other")
    close(ada, organization_id)
    closing.erase_due(now=now() + timedelta(days=29, hours=23))
    assert models.Organization.objects.filter(id=organization_id).exists()
    closing.erase_due(now=now() + timedelta(days=30))
    assert not models.Organization.objects.filter(id=organization_id).exists()
    assert models.Organization.objects.filter(id=other).exists()
    for kind in (models.Membership, models.Invitation, models.CustomRole, models.Team):
        assert not kind.objects.filter(organization_id=organization_id).exists()
    assert said() == ["organization_closed", "organization_erased"]
    with pytest.raises(users.OrganizationNotFound):
        ada.principal(organization_id)


def test_every_domain_hears_of_it(ada, organization_id, deliver_events):
    deliver_events()
    in_it = {"Organization_Id": str(organization_id)}
    body = {"name": "a.txt", "size": 1, "content_type": "text/plain", "sha256": "0" * 64}
    file_id = UUID(signed_in(ada).post("files", body, **in_it).json()["id"])
    assert files.get_files(file_ids=[file_id])
    close(ada, organization_id)
    closing.erase_due(now=now() + timedelta(days=31))
    deliver_events()
    assert not files.get_files(file_ids=[file_id])


def test_its_trail_outlives_it_and_tells_of_its_end(me, path, organization_id, deliver_events):
    assert me.post(f"{path}/close").status_code == 200
    deliver_events()
    closing.erase_due(now=now() + timedelta(days=31))
    deliver_events()
    told = AuditEntry.objects.within(organization_id).order_by("sequence")
    assert [*told.values_list("action", flat=True)][-2:] == [
        "users.organization_closed",
        "users.organization_erased",
    ]
    assert users.verify_audit(organization_id=organization_id).broken == ()


def test_what_was_opened_again_is_not_erased(ada, organization_id):
    close(ada, organization_id)
    reopen(ada, organization_id)
    closing.erase_due(now=now() + timedelta(days=400))
    assert models.Organization.objects.filter(id=organization_id).exists()


@for_real
def test_closed_by_two_at_once_it_is_closed_once():
    ada = person()
    organization_id = organization_of(ada)
    bob = member_of(organization_id, "bob", "owner")
    for someone in (ada, bob):
        someone.principal()
    outcomes = at_once(lambda: close(ada, organization_id), lambda: close(bob, organization_id))
    assert sum(isinstance(outcome, OrganizationClosed) for outcome in outcomes) == 1
    assert said() == ["organization_closed"]


@for_real
def test_opened_while_it_is_erased_one_of_both_happens():
    ada = person()
    organization_id = organization_of(ada)
    close(ada, organization_id, at=now() - timedelta(days=31))
    opened, erased = at_once(
        lambda: reopen(ada, organization_id), lambda: closing.erase_due(now=now())
    )
    assert erased is None, erased
    there = models.Organization.objects.filter(id=organization_id).exists()
    assert there == isinstance(opened, models.Membership), opened
    assert there or isinstance(opened, users.OrganizationNotFound)


@for_real
def test_erased_by_two_processes_at_once_it_is_told_once():
    ada = person()
    organization_id = organization_of(ada)
    close(ada, organization_id, at=now() - timedelta(days=31))
    outcomes = at_once(*[lambda: closing.erase_due(now=now())] * 3)
    assert outcomes == [None] * 3
    assert said().count("organization_erased") == 1
