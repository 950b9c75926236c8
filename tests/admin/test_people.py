"""People are found across organizations, by whatever staff know of them."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connections
from django.test.utils import CaptureQueriesContext

from domains.auth import interface as auth
from domains.auth.models import IN_BYTES, Account
from domains.users import interface as users
from domains.users.models import Organization, Profile
from domains.users.services import people_search
from tests.admin.conftest import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")

LIST = "/admin/domains_users/profile/"


def somebody(address, name):
    account = auth.ensure_account(email=address, password=PASSWORD)
    Profile.objects.update_or_create(account_id=account.id, defaults={"display_name": name})
    return account.id


@pytest.fixture
def people():
    ada = somebody("ada.king@example.com", "Ada Lovelace")
    grace = somebody("grace@example.org", "Grace Brewster Hopper")
    acme = users.ensure_organization(account_id=ada, name="Acme")
    users.ensure_member(organization_id=acme.id, account_id=grace, role="viewer")
    navy = users.ensure_organization(account_id=grace, name="Navy")
    return {"ada": ada, "grace": grace, "acme": acme.id, "navy": navy.id}


def found(client, query):
    page = client.get(LIST, {"q": query})
    assert page.status_code == 200
    return {str(row) for row in page.context["cl"].result_list}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Lovelace", {"Ada Lovelace"}),
        ("love", {"Ada Lovelace"}),
        ("hopp GRACE", {"Grace Brewster Hopper"}),
        ("ada.k", {"Ada Lovelace"}),
        ("ADA.King@Example.com", {"Ada Lovelace"}),
        ("grace@", {"Grace Brewster Hopper"}),
        ("opper", set()),
        ("example.com", set()),
        ("hopper lovelace", set()),
        ("!&|:*()", set()),
        ("%", set()),
    ],
)
def test_people_are_found_by_how_names_and_addresses_begin(superuser, people, query, expected):
    assert found(superuser, query) == expected


def test_a_person_is_found_by_the_id_of_the_account(superuser, people):
    assert found(superuser, str(people["ada"])) == {"Ada Lovelace"}
    assert found(superuser, f" {people['grace']} ") == {"Grace Brewster Hopper"}


def test_the_list_shows_addresses_organizations_and_roles(superuser, people):
    page = superuser.get(LIST, {"q": "grace"}).content.decode()
    assert "grace@example.org" in page
    for organization, role in ((people["acme"], "viewer"), (people["navy"], "owner")):
        assert f"/admin/domains_users/organization/{organization}/change/" in page
        assert f"({role})" in page


def test_the_list_asks_as_much_of_the_database_however_many_people_it_shows(superuser, people):
    def queries():
        with CaptureQueriesContext(connections["users"]) as captured:
            superuser.get(LIST)
        return len(captured)

    before = queries()
    for number in range(5):
        account_id = somebody(f"person{number}@example.com", f"Person {number}")
        users.ensure_member(organization_id=people["acme"], account_id=account_id, role="member")
    assert queries() == before


def test_a_persons_page_leads_to_organizations_and_to_the_account(superuser, people):
    page = superuser.get(f"{LIST}{people['grace']}/change/").content.decode()
    assert f"/admin/domains_auth/account/{people['grace']}/change/" in page
    for name in ("acme", "navy"):
        assert f"/admin/domains_users/organization/{people[name]}/change/" in page


def test_people_are_found_by_name_while_auth_is_away(superuser, people, monkeypatch):
    def away(**_):
        raise OperationalError

    monkeypatch.setattr(people_search.auth, "find_accounts", away)
    monkeypatch.setattr(people_search.auth, "get_accounts", away)
    assert found(superuser, "lovelace") == {"Ada Lovelace"}
    assert found(superuser, "ada.king") == set()


@pytest.mark.parametrize("query", ["acm", "ACME", "the acme"])
def test_organizations_are_found_by_words_of_their_names(superuser, people, query):
    Organization.objects.filter(id=people["acme"]).update(name="The Acme Company")
    page = superuser.get("/admin/domains_users/organization/", {"q": query})
    assert [row.name for row in page.context["cl"].result_list] == ["The Acme Company"]


def test_auth_finds_accounts_in_order_and_no_more_than_asked():
    for name in ("b", "a", "c"):
        auth.ensure_account(email=f"Find.{name}@example.com", password=PASSWORD)
    emails = [each.email for each in auth.find_accounts(query=" FIND.", limit=2)]
    assert emails == ["Find.a@example.com", "Find.b@example.com"]
    assert auth.find_accounts(query="  ", limit=2) == []


def test_an_index_finds_whose_address_begins_so(people):
    rows = Account.objects.alias(folded=IN_BYTES).filter(folded__startswith="ada.k")
    with connections["auth"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        # In a database that is sorted by bytes throughout, either index on addresses will do.
        assert "Index Cond" in rows.order_by("folded").explain()
