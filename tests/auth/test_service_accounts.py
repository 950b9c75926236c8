"""Machines of an organization: as the services make them, and as the whole API meets them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domains.auth import interface as auth
from domains.auth.contract.errors import (
    ApiKeyInvalid,
    PermissionNotGrantable,
    ServiceAccountNotFound,
    SessionRequired,
)
from domains.auth.contract.permissions import API_KEY_WRITE, SERVICE_ACCOUNT_WRITE
from domains.auth.models import Account, ApiKey, ServiceAccount
from domains.auth.services import api_key_use, api_keys, service_accounts
from domains.users import interface as users
from domains.users.models import Membership
from kernel.crypto import hash_secret
from kernel.errors import Forbidden
from kernel.ids import uuid7
from kernel.permissions import Role, permissions_of
from kernel.principal import Principal
from tests import paths
from tests.auth.conftest import PASSWORD
from tests.auth.said import names
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")
READ, WRITE = "files.file:read", "files.file:write"


def person(account_id, *permissions) -> Principal:
    home = uuid7()
    return Principal(
        kind="account",
        account_id=account_id,
        session_id=uuid7(),
        organization_id=home,
        memberships={home: frozenset({*permissions})},
    )


@pytest.fixture
def owner(ada) -> Principal:
    return person(ada.id, API_KEY_WRITE.name, SERVICE_ACCOUNT_WRITE.name, READ, WRITE)


def make(principal, clock, *permissions) -> ServiceAccount:
    return service_accounts.create_service_account(
        principal, name="Warehouse", permissions=list(permissions or [READ]), now=clock.now
    )


def key_for(principal, machine, clock, *permissions):
    return api_keys.create_api_key(
        principal,
        name="CI",
        permissions=list(permissions or [READ]),
        expires_at=None,
        service_account_id=machine.id,
        now=clock.now,
    )


def grant_of(secret, clock):
    return api_key_use.authenticate_api_key(
        key_hash=hash_secret(secret), address="203.0.113.7", now=clock.now
    )


def test_a_service_account_has_keys_within_its_permissions(owner, clock):
    machine = make(owner, clock)
    key, secret = key_for(owner, machine, clock)
    grant = grant_of(secret, clock)
    assert (grant.account_id, grant.service_account_id) == (None, machine.id)
    assert grant.permissions == (READ,)
    with pytest.raises(PermissionNotGrantable) as refused:
        key_for(owner, machine, clock, READ, WRITE)
    assert refused.value.pointer == "/permissions/1"
    assert ApiKey.objects.get() == key


def test_a_service_account_may_no_more_than_who_makes_it(owner, clock):
    with pytest.raises(PermissionNotGrantable) as refused:
        make(owner, clock, READ, "billing.subscription:write")
    assert refused.value.pointer == "/permissions/1"
    assert not ServiceAccount.objects.exists()


def test_a_service_account_outlives_who_made_it(owner, clock):
    _, secret = key_for(owner, make(owner, clock), clock)
    Account.objects.filter(id=owner.account_id).delete()
    assert grant_of(secret, clock).permissions == (READ,)


def test_disabling_a_service_account_ends_its_keys(owner, clock):
    machine = make(owner, clock)
    _, secret = key_for(owner, machine, clock)
    service_accounts.disable_service_account(owner, service_account_id=machine.id, now=clock.now)
    with pytest.raises(ApiKeyInvalid):
        grant_of(secret, clock)
    assert ApiKey.objects.get().revoked_at == clock.now
    assert not service_accounts.list_service_accounts(owner).exists()
    told = ["auth.service_account_created.v1", "auth.service_account_disabled.v1"]
    assert [name for name in names() if "service_account" in name] == told
    for act in (
        lambda: key_for(owner, machine, clock),
        lambda: service_accounts.get_service_account(owner, service_account_id=machine.id),
        lambda: service_accounts.disable_service_account(
            owner, service_account_id=machine.id, now=clock.now
        ),
    ):
        with pytest.raises(ServiceAccountNotFound):
            act()


def test_another_organizations_service_account_is_as_unknown_as_none(owner, clock):
    machine = make(owner, clock)
    stranger = person(uuid7(), API_KEY_WRITE.name, SERVICE_ACCOUNT_WRITE.name, READ)
    for service_account_id in (machine.id, uuid7()):
        with pytest.raises(ServiceAccountNotFound):
            service_accounts.get_service_account(stranger, service_account_id=service_account_id)
    with pytest.raises(ServiceAccountNotFound):
        key_for(stranger, machine, clock)


def test_only_a_person_who_may_writes_service_accounts(owner, clock):
    machine = make(owner, clock)
    viewer = replace(owner, memberships={owner.organization_id: frozenset({READ})})
    key = replace(owner, kind="api_key", session_id=None)
    for who, refusal in ((viewer, Forbidden), (key, SessionRequired)):
        with pytest.raises(refusal):
            make(who, clock)
        with pytest.raises(refusal):
            service_accounts.disable_service_account(
                who, service_account_id=machine.id, now=clock.now
            )
    with pytest.raises(Forbidden):
        service_accounts.list_service_accounts(viewer)


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_no_key_slips_past_the_disabling_of_its_service_account(member, clock):
    owner = person(member.id, API_KEY_WRITE.name, SERVICE_ACCOUNT_WRITE.name, READ)
    machine = make(owner, clock)
    at_once(
        *[lambda: key_for(owner, machine, clock)] * 3,
        lambda: service_accounts.disable_service_account(
            owner, service_account_id=machine.id, now=clock.now
        ),
    )
    assert not ApiKey.objects.filter(revoked_at=None).exists()


@pytest.fixture
def acme(api, deliver_events):
    """Somebody's client in an organization of theirs."""
    account = auth.ensure_account(email="ada@example.com", password=PASSWORD)
    organization = users.ensure_organization(account_id=account.id, name="Acme")
    deliver_events()
    tokens = api.post("auth/login", {"email": "ada@example.com", "password": PASSWORD}).json()
    return api.as_(token=tokens["access_token"], organization_id=organization.id)


def everything() -> list[str]:
    return sorted(permissions_of(Role.OWNER))


@pytest.fixture
def shared(acme, api):
    """A client that shows a key of the organization's own, with every permission."""
    body = {"name": "CI", "permissions": everything(), "owner": "organization"}
    made = acme.post("auth/api-keys", body)
    assert made.status_code == 201, made.content
    assert made["Cache-Control"] == "no-store"
    assert made.json()["account_id"] is None
    return api.as_(token=made.json()["secret"])


def test_a_service_account_is_made_used_and_disabled_over_the_api(acme, api):
    body = {"name": "Warehouse", "permissions": [READ]}
    machine = acme.post("auth/service-accounts", body).json()
    assert acme.get("auth/service-accounts").json()["data"] == [machine]
    assert acme.get(f"auth/service-accounts/{machine['id']}").json() == machine
    wanted = {"name": "CI", "permissions": [READ], "service_account_id": machine["id"]}
    assert acme.post("auth/api-keys", {**wanted, "owner": "person"}).status_code == 422
    key = acme.post("auth/api-keys", wanted).json()
    assert (key["account_id"], key["service_account_id"]) == (None, machine["id"])
    client = api.as_(token=key["secret"])
    assert client.get("files").status_code == 200
    assert acme.delete(f"auth/service-accounts/{machine['id']}").status_code == 204
    assert client.get("files").json()["code"] == "auth.api_key_invalid"
    assert acme.get("auth/api-keys").json()["data"] == []


def test_a_key_is_rotated_over_the_api(acme, api):
    key = acme.post("auth/api-keys", {"name": "CI", "permissions": [READ]}).json()
    for wrong in (-1, 30 * 86400 + 1, "1"):
        answer = acme.post(f"auth/api-keys/{key['id']}/rotate", {"overlap_seconds": wrong})
        assert answer.status_code == 422
    answer = acme.post(f"auth/api-keys/{key['id']}/rotate", {"overlap_seconds": 0})
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    assert api.as_(token=key["secret"]).get("files").status_code == 401
    assert api.as_(token=answer.json()["secret"]).get("files").status_code == 200
    again = acme.post(f"auth/api-keys/{key['id']}/rotate", {})
    assert again.json()["code"] in {"auth.api_key_not_found", "auth.api_key_already_rotated"}


def test_an_organizations_key_counts_after_its_maker_has_left(acme, shared):
    (organization,) = ApiKey.objects.values_list("organization_id", flat=True)
    bob = auth.ensure_account(email="bob@example.com", password=PASSWORD)
    users.ensure_member(organization_id=organization, account_id=bob.id, role="owner")
    Membership.objects.filter(organization_id=organization).exclude(account_id=bob.id).delete()
    assert shared.get("files").status_code == 200
    assert acme.get("files").status_code == 404


def operations():
    for path, methods in paths.described().items():
        for method, described in methods.items():
            yield pytest.param(method, path, described, id=f"{method} {path}")


def example_of(described):
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    return next((each["value"] for each in content.get("examples", {}).values()), None)


@pytest.mark.parametrize(("method", "path", "described"), list(operations()))
def test_no_operation_breaks_on_a_key_that_is_nobodys(shared, method, path, described):
    answer = shared.request(method.upper(), paths.filled(path, uuid7()), example_of(described))
    assert answer.status_code < 500, answer.content


def test_an_organizations_key_uploads_a_file_that_everybody_hears_of(shared, deliver_events):
    body = {"name": "a.txt", "size": 1, "content_type": "text/plain", "sha256": "0" * 64}
    made = shared.post("files", body)
    assert made.status_code == 201, made.content
    organization = made.json()["organization_id"]
    for path in ("", "/members", "/invitations"):
        answer = shared.get(f"users/organizations/{organization}{path}")
        assert answer.status_code in {200, 403}, (path, answer.content)
    renamed = shared.patch(f"users/organizations/{organization}", {"name": "Acme Ltd"})
    assert renamed.status_code in {200, 403, 428}, renamed.content
    invited = shared.post(
        f"users/organizations/{organization}/invitations",
        {"email": "bob@example.com", "role": "member"},
    )
    assert invited.status_code in {201, 403}, invited.content
    deliver_events()
