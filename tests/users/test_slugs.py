"""Slugs: derived, unique, and never what addresses need for themselves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.users import models
from domains.users.contract.errors import SlugTaken
from domains.users.services import founding, organizations, slugs
from kernel.ids import uuid7
from kernel.models import Outbox
from kernel.preconditions import ANY
from tests.users.people import organization_of, person
from tests.users.test_api import pointers, problem, signed_in
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def ada():
    return person()


@pytest.fixture
def me(ada):
    return signed_in(ada)


def found(me, name="Engines"):
    return me.post("users/organizations", {"name": name}).json()


def slug_of(organization_id):
    return models.Organization.objects.get(id=organization_id).slug


@given(st.text(max_size=100))
def test_every_name_makes_a_slug_with_room_for_a_suffix(name):
    slug = slugs.derived_from(name)
    models.validate_slug(slug)
    assert len(slug) + 7 <= models.SLUG_LENGTH


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Analytical Engines", "analytical-engines"),
        ("  Müller & Söhne GmbH  ", "muller-sohne-gmbh"),
        ("株式会社", "organization"),
        ("--", "organization"),
        ("a" * 100, "a" * 41),
    ],
)
def test_the_slug_is_made_of_the_name(name, slug):
    assert slugs.derived_from(name) == slug


def test_a_founded_organization_has_the_slug_of_its_name(me):
    assert found(me, "Analytical Engines")["slug"] == "analytical-engines"


def test_a_personal_one_has_none(ada):
    assert slug_of(ada.principal().organization_id) is None


@pytest.mark.parametrize("name", ["Engines", "Admin", "019aa3c6-1f40-7b02-8e5a-0d3c9a7b4f12"])
def test_where_the_name_can_not_be_had_a_short_suffix_follows(me, ada, name):
    organization_of(ada, "Engines")
    slug = found(me, name)["slug"]
    assert re.fullmatch(f"{slugs.derived_from(name)}-[a-z2-9]{{6}}", slug)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_several_founded_at_once_have_slugs_of_their_own():
    founders = [person(f"p{number}").principal() for number in range(4)]

    def founding_by(principal):
        return lambda: founding.found_organization(principal=principal, name="Race")

    outcomes = at_once(*[founding_by(principal) for principal in founders])
    made = [slug_of(membership.organization_id) for membership in outcomes]
    assert len(set(made)) == 4
    assert made.count("race") == 1


def test_the_slug_name_and_logo_are_changed_and_the_event_says_how(me):
    organization = found(me)
    path, logo = f"users/organizations/{organization['id']}", str(uuid7())
    wanted = {"name": "Difference", "slug": "difference-engines", "logo_file_id": logo}
    changed = me.patch(path, wanted)
    assert changed.status_code == 200
    assert changed.json().items() >= wanted.items()
    said = Outbox.objects.using("users").get(name="users.organization_updated.v1")
    assert said.payload["changes"] == [
        {"field": "name", "before": "Engines", "after": "Difference"},
        {"field": "slug", "before": "engines", "after": "difference-engines"},
        {"field": "logo_file_id", "before": None, "after": logo},
    ]
    assert me.patch(path, {"logo_file_id": None}).json()["logo_file_id"] is None


def test_what_is_the_same_already_is_no_change(me):
    organization = found(me)
    path = f"users/organizations/{organization['id']}"
    same = me.patch(path, {"name": "Engines", "slug": "engines", "logo_file_id": None})
    assert same.json() == organization
    assert not Outbox.objects.using("users").filter(name="users.organization_updated.v1").exists()


def test_a_slug_that_another_has_is_refused_and_nothing_changes(me, ada):
    organization_of(ada, "First")
    second = found(me, "Second")
    path = f"users/organizations/{second['id']}"
    problem(me.patch(path, {"slug": "first", "name": "Other"}), 409, "users.slug_taken")
    assert me.get(path).json() == second


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_of_two_who_want_one_slug_at_once_one_gets_it():
    ada = person()
    ids = [organization_of(ada, name) for name in ("One", "Two", "Three")]
    principal = ada.principal()

    def changing(organization_id):
        return lambda: organizations.update_organization(
            principal=principal,
            organization_id=organization_id,
            wanted={"slug": "the-one"},
            expected=ANY,
        )

    outcomes = at_once(*[changing(organization_id) for organization_id in ids])
    assert sum(isinstance(outcome, SlugTaken) for outcome in outcomes) == 2
    assert sorted(map(slug_of, ids)).count("the-one") == 1


@pytest.mark.parametrize(
    "slug", ["admin", "me", "x", "Engines", "a--b", "-a", "a_b", "é", "", "a" * 49, None, 7, "a b"]
)
def test_what_can_not_be_a_slug_is_refused(me, slug):
    path = f"users/organizations/{found(me)['id']}"
    assert pointers(me.patch(path, {"slug": slug})) == {"/slug"}


def test_a_slug_can_not_pass_for_an_id(me):
    organization_id = found(me)["id"]
    assert pointers(me.patch(f"users/organizations/{organization_id}", {"slug": str(uuid7())}))


def test_a_personal_one_takes_no_slug(me, ada):
    path = f"users/organizations/{ada.principal().organization_id}"
    problem(me.patch(path, {"slug": "ada"}), 409, "users.personal_organization")
    assert me.patch(path, {"name": "Mine"}).status_code == 200


def test_the_list_finds_one_of_the_callers_own_by_its_slug(me, ada):
    organization_of(person("eve"), "Eves")
    mine = found(me)
    shown = me.get("users/organizations?slug=engines").json()
    assert shown == {"data": [mine], "next_cursor": None}
    for slug in ("eves", "nobodys"):
        assert me.get(f"users/organizations?slug={slug}").json()["data"] == []
