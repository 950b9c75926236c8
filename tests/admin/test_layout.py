"""How the pages are laid out: the sidebar, the first page, and the search for a list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.admin import site
from django.contrib.auth.models import Permission
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from kernel import clock
from kernel.models import Outbox
from kernel.staff import glance as staff
from tests.admin.conftest import ODD, client_of, staff_account

pytestmark = pytest.mark.django_db(databases="__all__")

INDEX = "/admin/"
GROUPS = [
    "Accounts and sign-in",
    "Users",
    "Billing",
    "Files",
    "Notifications",
    "Events and jobs",
]


def groups(client):
    context = client.get(INDEX).context
    return {group["title"]: group["items"] for group in context["sidebar_navigation"]}


def test_the_domains_are_the_groups_of_the_sidebar_in_their_order(superuser):
    assert list(groups(superuser)) == GROUPS
    assert [app["name"] for app in superuser.get(INDEX).context["app_list"]] == GROUPS


def test_the_sidebar_leads_to_every_list(superuser):
    links = [item["link"] for items in groups(superuser).values() for item in items]
    assert len(links) == len(site._registry)
    assert {superuser.get(link).status_code for link in links} == {200}


def test_who_has_no_permission_is_shown_nothing(plain, rows):
    page = plain.get(INDEX)
    assert page.context["sidebar_navigation"] == page.context["app_list"] == []
    assert "at_a_glance" not in page.context
    assert "have permission" in page.content.decode()


def test_who_may_see_one_list_is_shown_one(rows):
    account = staff_account(superuser=False)
    account.user_permissions.set(Permission.objects.filter(codename="view_group"))
    shown = groups(client_of(account))
    assert [item["title"] for item in shown.pop("Accounts and sign-in")] == ["Groups"]
    assert shown == {}


def test_the_first_page_tells_how_long_events_wait_and_how_many_are_dead(superuser, rows):
    Outbox.objects.using("files").update(occurred_at=clock.now() - timedelta(hours=3))
    page = superuser.get(INDEX)
    told = {row.domain: row for row in page.context["at_a_glance"]}
    assert list(told) == list(settings.DOMAINS)
    assert told["files"].open == 1
    assert told["files"].age.startswith("3:00:0")
    assert told["billing"].dead == 1
    for query in (
        "outbox/?domain=files&amp;state=open",
        "failedevent/?domain=billing&amp;state=dead",
    ):
        assert query in page.content.decode()


def test_the_first_page_opens_while_a_database_is_away(superuser, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(staff.FailedEvent.objects, "using", lambda alias: _Away())
    monkeypatch.setattr(_Away, "filter", away, raising=False)
    page = superuser.get(INDEX)
    assert page.status_code == 200
    assert "Its database does not answer" in page.content.decode()


class _Away:
    """Rows of a database that does not answer."""


@pytest.mark.parametrize("term", ["acc", "ACC ", "billing", "rate"])
def test_lists_are_found_by_their_names(superuser, term):
    answer = superuser.get(reverse("admin:search"), {"s": term})
    assert answer.status_code == 200
    assert ("/admin/domains_auth/account/" in answer.content.decode()) == term.startswith(
        ("acc", "ACC")
    )


@pytest.mark.parametrize("term", ODD.values(), ids=ODD)
def test_no_search_for_a_list_fails(superuser, term):
    assert superuser.get(reverse("admin:search"), {"s": term}).status_code == 200
    assert superuser.get(reverse("admin:search"), {"page": term}).status_code == 200


def test_a_search_finds_only_what_its_user_may_see(plain):
    assert plain.get(reverse("admin:search"), {"s": "account"}).content.strip() == b""


def test_the_search_is_for_staff():
    assert Client().get(reverse("admin:search"), {"s": "a"}).status_code == 302


def test_a_group_has_a_page_of_its_own(superuser):
    for label in ("domains_billing", "kernel", "auth", "django_rq", "admin"):
        assert superuser.get(f"{INDEX}{label}/").status_code == 200
    assert superuser.get(f"{INDEX}nothing/").status_code == 404


def test_moments_are_written_largest_unit_first(superuser, rows):
    page = superuser.get("/admin/domains_auth/account/").content.decode()
    assert f"{clock.now():%Y-%m-%d %H:}" in page


def test_icons_and_styles_are_served(superuser):
    for name in ("icon.svg", "staff.css", "queues.css"):
        answer = superuser.get(f"/static/config/{name}")
        assert answer.status_code == 200
