"""Members: their roles are changed, they are removed and leave; an owner always stays."""

from __future__ import annotations

import pytest

from domains.auth import interface as auth
from domains.users import interface as users
from domains.users import models
from domains.users.contract.errors import MemberAboveOwn
from domains.users.services import member_changes
from kernel.clock import now
from kernel.errors import Forbidden
from kernel.ids import uuid7
from kernel.permissions import registry
from kernel.preconditions import ANY
from tests.client import Api
from tests.users.clients import problem, signed_in, told
from tests.users.people import member_of, organization_of, person
from tests.users.teams import custom_role, give, have_role, membership_of, put_into, team_of
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")

READ, POLICY = users.MEMBER_READ.name, users.ORGANIZATION_POLICY.name
MEMBER_REMOVE = users.MEMBER_REMOVE.name


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
    return f"users/organizations/{organization_id}/members"


@pytest.fixture
def linus(organization_id):
    return member_of(organization_id, "linus")


@pytest.fixture
def grace(organization_id):
    return member_of(organization_id, "grace", "admin")


def role_of(organization_id, someone):
    return membership_of(organization_id, someone).role_key


def test_a_member_is_shown_and_given_another_role(me, path, organization_id, linus):
    place = f"{path}/{linus.account_id}"
    shown = me.get(place)
    assert (shown.json()["email"], shown.json()["role"]) == (linus.email, "member")
    role = custom_role(organization_id, READ)
    for key in ("viewer", str(role.id), "admin", "owner"):
        changed = me.patch(place, {"role": key})
        assert changed.json() == shown.json() | {"role": key}
        assert changed["ETag"] != shown["ETag"]
        assert role_of(organization_id, linus) == key
    assert [(e["former_role"], e["role"]) for e in told("member_role_changed")] == [
        ("member", "viewer"),
        ("viewer", str(role.id)),
        (str(role.id), "admin"),
        ("admin", "owner"),
    ]
    problem(
        me.patch(place, {"role": "viewer"}, If_Match=shown["ETag"]),
        412,
        "kernel.precondition_failed",
    )


def test_a_role_that_somebody_has_already_changes_nothing(me, path, linus):
    place = f"{path}/{linus.account_id}"
    assert me.patch(place, {"role": "member"}).status_code == 200
    assert me.patch(place, {}).status_code == 200
    assert told("member_role_changed") == []


@pytest.mark.parametrize("role", ["emperor", "", 7, None])
def test_a_role_that_can_be_none_is_refused(me, path, linus, role):
    answer = me.patch(f"{path}/{linus.account_id}", {"role": role})
    problem(answer, 422, "kernel.validation_failed", "/role")


def test_another_organizations_role_and_members_are_not_found_just_like_none(me, path, linus):
    eve = person("eve")
    foreign = custom_role(organization_of(eve, "Eve's"), READ)
    for key in (foreign.id, uuid7()):
        answer = me.patch(f"{path}/{linus.account_id}", {"role": str(key)})
        problem(answer, 404, "users.role_not_found")
    for method, body in (("GET", None), ("PATCH", {"role": "viewer"}), ("DELETE", None)):
        documents = []
        for account_id in (eve.account_id, uuid7()):
            answer = me.request(method, f"{path}/{account_id}", body)
            document = problem(answer, 404, "users.member_not_found")
            documents.append((document["title"], document["detail"]))
        assert documents[0] == documents[1]


def test_an_admin_makes_and_unmakes_no_owner(ada, path, organization_id, grace, linus):
    theirs = signed_in(grace)
    problem(
        theirs.patch(f"{path}/{linus.account_id}", {"role": "owner"}), 403, "users.role_above_own"
    )
    problem(
        theirs.patch(f"{path}/{grace.account_id}", {"role": "owner"}), 403, "users.role_above_own"
    )
    for answer in (
        theirs.patch(f"{path}/{ada.account_id}", {"role": "viewer"}),
        theirs.delete(f"{path}/{ada.account_id}"),
    ):
        problem(answer, 403, "users.member_above_own")
    assert role_of(organization_id, ada) == "owner"


def test_who_holds_every_permission_by_another_role_is_no_owner(path, organization_id, linus):
    everything = custom_role(organization_id, *sorted(registry))
    have_role(organization_id, linus, everything)
    theirs = signed_in(linus)
    grace = member_of(organization_id, "grace", "owner")
    problem(
        theirs.patch(f"{path}/{linus.account_id}", {"role": "owner"}), 403, "users.role_above_own"
    )
    problem(theirs.delete(f"{path}/{grace.account_id}"), 403, "users.member_above_own")


def test_nobody_touches_a_member_who_may_do_more_anywhere(path, organization_id, grace, linus):
    theirs, place = signed_in(grace), f"{path}/{linus.account_id}"
    above = custom_role(organization_id, READ, POLICY)
    team = team_of(organization_id, "Sales")
    put_into(team, linus)
    for how in ({"to": linus}, {"to": team}, {"to": linus, "scope": team}):
        given = give(organization_id, above, **how)
        problem(theirs.patch(place, {"role": "viewer"}), 403, "users.member_above_own")
        problem(theirs.delete(place), 403, "users.member_above_own")
        given.delete()
    have_role(organization_id, linus, above)
    problem(theirs.patch(place, {"role": "viewer"}), 403, "users.member_above_own")
    assert role_of(organization_id, linus) == str(above.id)
    models.Membership.objects.filter(custom_role=above).update(role="admin", custom_role=None)
    assert theirs.patch(place, {"role": "viewer"}).status_code == 200


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_members_and_viewers_change_nobody(path, organization_id, role, linus):
    theirs = signed_in(member_of(organization_id, "eve", role))
    assert theirs.get(f"{path}/{linus.account_id}").status_code == 200
    for answer in (
        theirs.patch(f"{path}/{linus.account_id}", {"role": "viewer"}),
        theirs.delete(f"{path}/{linus.account_id}"),
        theirs.delete(f"{path}/{uuid7()}"),
    ):
        problem(answer, 403, "kernel.forbidden")


def test_who_is_removed_loses_everything_there_from_the_next_request_on(
    me, path, organization_id, linus
):
    theirs = signed_in(linus)
    team = team_of(organization_id, "Sales")
    put_into(team, linus)
    give(organization_id, "admin", to=linus)
    assert theirs.get(path).status_code == 200
    assert me.delete(f"{path}/{linus.account_id}").status_code == 204
    problem(theirs.get(path), 404, "users.organization_not_found")
    assert not models.RoleAssignment.objects.exists()
    assert not models.TeamMembership.objects.exists()
    assert told("member_removed") == [
        {
            "organization_id": str(organization_id),
            "account_id": str(linus.account_id),
            "left": False,
        }
    ]
    problem(me.delete(f"{path}/{linus.account_id}"), 404, "users.member_not_found")


def test_anybody_leaves_without_being_asked(path, organization_id, linus):
    theirs = signed_in(linus)
    assert theirs.delete(f"{path}/{linus.account_id}").status_code == 204
    [event] = told("member_removed")
    assert event["left"] is True
    problem(theirs.get(path), 404, "users.organization_not_found")


def test_a_key_removes_only_who_may_no_more_than_it_may_itself(organization_id, grace, linus):
    def remove(someone, *permissions):
        member_changes.remove_member(
            principal=grace.key(organization_id, *permissions),
            organization_id=organization_id,
            account_id=someone.account_id,
        )

    hers = grace.principal(organization_id).memberships[organization_id]
    with pytest.raises(Forbidden, match=MEMBER_REMOVE):
        remove(grace, READ)
    with pytest.raises(MemberAboveOwn):
        remove(linus, MEMBER_REMOVE)
    remove(linus, *hers)
    assert [event["left"] for event in told("member_removed")] == [False]


def test_the_last_owner_neither_leaves_nor_is_demoted(ada, me, path, organization_id):
    place = f"{path}/{ada.account_id}"
    problem(me.delete(place), 409, "users.last_owner")
    problem(me.patch(place, {"role": "admin"}), 409, "users.last_owner")
    member_of(organization_id, "grace", "owner")
    assert me.patch(place, {"role": "viewer"}).status_code == 200
    assert me.delete(place).status_code == 204


def test_nobody_leaves_their_personal_organization_nor_is_removed_from_it(ada, me):
    personal = ada.principal().organization_id
    place = f"users/organizations/{personal}/members/{ada.account_id}"
    problem(me.delete(place), 409, "users.personal_organization")
    problem(me.patch(place, {"role": "viewer"}), 409, "users.personal_organization")
    grace = signed_in(member_of(personal, "grace", "owner"))
    problem(grace.delete(place), 409, "users.personal_organization")
    problem(grace.patch(place, {"role": "viewer"}), 409, "users.personal_organization")


def test_an_offer_of_ownership_ends_with_who_goes(ada, me, path, organization_id, linus):
    def offered(giver):
        return models.OwnershipTransfer.objects.create(
            organization_id=organization_id,
            from_account_id=giver.account_id,
            to_account_id=linus.account_id,
            created_at=now(),
            expires_at=now(),
        )

    grace = member_of(organization_id, "grace", "owner")
    offered(grace)
    assert me.patch(f"{path}/{grace.account_id}", {"role": "admin"}).status_code == 200
    offered(ada)
    assert me.delete(f"{path}/{linus.account_id}").status_code == 204
    assert not models.OwnershipTransfer.objects.exists()
    assert [e["reason"] for e in told("ownership_offer_ended")] == ["demoted", "removed"]


def test_a_changed_role_counts_from_the_next_request_on(me, path, organization_id, linus):
    theirs = signed_in(linus)
    teams = f"users/organizations/{organization_id}/teams"
    problem(theirs.post(teams, {"name": "One"}), 403, "kernel.forbidden")
    me.patch(f"{path}/{linus.account_id}", {"role": "admin"})
    assert theirs.post(teams, {"name": "One"}).status_code == 201
    me.patch(f"{path}/{linus.account_id}", {"role": "viewer"})
    problem(theirs.post(teams, {"name": "Two"}), 403, "kernel.forbidden")


def test_what_counts_in_a_team_alone_goes_into_no_key(organization_id, linus):
    have_role(organization_id, linus, custom_role(organization_id, auth.API_KEY_WRITE.name, READ))
    team = team_of(organization_id, "Sales")
    give(organization_id, "admin", to=linus, scope=team)
    assert linus.principal(organization_id).may(users.TEAM_WRITE, within=team.path)
    theirs = signed_in(linus, organization_id)
    refused = theirs.post("auth/api-keys", {"name": "Mine", "permissions": [users.TEAM_WRITE.name]})
    problem(refused, 422, "auth.permission_not_grantable")
    made = theirs.post("auth/api-keys", {"name": "Mine", "permissions": [READ]})
    key = Api().as_(token=made.json()["secret"])
    teams = f"users/organizations/{organization_id}/teams"
    assert key.get(f"users/organizations/{organization_id}/members").status_code == 200
    problem(key.patch(f"{teams}/{team.id}", {"name": "Mine"}), 403, "kernel.forbidden")


@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.parametrize("how", ["leave", "demote themselves", "demote each other"])
def test_of_two_owners_who_go_at_once_one_stays(how):
    ada = person()
    organization_id = organization_of(ada)
    grace = member_of(organization_id, "grace", "owner")

    def go(someone, other):
        principal = someone.principal(organization_id)
        about = {"principal": principal, "organization_id": organization_id}
        target = other if how == "demote each other" else someone
        if how == "leave":
            return lambda: member_changes.remove_member(account_id=target.account_id, **about)
        return lambda: member_changes.change_role(
            account_id=target.account_id, role="admin", expected=ANY, **about
        )

    outcomes = at_once(go(ada, grace), go(grace, ada))
    refused = [o for o in outcomes if isinstance(o, Exception)]
    assert len(refused) == 1
    # Whoever was demoted first is no owner any more when they demote the other.
    kind = MemberAboveOwn if how == "demote each other" else users.LastOwner
    assert isinstance(refused[0], kind)
    assert (
        models.Membership.objects.filter(role="owner")
        .filter(organization_id=organization_id)
        .count()
        == 1
    )
