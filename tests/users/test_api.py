"""The endpoints as a client meets them, through the whole gateway."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from domains.users import interface as users
from domains.users import models
from domains.users.services import invitations
from gateway import credentials
from kernel.clock import now
from kernel.ids import uuid7
from kernel.permissions import Role
from tests.client import Api
from tests.users.people import PASSWORD, Person, member_of, organization_of, person

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def _new_verifier():
    """The keys are made anew in every test, so nothing of the last one's may be remembered."""
    credentials.verifier.cache_clear()


def signed_in(someone: Person) -> Api:
    answer = Api().post("auth/login", {"email": someone.email, "password": PASSWORD})
    return Api().as_(token=answer.json()["access_token"])


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def me(ada):
    return signed_in(ada)


@pytest.fixture
def organization_id(ada):
    return organization_of(ada)


def problem(answer, status, code):
    """Check that the answer is this problem; return the document."""
    document = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, document["code"]) == (status, code)
    return document


def pointers(answer):
    return {
        error["pointer"] for error in problem(answer, 422, "kernel.validation_failed")["errors"]
    }


def test_who_is_signed_in_is_shown_with_every_organization(ada, organization_id, me):
    answer = me.get("users/me")
    assert answer.status_code == 200
    shown = answer.json()
    assert shown["account_id"] == str(ada.account_id)
    assert (shown["email"], shown["email_verified"]) == (ada.email, True)
    assert (shown["display_name"], shown["locale"], shown["time_zone"]) == ("", "en", "UTC")
    assert {o["name"]: o["role"] for o in shown["organizations"]} == {
        "Engines": "owner",
        "Personal": "owner",
    }
    assert shown["created_at"].endswith("Z")


def test_who_is_signed_in_costs_two_queries_of_users_and_one_of_auth(me, organization_id):
    me.get("users/me")
    with (
        CaptureQueriesContext(connections["users"]) as of_users,
        CaptureQueriesContext(connections["auth"]) as of_auth,
        CaptureQueriesContext(connections["billing"]) as of_billing,
    ):
        assert me.get("users/me").status_code == 200
    assert (len(of_users), len(of_auth), len(of_billing)) == (2, 1, 0)


def test_nobody_is_shown_to_a_stranger(api):
    assert api.get("users/me").status_code == 401
    assert api.get("users/organizations").status_code == 401


def test_a_profile_is_changed_field_by_field(me):
    changed = me.patch("users/me", {"display_name": "Ada", "locale": "de-AT"})
    assert changed.status_code == 200
    assert (changed.json()["display_name"], changed.json()["time_zone"]) == ("Ada", "UTC")
    assert me.get("users/me").json() == changed.json()


def test_a_profile_is_read_and_changed_by_its_entity_tag(me):
    seen = me.get("users/me")["ETag"]
    assert me.get("users/me", If_None_Match=seen).status_code == 304
    changed = me.patch("users/me", {"display_name": "Ada"}, If_Match=seen)
    assert changed.status_code == 200
    assert changed["ETag"] != seen
    again = me.patch("users/me", {"display_name": "Eve"}, If_Match=seen)
    problem(again, 412, "kernel.precondition_failed")
    assert me.get("users/me", If_None_Match=changed["ETag"]).status_code == 304


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"locale": "en_US", "time_zone": "Mars/Olympus"}, {"/locale", "/time_zone"}),
        ({"display_name": "x" * 101}, {"/display_name"}),
        ({"display_name": "a\nb"}, {"/display_name"}),
        ({"display_name": "a\u0000b"}, {"/display_name"}),
        ({"display_name": 7, "locale": None}, {"/display_name", "/locale"}),
        ({"display_name": ["a"]}, {"/display_name"}),
        ({"locale": "x" * 100_000}, {"/locale"}),
        ({"email": "eve@example.com"}, {"/email"}),
        ({"account_id": "019aa3c5-7c00-7a51-9d0e-5c8f4b1d2e01"}, {"/account_id"}),
        (["display_name"], {""}),
    ],
)
def test_a_wrong_profile_is_refused_with_every_wrong_field(me, body, wrong):
    before = me.get("users/me").json()
    assert pointers(me.patch("users/me", body)) == wrong
    assert me.get("users/me").json() == before


def test_an_organization_is_founded_shown_and_renamed(me):
    founded = me.post("users/organizations", {"name": "  Engines  "})
    assert founded.status_code == 201
    shown = founded.json()
    assert (shown["name"], shown["personal"], shown["role"]) == ("Engines", False, "owner")
    path = f"users/organizations/{shown['id']}"
    assert me.get(path).json() == shown
    assert me.get(path)["ETag"] == founded["ETag"]
    renamed = me.patch(path, {"name": "Difference"}, If_Match=founded["ETag"])
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Difference")
    problem(
        me.patch(path, {"name": "Late"}, If_Match=founded["ETag"]),
        412,
        "kernel.precondition_failed",
    )


def test_founding_repeated_under_one_key_founds_once(me):
    first = me.post("users/organizations", {"name": "Engines"}, Idempotency_Key="one")
    again = me.post("users/organizations", {"name": "Engines"}, Idempotency_Key="one")
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert models.Organization.objects.filter(name="Engines").count() == 1


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "   "}, {"name": None}, {"name": 1}, {"name": "x" * 101}]
)
def test_an_organization_needs_a_name(me, body):
    assert pointers(me.post("users/organizations", body)) == {"/name"}


def test_nobody_founds_a_personal_organization_by_hand(me):
    answer = me.post("users/organizations", {"name": "Mine", "personal": True})
    assert pointers(answer) == {"/personal"}


def test_organizations_come_page_by_page(ada, me):
    for number in range(4):
        organization_of(ada, f"Number {number}")
    names, cursor = [], ""
    while cursor is not None:
        page = me.get(f"users/organizations?limit=2{cursor and f'&cursor={cursor}'}").json()
        names += [organization["name"] for organization in page["data"]]
        cursor = page["next_cursor"]
    assert sorted(names) == ["Number 0", "Number 1", "Number 2", "Number 3", "Personal"]


def test_an_altered_cursor_is_refused(me):
    assert me.get("users/organizations?cursor=bm9uc2Vuc2U").status_code == 400


def test_members_are_listed_with_names_and_addresses(ada, organization_id, me):
    me.patch("users/me", {"display_name": "Ada"})
    member_of(organization_id, "grace", "viewer")
    page = me.get(f"users/organizations/{organization_id}/members").json()
    shown = [(m["display_name"], m["email"], m["role"]) for m in page["data"]]
    assert shown == [
        ("Ada", "ada@example.com", "owner"),
        ("", "grace@example.com", "viewer"),
    ]
    assert page["next_cursor"] is None


def test_somebody_is_invited_and_joins(ada, organization_id, me):
    charles = person("charles")
    path = f"users/organizations/{organization_id}/invitations"
    invited = me.post(path, {"email": charles.email, "role": "member"})
    assert invited.status_code == 201
    assert "token" not in invited.content.decode()
    assert [i["id"] for i in me.get(path).json()["data"]] == [invited.json()["id"]]
    token = users.issue_invitation_token(invitation_id=invited.json()["id"])
    accepted = signed_in(charles).post("users/invitations/accept", {"token": token})
    assert accepted.status_code == 200
    assert accepted.json()["organization_id"] == str(organization_id)
    assert accepted.json()["role"] == "member"
    assert me.get(path).json()["data"] == []
    problem(me.post(path, {"email": charles.email, "role": "viewer"}), 409, "users.already_member")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"/email", "/role"}),
        ({"email": "no address", "role": "member"}, {"/email"}),
        ({"email": "a@b.c\nBcc: d@e.f", "role": "member"}, {"/email"}),
        ({"email": "a@example.com", "role": "emperor"}, {"/role"}),
        ({"email": "a@example.com", "role": ["owner"]}, {"/role"}),
        ({"email": f"{'a' * 300}@example.com", "role": "member"}, {"/email"}),
        (
            {"email": "a@example.com", "role": "member", "organization_id": "x"},
            {"/organization_id"},
        ),
    ],
)
def test_a_wrong_invitation_is_refused(organization_id, me, body, wrong):
    answer = me.post(f"users/organizations/{organization_id}/invitations", body)
    assert pointers(answer) == wrong
    assert not models.Invitation.objects.exists()


def test_an_invitation_is_revoked_once(organization_id, me):
    path = f"users/organizations/{organization_id}/invitations"
    made = me.post(path, {"email": "charles@example.com", "role": "member"}).json()
    assert me.delete(f"{path}/{made['id']}").status_code == 204
    problem(me.delete(f"{path}/{made['id']}"), 404, "users.invitation_not_found")


def test_each_refusal_to_accept_says_why(ada, organization_id, me):
    charles, eve = signed_in(person("charles")), signed_in(person("eve"))
    expired = invitations.invite(
        principal=ada.principal(),
        organization_id=organization_id,
        email="charles@example.com",
        role=Role.MEMBER,
        now=now() - timedelta(days=6, hours=23),
    )
    token = users.issue_invitation_token(invitation_id=expired.id)
    models.Invitation.objects.update(expires_at=now())
    accept = "users/invitations/accept"
    problem(charles.post(accept, {"token": token}), 409, "users.invitation_expired")
    problem(eve.post(accept, {"token": token}), 403, "users.invited_another_address")
    problem(charles.post(accept, {"token": "x"}), 404, "users.invitation_not_found")
    assert pointers(charles.post(accept, {"token": 7})) == {"/token"}
    assert models.Membership.objects.filter(organization_id=organization_id).count() == 1


def test_a_viewer_reads_and_writes_nothing(organization_id):
    grace = signed_in(member_of(organization_id, "grace", "viewer"))
    path = f"users/organizations/{organization_id}"
    assert grace.get(path).json()["role"] == "viewer"
    assert grace.get(f"{path}/members").status_code == 200
    invitation = {"email": "x@example.com", "role": "viewer"}
    for answer in (
        grace.patch(path, {"name": "Mine"}),
        grace.get(f"{path}/invitations"),
        grace.post(f"{path}/invitations", invitation),
        grace.delete(f"{path}/invitations/{uuid7()}"),
    ):
        problem(answer, 403, "kernel.forbidden")


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine"}),
        ("GET", "/members", None),
        ("GET", "/invitations", None),
        ("POST", "/invitations", {"email": "x@example.com", "role": "viewer"}),
        ("DELETE", "/invitations/019aa3c7-5b80-7c13-b1f4-7e2d6c8a9b23", None),
    ],
)
def test_foreign_and_unknown_organizations_answer_alike(organization_id, method, rest, body):
    eve = signed_in(person("eve"))
    documents = []
    for target in (organization_id, uuid7()):
        answer = eve.request(method, f"users/organizations/{target}{rest}", body)
        document = problem(answer, 404, "users.organization_not_found")
        del document["request_id"], document["instance"]
        documents.append(document)
    assert documents[0] == documents[1]
    assert models.Organization.objects.get(id=organization_id).name == "Engines"
