"""An organization on one page: what each domain has of it, for those who may see that."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError, connections
from django.test.utils import CaptureQueriesContext

from domains.auth.models import Account, ApiKey, ServiceAccount
from domains.billing.models import PaymentIntent
from domains.notifications.models import Message
from domains.users import interface as users
from domains.users.models import Organization, Profile
from kernel.ids import uuid7
from kernel.staff import panels
from tests.admin.conftest import client_of, staff_account

pytestmark = pytest.mark.django_db(databases="__all__")

EXPECTED = {
    "Members": "ada@example.com",
    "Open invitations": "bob@example.com",
    "Teams": "Search",
    "Roles of its own": "Auditor",
    "Assigned roles": "Auditor",
    "Policy": "admins",
    "Sessions": "ada@example.com",
    "API keys": "CI",
    "Service accounts": "CI",
    "Plan": "pro",
    "Payments": "29.00\xa0EUR",
    "Invoices": "INV-1",
    "Ledger": "Owed by customers",
    "Usage": "5\xa0bytes",
    "Deliveries": "ada@example.com",
    "Audit": "users.member_joined",
}
# They show what holds of an organization that has nothing.
NEVER_EMPTY = {"Policy", "Plan", "Usage"}


@pytest.fixture
def acme(rows):
    organization = Organization.objects.get(name="Acme")
    Message.objects.update(organization_id=organization.id)
    ApiKey.objects.update(organization_id=organization.id)
    ServiceAccount.objects.update(organization_id=organization.id)
    return organization


def page_of(organization):
    return f"/admin/domains_users/organization/{organization.id}/change/"


def shown(client, organization):
    page = client.get(page_of(organization))
    assert page.status_code == 200
    return {each.title: each for each in page.context["panels"]}


def text_of(panel):
    return " ".join(str(cell.text) for row in panel.panel.rows for cell in row)


def test_every_domain_shows_what_it_has_of_the_organization(superuser, acme):
    page = shown(superuser, acme)
    assert list(page) == list(EXPECTED)
    for title, text in EXPECTED.items():
        assert text in text_of(page[title]), title


def test_every_link_of_the_page_leads_somewhere(superuser, acme):
    for each in shown(superuser, acme).values():
        urls = [cell.url for row in each.panel.rows for cell in row if cell.url]
        for url in [*urls, each.panel.link]:
            if url:
                assert superuser.get(url).status_code == 200, url


def test_the_full_lists_have_nothing_of_other_organizations(superuser, acme):
    lists = {
        title: each.panel.link
        for title, each in shown(superuser, acme).items()
        if title not in NEVER_EMPTY
    }
    for title, link in lists.items():
        assert superuser.get(link).context["cl"].result_count >= 1, title
        elsewhere = link.replace(str(acme.id), str(uuid7()))
        if elsewhere != link:
            assert superuser.get(elsewhere).context["cl"].result_count == 0, title


def test_an_empty_panel_says_so(acme):
    root = staff_account(superuser=True)
    other = users.ensure_organization(account_id=root.id, name="Other")
    empty = panels.Subject(organization_id=other.id, member_ids=())
    for each in panels.panels_of(empty, user=root):
        if each.title not in {*NEVER_EMPTY, "Members"}:
            assert list(each.panel.rows) == [], each.title
            assert each.panel.empty.endswith("."), each.title


def test_a_panel_shows_the_newest_rows_and_no_more(superuser, acme):
    for number in range(panels.PANEL_ROWS + 5):
        person = Profile.objects.create(account_id=uuid7(), display_name=f"Person {number}")
        users.ensure_member(organization_id=acme.id, account_id=person.account_id, role="member")
    rows = shown(superuser, acme)["Members"].panel.rows
    assert len(rows) == panels.PANEL_ROWS
    assert str(rows[0][0].text) == f"Person {panels.PANEL_ROWS + 4}"


def test_the_page_asks_as_much_however_much_there_is(superuser, acme):
    def queries():
        counted = []
        for alias in ("auth", "users", "billing", "files", "notifications"):
            with CaptureQueriesContext(connections[alias]) as captured:
                superuser.get(page_of(acme))
            counted.append(len(captured))
        return counted

    before = queries()
    account = Account.objects.with_email("ada@example.com").get()
    for number in range(3):
        person = Profile.objects.create(account_id=uuid7())
        users.ensure_member(organization_id=acme.id, account_id=person.account_id, role="viewer")
        ApiKey.objects.create(
            organization_id=acme.id,
            account=account,
            created_by=account.id,
            name="k",
            prefix="k",
            key_hash=str(number),
            permissions=[],
            created_at=account.created_at,
        )
    assert queries() == before


def test_a_domain_whose_database_is_away_says_so_and_the_page_stands(superuser, acme, monkeypatch):
    def away(*_, **__):
        raise OperationalError

    monkeypatch.setattr(PaymentIntent.objects, "get_queryset", away)
    page = shown(superuser, acme)
    assert [title for title, each in page.items() if each.panel is None] == ["Payments"]
    assert "its database does not answer" in superuser.get(page_of(acme)).content.decode()


def test_staff_see_the_panels_that_they_may_see(acme):
    account = staff_account(superuser=False)
    names = ("view_organization", "view_customer")
    account.user_permissions.set(Permission.objects.filter(codename__in=names))
    assert list(shown(client_of(account), acme)) == ["Policy", "Plan"]


def test_markup_in_a_name_stays_text(superuser, acme):
    Profile.objects.update(display_name="<script>alert(1)</script>")
    page = superuser.get(page_of(acme)).content.decode()
    assert "<script>alert(1)" not in page
