"""Whom an invoice is for: as the profile says, and until it says anything, by their own name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domains.auth import interface as auth
from domains.billing.models import Invoice
from domains.billing.services import profile
from domains.users import interface as users
from domains.users.models import Profile
from kernel import names
from kernel.errors import Unavailable
from kernel.preconditions import ANY
from tests.billing.conftest import NOW, put_on
from tests.principals import member_of

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def team():
    account = auth.ensure_account(email="ada@example.com", password="correct horse battery staple")
    organization = users.ensure_organization(account_id=account.id, name="Engines")
    return replace(member_of(organization.id), account_id=account.id)


def buyer_of(principal):
    put_on(principal, "pro", "pm_card_visa")
    return Invoice.objects.within(principal.organization_id).get().buyer["name"]


def test_an_invoice_is_for_the_organization_by_its_name(team):
    assert buyer_of(team) == "Engines"


def test_an_invoice_is_for_whom_the_profile_says(team):

    profile.change_profile(principal=team, wanted={"name": "Engines Ltd"}, expected=ANY, now=NOW)
    assert buyer_of(team) == "Engines Ltd"


def test_an_invoice_of_a_personal_organization_is_for_its_person(team, monkeypatch):
    monkeypatch.setattr(users, "get_organizations", lambda **_: [])
    Profile.objects.update(display_name="Ada Lovelace")
    assert buyer_of(team) == "Ada Lovelace"


def test_nobody_is_kept_from_buying_by_an_outage_of_the_names(team, monkeypatch):
    def away(_):
        raise Unavailable

    monkeypatch.setattr(names, "organization_name_of", away)
    assert buyer_of(team) == ""
