"""Handing the ownership to another member, who accepts it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domains.auth import interface as auth
from domains.auth.models import Session
from domains.users import models
from domains.users.contract.errors import (
    OwnershipTransferExpired,
    OwnershipTransferNotFound,
    RoleAboveOwn,
)
from domains.users.services import closing, erasure, ownership
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.ids import uuid7
from kernel.models import Outbox
from tests.users.people import member_of, organization_of, person
from tests.users.test_api import pointers, problem, signed_in
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")
for_real = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


@pytest.fixture
def grace(organization_id):
    return member_of(organization_id, "grace")


@pytest.fixture
def path(organization_id):
    return f"users/organizations/{organization_id}/ownership-transfer"


def roles(organization_id):
    rows = models.Membership.objects.filter(organization_id=organization_id)
    return {row.account_id: row.role_key for row in rows}


def said():
    rows = Outbox.objects.using("users").filter(name__startswith="users.ownership")
    return [(row.name, row.payload.get("reason")) for row in rows.order_by("id")]


def offer(someone, organization_id, to, **options):
    return ownership.offer_ownership(
        principal=someone.principal(),
        organization_id=organization_id,
        account_id=to.account_id,
        now=options.get("now", now()),
    )


def accept(someone, organization_id, at=None):
    return ownership.accept_ownership(
        principal=someone.principal(), organization_id=organization_id, now=at or now()
    )


def end(someone, organization_id):
    ownership.end_own_offer(principal=someone.principal(), organization_id=organization_id)


def test_it_is_offered_seen_and_accepted(ada, grace, organization_id, path):
    giver, taker = signed_in(ada), signed_in(grace)
    offered = giver.post(path, {"account_id": str(grace.account_id)})
    assert offered.status_code == 201, offered.content
    shown = offered.json()
    assert shown["from_account_id"] == str(ada.account_id)
    assert shown["to_account_id"] == str(grace.account_id)
    assert giver.get(path).json() == taker.get(path).json() == shown
    assert roles(organization_id)[grace.account_id] == "member"
    accepted = taker.post(f"{path}/accept")
    assert (accepted.status_code, accepted.json()["role"]) == (200, "owner")
    assert roles(organization_id) == {ada.account_id: "admin", grace.account_id: "owner"}
    problem(taker.get(path), 404, "users.ownership_transfer_not_found")
    problem(taker.post(f"{path}/accept"), 404, "users.ownership_transfer_not_found")
    assert said() == [
        ("users.ownership_offered.v1", None),
        ("users.ownership_transferred.v1", None),
    ]
    # From the next request on.
    problem(giver.post(path, {"account_id": str(grace.account_id)}), 403, "kernel.forbidden")
    assert taker.get(f"users/organizations/{organization_id}/policy").status_code == 200


def test_whoever_had_a_custom_role_owns_it_by_the_membership(ada, grace, organization_id):
    role = models.CustomRole.objects.create(
        organization_id=organization_id, name="Clerk", permissions=["users.organization:read"]
    )
    models.Membership.objects.filter(account_id=grace.account_id).filter(
        organization_id=organization_id
    ).update(role="", custom_role=role)
    offer(ada, organization_id, grace)
    assert accept(grace, organization_id).role_key == "owner"
    assert roles(organization_id)[grace.account_id] == "owner"


def test_both_steps_take_fresh_proof(ada, grace, organization_id, path):
    giver, taker = signed_in(ada), signed_in(grace)
    offer(ada, organization_id, grace)
    for session in Session.objects.all():
        session.proven_at -= timedelta(minutes=11)
        session.save()
    body = {"account_id": str(grace.account_id)}
    problem(giver.post(path, body), 401, "auth.step_up_required")
    problem(taker.post(f"{path}/accept"), 401, "auth.step_up_required")
    assert roles(organization_id)[ada.account_id] == "owner"


@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_only_owners_offer_see_and_withdraw(ada, grace, organization_id, path, role):
    bob = member_of(organization_id, "bob", role)
    offer(ada, organization_id, grace)
    other = signed_in(bob)
    problem(other.post(path, {"account_id": str(grace.account_id)}), 403, "kernel.forbidden")
    problem(other.get(path), 403, "kernel.forbidden")
    problem(other.delete(path), 403, "kernel.forbidden")
    problem(other.post(f"{path}/accept"), 404, "users.ownership_transfer_not_found")
    assert said() == [("users.ownership_offered.v1", None)]


def test_the_permission_alone_gives_nothing_that_one_does_not_own(grace, organization_id):
    role = models.CustomRole.objects.create(
        organization_id=organization_id,
        name="Deputy",
        permissions=["users.organization:read", "users.ownership:transfer"],
    )
    models.Membership.objects.filter(
        organization_id=organization_id, account_id=grace.account_id
    ).update(role="", custom_role=role)
    bob = member_of(organization_id, "bob")
    with pytest.raises(RoleAboveOwn):
        offer(grace, organization_id, bob)


def test_a_key_offers_and_accepts_nothing(ada, grace, organization_id):
    key = ada.key(organization_id, "users.organization:read", "users.ownership:transfer")
    with pytest.raises(auth.SessionRequired):
        ownership.offer_ownership(
            principal=key,
            organization_id=organization_id,
            account_id=grace.account_id,
            now=now(),
        )
    offer(ada, organization_id, grace)
    with pytest.raises(auth.SessionRequired):
        ownership.accept_ownership(
            principal=grace.key(organization_id), organization_id=organization_id, now=now()
        )


def test_it_is_offered_to_another_member_alone(ada, grace, organization_id, path):
    giver = signed_in(ada)
    stranger = person("eve")
    for account_id in (stranger.account_id, uuid7()):
        answer = giver.post(path, {"account_id": str(account_id)})
        problem(answer, 404, "users.member_not_found")
    oneself = problem(giver.post(path, {"account_id": str(ada.account_id)}), 422, "kernel.invalid")
    assert oneself["errors"][0]["pointer"] == "/account_id"
    assert pointers(giver.post(path, {})) == {"/account_id"}
    assert said() == []


def test_a_personal_organization_stays_ones_own(ada):
    organization_id = ada.principal().organization_id
    bob = member_of(organization_id, "bob")
    path = f"users/organizations/{organization_id}/ownership-transfer"
    answer = signed_in(ada).post(path, {"account_id": str(bob.account_id)})
    problem(answer, 409, "users.personal_organization")


def test_a_foreign_offer_looks_like_none_at_all(ada, grace, organization_id, path):
    offer(ada, organization_id, grace)
    eve = signed_in(person("eve"))
    for unknown in (path, f"users/organizations/{uuid7()}/ownership-transfer"):
        for answer in (
            eve.get(unknown),
            eve.delete(unknown),
            eve.post(f"{unknown}/accept"),
            eve.post(unknown, {"account_id": str(grace.account_id)}),
        ):
            problem(answer, 404, "users.organization_not_found")


def test_a_new_offer_replaces_the_former(ada, grace, organization_id):
    bob = member_of(organization_id, "bob")
    offer(ada, organization_id, grace)
    offer(ada, organization_id, bob)
    with pytest.raises(OwnershipTransferNotFound):
        accept(grace, organization_id)
    assert accept(bob, organization_id).role == "owner"
    assert ("users.ownership_offer_ended.v1", "replaced") in said()


def test_it_is_declined_by_the_one_and_withdrawn_by_the_other(ada, grace, organization_id, path):
    offer(ada, organization_id, grace)
    assert signed_in(grace).delete(path).status_code == 204
    offer(ada, organization_id, grace)
    assert signed_in(ada).delete(path).status_code == 204
    problem(signed_in(ada).delete(path), 404, "users.ownership_transfer_not_found")
    assert [reason for _, reason in said() if reason] == ["declined", "withdrawn"]
    with pytest.raises(OwnershipTransferNotFound):
        accept(grace, organization_id)


def test_after_seven_days_it_is_too_late(ada, grace, organization_id):
    offer(ada, organization_id, grace)
    with pytest.raises(OwnershipTransferExpired):
        accept(grace, organization_id, at=now() + timedelta(days=7))
    ownership.end_expired_offers(now=now() + timedelta(days=6, hours=23))
    assert models.OwnershipTransfer.objects.exists()
    ownership.end_expired_offers(now=now() + timedelta(days=7))
    assert not models.OwnershipTransfer.objects.exists()
    assert said()[-1] == ("users.ownership_offer_ended.v1", "expired")


def test_whoever_is_no_owner_any_more_gives_nothing(ada, grace, organization_id):
    """However the role was taken: an offer made before must not outlive it."""
    bob = member_of(organization_id, "bob", "owner")
    offer(ada, organization_id, grace)
    models.Membership.objects.filter(
        organization_id=organization_id, account_id=ada.account_id
    ).update(role="member")
    with pytest.raises(OwnershipTransferNotFound):
        accept(grace, organization_id)
    assert roles(organization_id)[bob.account_id] == "owner"
    assert roles(organization_id)[grace.account_id] == "member"


@pytest.mark.parametrize("gone", ["giver", "taker"])
def test_it_ends_when_either_is_erased(ada, grace, organization_id, gone):
    member_of(organization_id, "bob", "owner")
    offer(ada, organization_id, grace)
    who = ada if gone == "giver" else grace
    erasure.erase_person(account_id=who.account_id, address_marks=())
    assert not models.OwnershipTransfer.objects.exists()
    assert said()[-1] == ("users.ownership_offer_ended.v1", "left")


def test_it_ends_when_the_organization_closes(ada, grace, organization_id):
    offer(ada, organization_id, grace)
    principal = ada.principal()
    closing.close_organization(principal=principal, organization_id=organization_id, now=now())
    assert said()[-1] == ("users.ownership_offer_ended.v1", "closed")
    with pytest.raises(OwnershipTransferNotFound):
        accept(grace, organization_id)
    with pytest.raises(Forbidden):
        offer(ada, organization_id, grace)


@for_real
def test_accepted_twice_at_once_it_is_accepted_once():
    ada = person()
    organization_id = organization_of(ada)
    grace = member_of(organization_id, "grace")
    offer(ada, organization_id, grace)
    grace.principal()
    outcomes = at_once(*[lambda: accept(grace, organization_id)] * 3)
    refused = [o for o in outcomes if isinstance(o, OwnershipTransferNotFound)]
    assert len(refused) == 2, outcomes
    assert roles(organization_id) == {ada.account_id: "admin", grace.account_id: "owner"}
    assert [name for name, _ in said()].count("users.ownership_transferred.v1") == 1


@for_real
def test_two_owners_offer_at_once_and_one_offer_is_open():
    ada = person()
    organization_id = organization_of(ada)
    bob = member_of(organization_id, "bob", "owner")
    grace = member_of(organization_id, "grace")
    outcomes = at_once(
        lambda: offer(ada, organization_id, grace), lambda: offer(bob, organization_id, grace)
    )
    assert {type(outcome) for outcome in outcomes} == {models.OwnershipTransfer}
    assert models.OwnershipTransfer.objects.count() == 1


@for_real
@pytest.mark.parametrize("round_", range(3))
def test_accepted_while_the_giver_is_erased_there_is_an_owner(round_):
    ada = person()
    organization_id = organization_of(ada)
    grace = member_of(organization_id, "grace")
    bob = member_of(organization_id, "bob", "admin")
    offer(ada, organization_id, grace)
    for someone in (ada, grace, bob):
        someone.principal()
    accepted, erased = at_once(
        lambda: accept(grace, organization_id),
        lambda: erasure.erase_person(account_id=ada.account_id, address_marks=()),
    )
    assert erased is None, erased
    found = roles(organization_id)
    assert ada.account_id not in found
    assert list(found.values()).count("owner") == 1
    if isinstance(accepted, models.Membership):
        assert found[grace.account_id] == "owner"
    else:
        assert isinstance(accepted, OwnershipTransferNotFound)
        assert found == {grace.account_id: "member", bob.account_id: "owner"}


@for_real
def test_accepted_while_it_is_withdrawn_one_of_both_happens():
    ada = person()
    organization_id = organization_of(ada)
    grace = member_of(organization_id, "grace")
    offer(ada, organization_id, grace)
    for someone in (ada, grace):
        someone.principal()
    accepted, ended = at_once(
        lambda: accept(grace, organization_id), lambda: end(ada, organization_id)
    )
    assert isinstance(accepted, models.Membership) == isinstance(ended, OwnershipTransferNotFound)
    expected = "owner" if isinstance(accepted, models.Membership) else "member"
    assert roles(organization_id)[grace.account_id] == expected
