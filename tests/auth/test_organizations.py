"""What auth keeps for an organization goes with it."""

from __future__ import annotations

import pytest

from domains.auth import interface as auth
from domains.auth.models import ApiKey, ServiceAccount
from kernel.clock import now
from kernel.ids import uuid7
from tests.erasures import organization_erased

pytestmark = pytest.mark.django_db(databases="__all__")


def keys_of(organization_id, account_id) -> None:
    made = {"permissions": [], "created_by": account_id, "created_at": now()}
    machine = ServiceAccount.objects.create(organization_id=organization_id, name="CI", **made)
    for owner in ({"account_id": account_id}, {"service_account": machine}, {}):
        ApiKey.objects.create(
            organization_id=organization_id, name="CI", key_hash=uuid7().hex, **made, **owner
        )


def test_keys_and_service_accounts_of_an_erased_organization_are_no_more(ada, deliver_events):
    gone, stays = uuid7(), uuid7()
    keys_of(gone, ada.id)
    keys_of(stays, ada.id)
    hashes = list(ApiKey.objects.filter(organization_id=gone).values_list("key_hash", flat=True))
    organization_erased(gone)
    deliver_events()
    assert set(ApiKey.objects.values_list("organization_id", flat=True)) == {stays}
    assert set(ServiceAccount.objects.values_list("organization_id", flat=True)) == {stays}
    assert ApiKey.objects.count() == 3
    for key_hash in hashes:
        with pytest.raises(auth.ApiKeyInvalid):
            auth.authenticate_api_key(key_hash=key_hash, address="203.0.113.7")
