"""What staff see, and what they may change."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from domains.auth import interface as auth
from domains.users import models
from domains.users.services import invitations
from kernel.clock import now
from kernel.models import Outbox
from kernel.permissions import Role
from tests.client import Api
from tests.users.people import PASSWORD, member_of, organization_of, person

pytestmark = pytest.mark.django_db(databases="__all__")

PAGES = ("profile", "organization", "membership", "invitation")


@pytest.fixture
def staff():
    account = auth.ensure_account(email="staff@example.com", password=PASSWORD, staff=True)
    client = Client()
    client.force_login(get_user_model().objects.get(pk=account.id))
    return client


@pytest.fixture
def organization_id():
    ada = person()
    organization_id = organization_of(ada)
    invitations.invite(
        principal=ada.principal(),
        organization_id=organization_id,
        email="charles@example.com",
        role=Role.MEMBER,
        now=now(),
    )
    return organization_id


def change(client, row, **values):
    """Post the row's change form."""
    url = f"/admin/domains_users/{row._meta.model_name}/{row.pk}/change/"
    inline = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    return client.post(url, {"reason": "Asked for by mail", **inline, **values})


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("query", ["", "?q=ada", "?q=019aa3c5-7c00-7a51-9d0e-5c8f4b1d2e01"])
def test_every_model_is_listed_and_searched(staff, organization_id, page, query):
    assert staff.get(f"/admin/domains_users/{page}/{query}").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_every_row_is_shown_and_none_is_added_or_deleted(staff, organization_id, page):
    model = getattr(models, page.capitalize())
    row = model.objects.first()
    shown = staff.get(f"/admin/domains_users/{page}/{row.pk}/change/")
    assert shown.status_code == 200
    assert staff.get(f"/admin/domains_users/{page}/add/").status_code == 403
    deleted = staff.post(f"/admin/domains_users/{page}/{row.pk}/delete/", {"post": "yes"})
    assert deleted.status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_staff_correct_a_name(staff, organization_id):
    row = models.Organization.objects.get(id=organization_id)
    assert change(staff, row, name="Corrected").status_code == 302
    row.refresh_from_db()
    assert row.name == "Corrected"


def test_staff_are_held_to_the_same_rules_of_writing(staff, organization_id):
    row = models.Profile.objects.first()
    answer = change(staff, row, display_name="A", locale="nonsense!", time_zone="Mars/Olympus")
    assert answer.status_code == 200
    assert set(answer.context["adminform"].form.errors) == {"locale", "time_zone"}


def test_staff_give_another_role(staff, organization_id):
    grace = member_of(organization_id, "grace")
    row = models.Membership.objects.get(
        organization_id=organization_id, account_id=grace.account_id
    )
    assert change(staff, row, role_key="owner").status_code == 302
    row.refresh_from_db()
    assert row.role == "owner"


def test_staff_cannot_demote_the_last_owner(staff, organization_id):
    row = models.Membership.objects.get(organization_id=organization_id)
    answer = change(staff, row, role_key="admin")
    assert answer.status_code == 200
    assert "needs at least one owner" in answer.content.decode()
    row.refresh_from_db()
    assert row.role == "owner"


def test_an_invitation_is_only_looked_at(staff, organization_id):
    row = models.Invitation.objects.get()
    assert change(staff, row, role="owner").status_code == 403
    row.refresh_from_db()
    assert row.role == "member"


def told(name):
    return [row.payload for row in Outbox.objects.using("users").filter(name=name)]


def test_what_staff_correct_is_told_like_what_people_change(staff, organization_id):
    grace = member_of(organization_id, "grace")
    organization = models.Organization.objects.get(id=organization_id)
    row = organization.memberships.get(account_id=grace.account_id)
    former, old_name = row.role_key, organization.name
    change(staff, organization, name="Corrected", slug="corrected")
    change(staff, row, role_key="viewer")
    change(staff, row.account, display_name="Grace H.", locale="en", time_zone="UTC")
    (updated,) = told("users.organization_updated.v1")
    assert {"field": "name", "before": old_name, "after": "Corrected"} in updated["changes"]
    (role,) = told("users.member_role_changed.v1")
    assert (role["former_role"], role["role"]) == (former, "viewer")
    assert told("users.profile_updated.v1")[-1]["fields"] == ["display_name"]


def test_staff_give_one_of_the_organizations_own_roles_and_no_other(staff, organization_id):
    grace = member_of(organization_id, "grace")
    row = models.Membership.objects.get(
        organization_id=organization_id, account_id=grace.account_id
    )
    own = models.CustomRole.objects.create(
        organization_id=organization_id, name="Auditor", permissions=["users.audit:read"]
    )
    foreign = models.CustomRole.objects.create(
        organization_id=organization_of(person("eve")), name="Auditor", permissions=[]
    )
    assert change(staff, row, role_key=str(foreign.id)).status_code == 200
    assert change(staff, row, role_key=str(own.id)).status_code == 302
    row.refresh_from_db()
    assert (row.role, row.custom_role_id) == ("", own.id)


@pytest.mark.parametrize("slug", ["admin", "Not A Slug", "x"])
def test_staff_are_held_to_the_rules_of_slugs(staff, organization_id, slug):
    row = models.Organization.objects.get(id=organization_id)
    answer = change(staff, row, name=row.name, slug=slug)
    assert set(answer.context["adminform"].form.errors) == {"slug"}


def test_staff_do_not_give_a_slug_that_another_has(staff, organization_id):
    other = models.Organization.objects.get(id=organization_of(person("eve")))
    models.Organization.objects.filter(id=other.id).update(slug="taken")
    row = models.Organization.objects.get(id=organization_id)
    assert change(staff, row, name=row.name, slug="taken").status_code == 200
    row.refresh_from_db()
    assert row.slug != "taken"


LOCKED = {
    "mfa_required": True,
    "session_lifetime": 300,
    "allowed_networks": ["198.51.100.0/24"],
    "allowed_email_domains": ["example.org"],
    "who_may_invite": "owners",
}


def lift_policy(client, *organizations, reason="The only owner moved to another network"):
    chosen = [str(row.id) for row in organizations]
    sent = {"action": "lift_policy", "_selected_action": chosen, "reason": reason}
    return client.post("/admin/domains_users/organization/", sent, follow=True)


def test_staff_lift_a_policy_that_locks_everybody_out(staff, organization_id):
    models.Organization.objects.filter(id=organization_id).update(**LOCKED)
    row = models.Organization.objects.get(id=organization_id)
    ada = Api().post("auth/login", {"email": "ada@example.com", "password": PASSWORD})
    me = Api().as_(token=ada.json()["access_token"], organization_id=row.id)
    assert me.get("files").status_code == 403
    assert "Policies lifted: 1." in lift_policy(staff, row).content.decode()
    assert me.get("files").status_code == 200
    row.refresh_from_db()
    assert row.who_may_invite == "owners"
    (changed,) = told("users.organization_policy_changed.v1")
    assert changed["organization_id"] == str(row.id)
    assert {(c["field"], c["before"], c["after"]) for c in changed["changes"]} == {
        ("mfa_required", "true", "false"),
        ("session_lifetime", "300", None),
        ("allowed_networks", "198.51.100.0/24", ""),
        ("allowed_email_domains", "example.org", ""),
    }


def test_a_policy_that_bars_nobody_is_not_lifted(staff, organization_id):
    row = models.Organization.objects.get(id=organization_id)
    assert "Policies lifted: 0." in lift_policy(staff, row).content.decode()
    assert told("users.organization_policy_changed.v1") == []


def test_a_lifted_policy_stands_in_the_trail_with_its_reason(
    staff, organization_id, deliver_events
):
    models.Organization.objects.filter(id=organization_id).update(mfa_required=True)
    lift_policy(staff, models.Organization.objects.get(id=organization_id), reason="Ticket 7")
    deliver_events()
    trail = models.AuditEntry.objects.filter(organization_id=organization_id)
    by_staff = {row.action: row for row in trail.filter(actor_kind="staff")}
    assert by_staff.keys() == {"auth.staff_acted", "users.organization_policy_changed"}
    deed = by_staff["auth.staff_acted"]
    assert "Ticket 7" in str([deed.facts, deed.personal])


def test_who_may_only_look_at_organizations_lifts_nothing(organization_id):
    account = auth.ensure_account(email="helper@example.com", password=PASSWORD, staff=True)
    helper = get_user_model().objects.get(pk=account.id)
    helper.is_superuser = False
    helper.save()
    helper.user_permissions.set(Permission.objects.filter(codename="view_organization"))
    client = Client()
    client.force_login(helper)
    models.Organization.objects.filter(id=organization_id).update(mfa_required=True)
    row = models.Organization.objects.get(id=organization_id)
    lift_policy(client, row)
    row.refresh_from_db()
    assert row.mfa_required
