"""Roles of an organization's own: made of what their makers hold, and changed by nobody below."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.conf import settings

from domains.users import interface as users
from domains.users import models
from domains.users.services import assignments, custom_roles
from kernel.clock import now
from kernel.ids import uuid7
from kernel.permissions import registry
from tests.users.clients import problem, signed_in, told
from tests.users.people import member_of, organization_of, person
from tests.users.teams import custom_role, give, have_role
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")

INVITE, READ, POLICY = (
    users.MEMBER_INVITE.name,
    users.MEMBER_READ.name,
    users.ORGANIZATION_POLICY.name,
)


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
    return f"users/organizations/{organization_id}/roles"


@pytest.fixture
def admin(organization_id):
    return signed_in(member_of(organization_id, "grace", "admin"))


def test_the_catalogue_names_every_permission_and_who_holds_it(me):
    shown = me.get("users/permissions").json()
    assert {each["name"] for each in shown["data"]} == set(registry)
    [invite] = [each for each in shown["data"] if each["name"] == INVITE]
    assert invite == {
        "name": INVITE,
        "description": users.MEMBER_INVITE.description,
        "roles": ["owner", "admin"],
    }


def test_every_permission_stands_in_the_interface_of_its_domain_and_says_what_it_is_for():
    ours = [p for p in registry.values() if p.name.partition(".")[0] in settings.ALL_DOMAINS]
    assert ours
    for permission in ours:
        domain = permission.name.partition(".")[0]
        offered = vars(import_module(f"domains.{domain}.interface"))
        assert permission in [offered[name] for name in offered["__all__"]], permission.name
        assert permission.description


def test_a_role_is_made_shown_changed_and_deleted(me, path, organization_id):
    made = me.post(path, {"name": "Host", "permissions": [READ, INVITE, READ]})
    role = made.json()
    assert made.status_code == 201
    assert (role["permissions"], role["description"]) == ([INVITE, READ], "")
    shown = me.get(f"{path}/{role['id']}")
    assert shown.json() == role
    assert [each["id"] for each in me.get(path).json()["data"]] == [role["id"]]
    changes = {"name": "Greeter", "permissions": [READ]}
    changed = me.patch(f"{path}/{role['id']}", changes, If_Match=shown["ETag"])
    assert changed.json() == role | changes | {"updated_at": changed.json()["updated_at"]}
    problem(
        me.patch(f"{path}/{role['id']}", {"name": "Host"}, If_Match=shown["ETag"]),
        412,
        "kernel.precondition_failed",
    )
    assert me.delete(f"{path}/{role['id']}").status_code == 204
    problem(me.get(f"{path}/{role['id']}"), 404, "users.role_not_found")
    about = {"organization_id": str(organization_id), "role_id": role["id"]}
    assert told("role_created") == [about | {"name": "Host", "permissions": [INVITE, READ]}]
    assert told("role_updated") == [
        about
        | {
            "changes": [
                {"field": "name", "before": "Host", "after": "Greeter"},
                {"field": "permissions", "before": f"{INVITE}, {READ}", "after": READ},
            ]
        }
    ]
    assert told("role_deleted") == [about | {"name": "Greeter"}]


def test_a_change_that_changes_nothing_is_not_told(me, path):
    role = me.post(path, {"name": "Host", "permissions": [READ, INVITE]}).json()
    me.patch(f"{path}/{role['id']}", {"permissions": [READ, INVITE], "name": "Host"})
    assert told("role_updated") == []


def test_an_unknown_permission_is_pointed_at(me, path, organization_id):
    answer = me.post(path, {"name": "Host", "permissions": [READ, "users.moon:land"]})
    problem(answer, 422, "users.permission_unknown", "/permissions/1")
    role = custom_role(organization_id, READ)
    answer = me.patch(f"{path}/{role.id}", {"permissions": ["users.moon:land"]})
    problem(answer, 422, "users.permission_unknown", "/permissions/0")


def test_nobody_puts_into_a_role_what_they_lack(admin, path, organization_id):
    answer = admin.post(path, {"name": "Host", "permissions": [READ, POLICY]})
    assert problem(answer, 403, "users.role_above_own")["permission"] == POLICY
    role = custom_role(organization_id, READ)
    answer = admin.patch(f"{path}/{role.id}", {"permissions": [POLICY, READ]})
    assert problem(answer, 403, "users.role_above_own")["permission"] == POLICY
    role.refresh_from_db()
    assert role.permissions == [READ]


def test_nobody_changes_or_deletes_a_role_that_may_more_than_they(admin, path, organization_id):
    role = custom_role(organization_id, READ, POLICY)
    for answer in (
        admin.patch(f"{path}/{role.id}", {"permissions": [READ]}),
        admin.patch(f"{path}/{role.id}", {"name": "Mine"}),
        admin.delete(f"{path}/{role.id}"),
    ):
        problem(answer, 403, "users.role_above_own")
    role.refresh_from_db()
    assert (role.name, role.permissions) == ("Own", [READ, POLICY])


def test_what_the_policy_takes_from_admins_they_put_into_no_role(admin, path, organization_id):
    models.Organization.objects.filter(id=organization_id).update(who_may_invite="owners")
    answer = admin.post(path, {"name": "Host", "permissions": [INVITE]})
    problem(answer, 403, "users.role_above_own")


@pytest.mark.parametrize("name", ["HOST", "owner", "Admin"])
def test_a_name_is_given_once(me, path, name):
    me.post(path, {"name": "Host", "permissions": []})
    answer = me.post(path, {"name": name, "permissions": []})
    problem(answer, 409, "users.role_name_taken")
    other = me.post(path, {"name": "Other", "permissions": []}).json()
    answer = me.patch(f"{path}/{other['id']}", {"name": name})
    problem(answer, 409, "users.role_name_taken")


def test_an_organization_has_fifty_roles_at_most(me, path, organization_id):
    rows = [
        models.CustomRole(organization_id=organization_id, name=f"No {number}", permissions=[])
        for number in range(49)
    ]
    models.CustomRole.objects.bulk_create(rows)
    assert me.post(path, {"name": "Fiftieth", "permissions": []}).status_code == 201
    answer = me.post(path, {"name": "One more", "permissions": []})
    problem(answer, 409, "users.role_limit_reached")


def test_a_role_that_somebody_has_is_not_deleted(me, path, organization_id):
    role = custom_role(organization_id, READ)
    someone = member_of(organization_id, "linus")
    uses = {"members": 0, "assignments": 0, "invitations": 0}
    given = give(organization_id, role, to=someone)
    refused = problem(me.delete(f"{path}/{role.id}"), 409, "users.role_in_use")
    assert refused.items() >= (uses | {"assignments": 1}).items()
    given.delete()
    have_role(organization_id, someone, role)
    refused = problem(me.delete(f"{path}/{role.id}"), 409, "users.role_in_use")
    assert refused.items() >= (uses | {"members": 1}).items()
    models.Membership.objects.filter(custom_role=role).update(role="viewer", custom_role=None)
    invited = me.post(
        f"users/organizations/{organization_id}/invitations",
        {"email": "x@example.com", "role": str(role.id)},
    )
    assert invited.json()["role"] == str(role.id)
    refused = problem(me.delete(f"{path}/{role.id}"), 409, "users.role_in_use")
    assert refused.items() >= (uses | {"invitations": 1}).items()
    models.Invitation.objects.update(accepted_at=now())
    assert me.delete(f"{path}/{role.id}").status_code == 204


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_members_and_viewers_see_roles_and_change_none(path, organization_id, role):
    theirs = signed_in(member_of(organization_id, "linus", role))
    own = custom_role(organization_id, READ)
    assert theirs.get(f"{path}/{own.id}").status_code == 200
    for answer in (
        theirs.post(path, {"name": "Host", "permissions": []}),
        theirs.patch(f"{path}/{own.id}", {"name": "Mine"}),
        theirs.delete(f"{path}/{own.id}"),
    ):
        problem(answer, 403, "kernel.forbidden")


def test_another_organizations_role_is_not_found_just_like_none(me, path):
    eves = custom_role(organization_of(person("eve"), "Eve's"), READ)
    for method, body in (("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)):
        documents = []
        for role_id in (eves.id, uuid7()):
            answer = me.request(method, f"{path}/{role_id}", body)
            document = problem(answer, 404, "users.role_not_found")
            documents.append((document["title"], document.get("detail")))
        assert documents[0] == documents[1]
    eves.refresh_from_db()
    assert eves.name == "Own"


def test_an_edited_role_counts_from_the_next_request_on(me, path, organization_id):
    role = custom_role(organization_id, users.ORGANIZATION_READ.name)
    linus = member_of(organization_id, "linus")
    have_role(organization_id, linus, role)
    theirs = signed_in(linus)
    members = f"users/organizations/{organization_id}/members"
    problem(theirs.get(members), 403, "kernel.forbidden")
    me.patch(f"{path}/{role.id}", {"permissions": [READ]})
    assert theirs.get(members).status_code == 200
    me.patch(f"{path}/{role.id}", {"permissions": []})
    problem(theirs.get(members), 403, "kernel.forbidden")


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_a_role_that_is_deleted_and_assigned_at_once_is_one_of_both():
    ada = person()
    organization_id = organization_of(ada)
    grace = member_of(organization_id, "grace")
    role = custom_role(organization_id, READ)

    def delete():
        custom_roles.delete_role(
            principal=ada.principal(), organization_id=organization_id, role_id=role.id
        )

    def assign():
        return assignments.assign_role(
            principal=ada.principal(),
            organization_id=organization_id,
            role=str(role.id),
            account_id=grace.account_id,
        )

    deleted, assigned = at_once(delete, assign)
    if deleted is None:
        assert isinstance(assigned, custom_roles.RoleNotFound)
        assert not models.RoleAssignment.objects.exists()
    else:
        assert isinstance(deleted, custom_roles.RoleInUse)
        assert assigned.custom_role_id == role.id


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_of_two_roles_of_one_name_made_at_once_one_is_made():
    ada = person()
    organization_id = organization_of(ada)

    def make():
        return custom_roles.create_role(
            principal=ada.principal(),
            organization_id=organization_id,
            name="Host",
            permissions=[READ],
        )

    outcomes = at_once(make, make, make)
    assert sum(isinstance(o, custom_roles.RoleNameTaken) for o in outcomes) == 2
    assert models.CustomRole.objects.count() == 1
