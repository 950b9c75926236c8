"""The caller's own view of themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections

from domains.auth import interface as auth
from domains.users import models
from domains.users.services import me
from kernel.clock import now
from kernel.errors import PreconditionFailed, Unauthenticated
from kernel.ids import uuid7
from kernel.permissions import Role, permissions_of
from kernel.preconditions import ANY, Precondition
from tests.users.people import Person, organization_of, person
from tests.users.test_api import signed_in
from tests.users.together import at_once

pytestmark = pytest.mark.django_db(databases="__all__")


def update(principal, expected=ANY, **changes):
    return me.update_me(principal=principal, wanted=changes, expected=expected, now=now())


def test_the_caller_sees_profile_address_and_organizations():
    ada = person()
    organization_id = organization_of(ada)
    principal = ada.principal()
    found = me.get_me(principal=principal, now=now())
    assert found.account.email == "ada@example.com"
    assert (found.profile.locale, found.profile.time_zone) == ("en", "UTC")
    seen = {p.membership.organization_id: p.membership.role for p in found.belonging.places}
    assert seen == {organization_id: "owner", principal.organization_id: "owner"}


def test_one_query_shows_the_caller(django_assert_num_queries):
    ada = person()
    for name in ("One", "Two", "Three"):
        organization_of(ada, name)
    principal = ada.principal()
    with (
        django_assert_num_queries(1, using="users"),
        django_assert_num_queries(1, using="auth"),
    ):
        me.get_me(principal=principal, now=now())


def test_a_change_touches_what_it_names_alone():
    principal = person().principal()
    update(principal, display_name="Ada", locale="de-AT")
    changed = update(principal, time_zone="Europe/Vienna")
    profile = models.Profile.objects.get(account_id=principal.account_id)
    assert (profile.display_name, profile.locale) == ("Ada", "de-AT")
    assert profile.time_zone == changed.profile.time_zone == "Europe/Vienna"


def test_every_change_of_what_is_shown_changes_the_tag(monkeypatch):
    ada = person()
    tags = [me.get_me(principal=ada.principal(), now=now()).tag]
    update(ada.principal(), display_name="Ada")
    tags.append(me.get_me(principal=ada.principal(), now=now()).tag)
    organization_of(ada)
    tags.append(me.get_me(principal=ada.principal(), now=now()).tag)
    [account] = auth.get_accounts(account_ids=[ada.account_id])
    moved = replace(account, email="countess@example.com")
    monkeypatch.setattr(auth, "get_accounts", lambda *, account_ids: [moved])
    tags.append(me.get_me(principal=ada.principal(), now=now()).tag)
    assert len(set(tags)) == 4


def test_a_change_to_the_same_leaves_the_tag():
    principal = person().principal()
    before = update(principal, display_name="Ada").tag
    assert update(principal, display_name="Ada").tag == before
    assert update(principal).tag == before


def test_nobody_overwrites_what_they_did_not_read():
    principal = person().principal()
    seen = Precondition(frozenset({me.get_me(principal=principal, now=now()).tag}))
    update(principal, seen, display_name="First")
    with pytest.raises(PreconditionFailed):
        update(principal, seen, display_name="Second")
    assert models.Profile.objects.get(account_id=principal.account_id).display_name == "First"


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_of_several_changes_to_one_version_at_once_one_is_made():
    principal = person().principal()
    seen = Precondition(frozenset({me.get_me(principal=principal, now=now()).tag}))

    def changing(name):
        return lambda: update(principal, seen, display_name=name)

    outcomes = at_once(*[changing(name) for name in ("A", "B", "C", "D")])
    assert sum(isinstance(outcome, PreconditionFailed) for outcome in outcomes) == 3


def test_an_api_key_sees_its_organization_alone_and_changes_nobody():
    ada = person()
    organization_id = organization_of(ada)
    ada.principal()
    key = ada.key(organization_id)
    assert [
        p.membership.organization_id for p in me.get_me(principal=key, now=now()).belonging.places
    ] == [organization_id]
    with pytest.raises(auth.SessionRequired):
        update(key, display_name="Eve")


def test_who_was_never_seen_before_has_the_defaults():
    ada = person()
    key = ada.key(uuid7())
    found = me.get_me(principal=key, now=now())
    assert (found.profile.display_name, found.belonging.places) == ("", [])


def test_an_account_that_is_gone_is_nobody():
    gone = Person(account_id=uuid7(), email="")
    with pytest.raises(Unauthenticated):
        me.get_me(principal=gone.principal(), now=now())


class TestBelonging:
    """Everything the account belongs to, in one call."""

    @pytest.fixture
    def ada(self):
        return person()

    @pytest.fixture
    def api(self, ada):
        return signed_in(ada)

    @pytest.fixture
    def organization_id(self):
        return organization_of(person("grace"))

    def shown(self, api, organization_id):
        """Return the organization as `users/me` shows it."""
        found = api.get("users/me").json()["organizations"]
        return next(each for each in found if each["id"] == str(organization_id))

    def join(self, ada, organization_id, **role):
        return models.Membership.objects.create(
            organization_id=organization_id,
            account_id=ada.account_id,
            **(role or {"role": "viewer"}),
        )

    def test_a_built_in_role_is_shown_with_what_it_permits(self, ada, api, organization_id):
        ada.principal()
        self.join(ada, organization_id)
        shown = self.shown(api, organization_id)
        assert (shown["role"], shown["role_name"], shown["barred"]) == ("viewer", "viewer", None)
        assert shown["permissions"] == sorted(permissions_of(Role.VIEWER))
        assert shown["teams"] == []

    def test_a_custom_role_is_shown_by_its_id_and_name(self, ada, api, organization_id):
        ada.principal()
        role = models.CustomRole.objects.create(
            organization_id=organization_id, name="Clerk", permissions=["users.member:read"]
        )
        self.join(ada, organization_id, custom_role=role)
        shown = self.shown(api, organization_id)
        assert (shown["role"], shown["role_name"]) == (str(role.id), "Clerk")
        assert shown["permissions"] == ["users.member:read"]

    def test_teams_are_shown_where_they_stand(self, ada, api, organization_id):
        ada.principal()
        membership = self.join(ada, organization_id)
        outer, inner = uuid7(), uuid7()
        common = {"organization_id": organization_id}
        models.Team.objects.create(id=outer, path=[outer], name="Outer", **common)
        team = models.Team.objects.create(
            id=inner, parent_id=outer, path=[outer, inner], name="Inner", **common
        )
        models.TeamMembership.objects.create(team=team, membership=membership, **common)
        assert self.shown(api, organization_id)["teams"] == [
            {"id": str(inner), "name": "Inner", "path": [str(outer), str(inner)]}
        ]

    def test_what_bars_is_shown_instead_of_what_is_permitted(self, ada, api, organization_id):
        ada.principal()
        self.join(ada, organization_id)
        models.Organization.objects.filter(id=organization_id).update(mfa_required=True)
        shown = self.shown(api, organization_id)
        assert shown["barred"] == "users.mfa_required"
        assert (shown["permissions"], shown["teams"]) == ([], [])

    def invite(self, organization_id, email, **values):
        given = {"role": "member", "expires_at": now() + timedelta(days=7), "token_hash": "f" * 64}
        return models.Invitation.objects.create(
            organization_id=organization_id, email=email, invited_by=uuid7(), **{**given, **values}
        )

    def test_open_invitations_are_shown_without_their_secret(self, api, organization_id):
        invitation = self.invite(organization_id, "ADA@example.com")
        answer = api.get("users/me")
        [shown] = answer.json()["invitations"]
        assert shown["id"] == str(invitation.id)
        assert (shown["organization_name"], shown["role"]) == ("Engines", "member")
        assert "f" * 64 not in answer.content.decode()
        assert "email" not in shown

    @pytest.mark.parametrize(
        ("email", "values"),
        [
            ("eve@example.com", {}),
            ("ada@example.com", {"expires_at": now()}),
            ("ada@example.com", {"accepted_at": now()}),
        ],
    )
    def test_those_to_others_and_those_that_ended_are_not(
        self, api, organization_id, email, values
    ):
        self.invite(organization_id, email, **values)
        assert api.get("users/me").json()["invitations"] == []

    def test_nothing_waits_for_an_address_that_was_not_verified(
        self, ada, organization_id, monkeypatch
    ):
        self.invite(organization_id, ada.email)
        principal = ada.principal()
        assert me.get_me(principal=principal, now=now()).belonging.invitations
        [account] = auth.get_accounts(account_ids=[ada.account_id])
        unproven = replace(account, email_verified=False)
        monkeypatch.setattr(auth, "get_accounts", lambda *, account_ids: [unproven])
        assert not me.get_me(principal=principal, now=now()).belonging.invitations

    def test_a_closed_organization_invites_nobody(self, api, organization_id):
        self.invite(organization_id, "ada@example.com")
        closed = {"closed_at": now(), "erase_at": now() + timedelta(days=30)}
        models.Organization.objects.filter(id=organization_id).update(**closed)
        assert api.get("users/me").json()["invitations"] == []

    def offer(self, ada, organization_id, **values):
        owner = models.Membership.objects.get(organization_id=organization_id, role="owner")
        given = {"from_account_id": owner.account_id, "expires_at": now() + timedelta(days=7)}
        return models.OwnershipTransfer.objects.create(
            organization_id=organization_id,
            to_account_id=ada.account_id,
            created_at=now(),
            **{**given, **values},
        )

    def test_an_ownership_that_was_offered_is_shown(self, ada, api, organization_id):
        offered = self.offer(ada, organization_id)
        [shown] = api.get("users/me").json()["ownership_transfers"]
        assert (shown["id"], shown["organization_name"]) == (str(offered.id), "Engines")

    @pytest.mark.parametrize("values", [{"expires_at": now()}, {"from_account_id": uuid7()}])
    def test_one_that_can_not_be_accepted_any_more_is_not(self, ada, api, organization_id, values):
        self.offer(ada, organization_id, **values)
        assert api.get("users/me").json()["ownership_transfers"] == []

    def test_a_key_sees_neither(self, ada, organization_id):
        ada.principal()
        self.join(ada, organization_id)
        self.invite(organization_of(person("bob"), "Bobs"), ada.email)
        self.offer(ada, organization_id)
        found = me.get_me(principal=ada.key(organization_id), now=now()).belonging
        assert (found.invitations, found.offers) == ([], [])

    def test_each_kind_that_there_is_costs_a_query(
        self, ada, organization_id, django_assert_num_queries
    ):
        principal = ada.principal()
        for make, queries in (
            (lambda: None, 1),
            (lambda: self.invite(organization_id, ada.email), 2),
            (lambda: self.offer(ada, organization_id), 3),
        ):
            make()
            with django_assert_num_queries(queries, using="users"):
                me.get_me(principal=principal, now=now())

    def test_whatever_comes_or_goes_changes_the_tag(self, ada, api, organization_id):
        ada.principal()
        tags = [api.get("users/me")["ETag"]]
        for make in (
            lambda: self.join(ada, organization_id),
            lambda: self.invite(organization_id, ada.email),
            lambda: self.offer(ada, organization_id),
            lambda: models.Membership.objects.filter(
                organization_id=organization_id, account_id=ada.account_id
            ).update(role="admin"),
            lambda: models.Organization.objects.filter(id=organization_id).update(
                mfa_required=True
            ),
            lambda: api.patch("users/me", {"preferences": {"theme": "dark"}}),
        ):
            make()
            tags.append(api.get("users/me")["ETag"])
        assert len(set(tags)) == 7


class TestPictures:
    def test_a_deleted_file_is_no_avatar_and_no_logo_any_more(self, deliver_events):
        ada = person()
        organization_id, other = organization_of(ada), organization_of(ada, "Other")
        deliver_events()
        api = signed_in(ada)
        body = {"name": "a.png", "size": 1, "content_type": "image/png", "sha256": "0" * 64}
        file_id = api.post("files", body).json()["id"]
        kept = str(uuid7())
        assert api.patch("users/me", {"avatar_file_id": file_id}).status_code == 200
        api.patch(f"users/organizations/{organization_id}", {"logo_file_id": file_id})
        api.patch(f"users/organizations/{other}", {"logo_file_id": kept})
        seen = api.get("users/me")
        assert seen.json()["avatar_file_id"] == file_id
        assert api.delete(f"files/{file_id}").status_code == 204
        deliver_events()
        after = api.get("users/me")
        assert after.json()["avatar_file_id"] is None
        assert after["ETag"] != seen["ETag"]
        logos = {each["id"]: each["logo_file_id"] for each in after.json()["organizations"]}
        assert (logos[str(organization_id)], logos[str(other)]) == (None, kept)

    def test_the_indexes_find_them_among_many(self):
        with connections["users"].cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            for table, column in (("profile", "avatar_file_id"), ("organization", "logo_file_id")):
                cursor.execute(f"EXPLAIN SELECT 1 FROM {table} WHERE {column} = %s", [uuid7()])
                assert "Index" in str(cursor.fetchall())
