"""Keys and service accounts are found within the organizations in context alone."""

from __future__ import annotations

import pytest

from domains.auth import interface as auth
from domains.auth.contract.errors import ApiKeyNotFound, ServiceAccountNotFound
from domains.auth.models import Account, ApiKey, ServiceAccount
from domains.auth.services import api_keys, service_accounts
from kernel import scope
from kernel.clock import now
from kernel.ids import uuid7
from kernel.managers import NoOrganizationInContext
from tests.principals import member_of

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("nothing_in_context"),
]


@pytest.fixture
def owner(ada):
    return member_of(uuid7())


def machine_of(organization_id) -> ServiceAccount:
    return ServiceAccount.objects.create(
        organization_id=organization_id,
        name="CI",
        permissions=[],
        created_by=uuid7(),
        created_at=now(),
    )


def key_of(machine: ServiceAccount, **owner) -> ApiKey:
    return ApiKey.objects.create(
        organization_id=machine.organization_id,
        service_account=None if owner else machine,
        name="CI",
        permissions=[],
        key_hash=uuid7().hex,
        created_by=uuid7(),
        created_at=now(),
        **owner,
    )


def test_a_call_with_another_organization_in_context_finds_nothing(owner):
    machine = machine_of(owner.organization_id)
    key = key_of(machine)
    with scope.use(scope.of(uuid7())):
        assert not service_accounts.list_service_accounts(owner).exists()
        assert not api_keys.list_api_keys(owner).exists()
        with pytest.raises(ServiceAccountNotFound):
            service_accounts.get_service_account(owner, service_account_id=machine.id)
        with pytest.raises(ApiKeyNotFound):
            api_keys.revoke_api_key(owner, api_key_id=key.id, now=now())
    with scope.use(owner.organization_ids):
        assert list(api_keys.list_api_keys(owner)) == [key]
        assert list(service_accounts.list_service_accounts(owner)) == [machine]


def test_a_call_that_passed_no_entry_is_refused(owner):
    with pytest.raises(NoOrganizationInContext):
        api_keys.list_api_keys(owner)


def test_a_key_is_authenticated_before_anybody_knows_its_organization(owner):
    key = key_of(machine_of(owner.organization_id))
    grant = auth.authenticate_api_key(key_hash=key.key_hash, address="203.0.113.7")
    assert grant.organization_id == owner.organization_id


def test_what_is_reached_from_a_machine_at_hand_stays_with_it(owner):
    machine, other = machine_of(owner.organization_id), machine_of(uuid7())
    key, foreign = key_of(machine), key_of(other)
    assert list(machine.api_keys.all()) == [key]
    assert key.service_account == machine
    both = ServiceAccount.objects.everywhere().prefetch_related("api_keys").order_by("id")
    assert [list(each.api_keys.all()) for each in both] == [[key], [foreign]]
    machine.api_keys.filter(id=foreign.id).update(name="taken")
    foreign.refresh_from_db()
    assert foreign.name == "CI"


def test_what_is_reached_from_an_account_needs_an_organization(ada, owner):
    account = Account.objects.get(id=ada.id)
    machine, other = machine_of(owner.organization_id), machine_of(uuid7())
    key = key_of(machine, account=account)
    key_of(other, account=account)
    with pytest.raises(NoOrganizationInContext):
        account.api_keys.count()
    with pytest.raises(NoOrganizationInContext):
        list(Account.objects.prefetch_related("api_keys"))
    with scope.use(scope.of(owner.organization_id)):
        assert list(account.api_keys.all()) == [key]


def test_a_cascade_takes_the_rows_of_every_organization(ada, owner):
    account = Account.objects.get(id=ada.id)
    for organization_id in (owner.organization_id, uuid7()):
        key_of(machine_of(organization_id), account=account)
    with scope.use(scope.of(owner.organization_id)):
        account.delete()
    assert not ApiKey.objects.everywhere().exists()
