"""People who look after billing on the page, and the page as a browser sees it."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from domains.auth import interface as auth
from domains.billing.models import Customer
from domains.users import interface as users
from gateway import credentials
from kernel.clock import now
from kernel.permissions import Role, permissions_of
from kernel.principal import Principal
from tests.billing.conftest import put_on
from tests.client import Api

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Member:
    """Somebody in an organization, as a client of the API and as services know them."""

    api: Api
    principal: Principal

    @property
    def organization_id(self) -> UUID:
        return self.principal.organization_id


@dataclass
class Visit:
    """A browser on somebody's page."""

    client: Client
    address: str

    def look(self, query: str = "") -> HttpResponse:
        return self.client.get(self.address + query)

    def text(self, query: str = "") -> str:
        answer = self.look(query)
        assert answer.status_code == 200, answer.content
        return answer.content.decode()

    def send(self, deed: str, **fields: str) -> HttpResponse:
        """Send a form of the page, and follow where it leads."""
        found = re.search('name="form_token" value="([^"]+)"', self.text())
        return self.post(deed, form_token=found[1] if found else "", **fields)

    def post(self, deed: str, **fields: str) -> HttpResponse:
        kind = "application/x-www-form-urlencoded"
        address = f"{self.address}/{deed}"
        return self.client.post(address, urlencode(fields), content_type=kind, follow=True)


def link_of(member: Member, **body: str) -> str:
    answer = member.api.post("billing/portal-sessions", body)
    assert answer.status_code == 201, answer.content
    return answer.json()["url"]


def visit(member: Member, **body: str) -> Visit:
    """Open the page as a browser that follows the link."""
    client = Client(raise_request_exception=False)
    answer = client.get(urlsplit(link_of(member, **body)).path)
    assert answer.status_code == 303, answer.content
    return Visit(client, answer["Location"])


def sign_in(name: str, *, role: Role = Role.OWNER, organization_id: UUID | None = None) -> Member:
    account = auth.ensure_account(email=f"{name}@example.com", password=PASSWORD)
    if organization_id is None:
        organization_id = users.ensure_organization(account_id=account.id, name=name).id
    else:
        users.ensure_member(organization_id=organization_id, account_id=account.id, role=role)
    answer = Api().post("auth/login", {"email": account.email, "password": PASSWORD})
    token = answer.json()["access_token"]
    principal = Principal(
        kind="account",
        account_id=account.id,
        session_id=UUID(_claims(token)["sid"]),
        organization_id=organization_id,
        memberships={organization_id: permissions_of(role)},
    )
    api = Api().as_(token=token, organization_id=organization_id)
    return Member(api, principal)


def _claims(token: str) -> dict[str, str]:
    body = token.split(".")[1]
    return json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))


@pytest.fixture(autouse=True)
def _keys_of_this_test():
    credentials.verifier.cache_clear()


@pytest.fixture
def ada() -> Member:
    """The owner of an organization without a plan."""
    return sign_in("ada")


@pytest.fixture
def payer(ada) -> Member:
    """The owner of an organization that pays for a plan."""
    put_on(ada.principal, "pro", "pm_card_visa", now=now())
    Customer.objects.within(ada.organization_id).update(name="Analytical Engines")
    return ada
