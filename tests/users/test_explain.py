"""Why somebody may do something, or not: told by what decides it."""

from __future__ import annotations

from uuid import UUID

import pytest

from domains.users import interface as users
from domains.users import models
from domains.users.services import explanation
from kernel.clock import now
from kernel.ids import uuid7
from kernel.permissions import registry
from tests.users.clients import problem, signed_in
from tests.users.people import member_of, organization_of, person
from tests.users.teams import custom_role, give, have_role, put_into, team_of

pytestmark = pytest.mark.django_db(databases="__all__")

INVITE, READ = users.MEMBER_INVITE.name, users.MEMBER_READ.name


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


@pytest.fixture
def me(ada, organization_id):
    return signed_in(ada, organization_id)


@pytest.fixture
def linus(organization_id):
    return member_of(organization_id, "linus", "viewer")


def ask(client, permission, **about):
    query = "&".join(f"{name}={value}" for name, value in about.items())
    return client.get(f"users/permissions/explain?permission={permission}&{query}")


def test_the_membership_is_a_reason(me, ada, organization_id):
    assert ask(me, INVITE).json() == {
        "allowed": True,
        "permission": INVITE,
        "account_id": str(ada.account_id),
        "organization_id": str(organization_id),
        "team_id": None,
        "reasons": [
            {
                "kind": "membership",
                "role": "owner",
                "role_name": "owner",
                "assignment_id": None,
                "via_team_id": None,
                "scope_id": None,
            }
        ],
        "closed": False,
    }


def test_every_assignment_that_allows_it_is_a_reason(me, organization_id, linus):
    outer = team_of(organization_id, "Outer")
    inner = team_of(organization_id, "Inner", within=outer)
    apart = team_of(organization_id, "Apart")
    put_into(inner, linus)
    host = custom_role(organization_id, INVITE, name="Host")
    direct = give(organization_id, host, to=linus)
    by_team = give(organization_id, "admin", to=outer, scope=outer)
    give(organization_id, "admin", to=linus, scope=apart)
    give(organization_id, "member", to=linus)
    told = ask(me, INVITE, account=linus.account_id, team=inner.id).json()
    assert told["allowed"]
    assert [(r["kind"], r["role"], r["role_name"]) for r in told["reasons"]] == [
        ("assignment", str(host.id), "Host"),
        ("assignment", "admin", "admin"),
    ]
    assert [(r["assignment_id"], r["via_team_id"], r["scope_id"]) for r in told["reasons"]] == [
        (str(direct.id), None, None),
        (str(by_team.id), str(outer.id), str(outer.id)),
    ]
    everywhere = ask(me, INVITE, account=linus.account_id).json()
    assert [r["assignment_id"] for r in everywhere["reasons"]] == [str(direct.id)]


def test_what_nothing_allows_is_denied_without_a_reason(me, linus):
    told = ask(me, INVITE, account=linus.account_id).json()
    assert (told["allowed"], told["reasons"]) == (False, [])


def test_in_a_closed_organization_nothing_else_is_allowed(ada, organization_id, linus):
    models.Organization.objects.filter(id=organization_id).update(closed_at=now(), erase_at=now())
    for permission, allowed in ((INVITE, False), (users.ORGANIZATION_CLOSE.name, True)):
        told = explanation.explain(
            principal=ada.principal(organization_id),
            permission=permission,
            account_id=None,
            team_id=None,
        )
        assert (told.allowed, told.closed) == (allowed, True)


def test_everybody_asks_about_themselves_and_few_about_others(ada, organization_id, linus):
    have_role(organization_id, linus, custom_role(organization_id, READ))
    theirs = signed_in(linus, organization_id)
    assert ask(theirs, READ).json()["allowed"]
    assert ask(theirs, READ, account=linus.account_id).json()["allowed"]
    for account_id in (ada.account_id, uuid7()):
        problem(ask(theirs, READ, account=account_id), 403, "kernel.forbidden")


def test_foreign_and_unknown_people_and_teams_are_not_found_alike(me, organization_id):
    eve = person("eve")
    foreign = team_of(organization_of(eve, "Eve's"), "Sales")
    for name, ids, code in (
        ("account", (eve.account_id, uuid7()), "users.member_not_found"),
        ("team", (foreign.id, uuid7()), "users.team_not_found"),
    ):
        documents = [problem(ask(me, READ, **{name: each}), 404, code) for each in ids]
        assert documents[0]["detail"] == documents[1]["detail"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 422, "users.permission_unknown"),
        ("permission=users.moon:land", 422, "users.permission_unknown"),
        (f"permission={READ}&account=ada", 400, "kernel.parameter_invalid"),
        (f"permission={READ}&team=x", 400, "kernel.parameter_invalid"),
        (f"permission={READ}&permission={READ}", 400, "kernel.parameter_invalid"),
        (f"permission={READ}&organization={UUID(int=7)}", 400, "kernel.parameter_invalid"),
    ],
)
def test_what_can_not_be_read_is_refused(me, query, status, code):
    problem(me.get(f"users/permissions/explain?{query}"), status, code)


def test_what_is_told_is_what_the_next_request_may(ada, organization_id, linus):
    outer = team_of(organization_id, "Outer")
    inner = team_of(organization_id, "Inner", within=outer)
    put_into(inner, linus)
    give(organization_id, "member", to=outer)
    give(organization_id, custom_role(organization_id, INVITE), to=linus, scope=outer)
    principal = linus.principal(organization_id)
    for team in (None, outer, inner):
        for name, permission in registry.items():
            told = explanation.explain(
                principal=principal,
                permission=name,
                account_id=None,
                team_id=team.id if team else None,
            )
            within = team.path if team else ()
            assert told.allowed == principal.may(permission, within=within), (name, team)
