from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.auth.contract.errors import (
    ApiKeyAlreadyRotated,
    ApiKeyInvalid,
    ApiKeyNotFound,
    ExpiryInPast,
    PermissionNotGrantable,
    SessionRequired,
)
from domains.auth.contract.permissions import API_KEY_WRITE, SERVICE_ACCOUNT_WRITE
from domains.auth.models import Account, ApiKey
from domains.auth.services import api_key_rotation, api_key_use, api_keys
from kernel import api_key_format
from kernel.crypto import hash_secret
from kernel.errors import Forbidden
from kernel.ids import uuid7
from kernel.principal import Principal
from tests.auth.said import names, said
from tests.auth.threads import at_once

pytestmark = pytest.mark.django_db(databases="__all__")
READ = "files.file:read"
ADDRESS = "203.0.113.7"


@pytest.fixture
def owner(ada) -> Principal:
    home = uuid7()
    return Principal(
        kind="account",
        account_id=ada.id,
        session_id=uuid7(),
        organization_id=home,
        memberships={home: frozenset({API_KEY_WRITE.name, SERVICE_ACCOUNT_WRITE.name, READ})},
    )


def create(principal, clock, *, permissions=(READ,), expires_at=None, **owner):
    return api_keys.create_api_key(
        principal,
        name="CI",
        permissions=list(permissions),
        expires_at=expires_at,
        now=clock.now,
        **owner,
    )


def grant_of(secret, clock):
    return api_key_use.authenticate_api_key(
        key_hash=hash_secret(secret), address=ADDRESS, now=clock.now
    )


def test_a_key_grants_what_it_was_given(owner, clock):
    key, secret = create(owner, clock, permissions=[READ, READ])
    grant = grant_of(secret, clock)
    assert grant.id == key.id
    assert grant.organization_id == owner.organization_id
    assert grant.account_id == owner.account_id
    assert grant.permissions == (READ,)


def test_the_secret_is_not_kept(owner, clock):
    _, secret = create(owner, clock)
    stored = " ".join(map(str, ApiKey.objects.values().get().values()))
    assert secret not in stored
    assert secret.startswith(ApiKey.objects.get().prefix)
    assert len(ApiKey.objects.get().prefix) == 13


def test_a_key_has_the_form_that_secret_scanners_know(owner, clock):
    _, secret = create(owner, clock)
    assert re.fullmatch(r"tnn_live_[0-9A-Za-z]{43}[0-9A-Za-z]{6}", secret)
    assert api_key_format.checksum(secret[:-6]) == secret[-6:]


@given(number=st.integers(0, 2**256 - 1))
def test_base_62_loses_nothing(number):
    text = api_key_format._base62(number, api_key_format.SECRET_LENGTH)
    value = 0
    for digit in text:
        value = value * 62 + api_key_format.ALPHABET.index(digit)
    assert (value, len(text)) == (number, 43)


@given(body=st.text(alphabet=api_key_format.ALPHABET, max_size=60))
def test_a_checksum_is_six_digits(body):
    text = api_key_format.checksum(body)
    value = 0
    for digit in text:
        value = value * 62 + api_key_format.ALPHABET.index(digit)
    assert (value, len(text)) == (crc32(body.encode()), 6)


@pytest.mark.parametrize("name", ["billing.subscription:write", "nonsense", "", "*"])
def test_a_key_may_do_no_more_than_its_maker(owner, clock, name):
    with pytest.raises(PermissionNotGrantable) as refused:
        create(owner, clock, permissions=[READ, name])
    assert refused.value.pointer == "/permissions/1"
    assert not ApiKey.objects.exists()


def test_who_may_not_write_keys_may_not_see_them_either(owner, clock):
    viewer = Principal(
        kind="account",
        account_id=owner.account_id,
        session_id=owner.session_id,
        organization_id=owner.organization_id,
        memberships={owner.organization_id: frozenset({READ})},
    )
    key, _ = create(owner, clock)
    for act in (
        lambda: create(viewer, clock),
        lambda: api_keys.list_api_keys(viewer),
        lambda: api_keys.revoke_api_key(viewer, api_key_id=key.id, now=clock.now),
    ):
        with pytest.raises(Forbidden):
            act()
    assert ApiKey.objects.get().revoked_at is None


def test_a_key_makes_and_revokes_no_keys(owner, clock):
    key, _ = create(owner, clock)
    machine = Principal(
        kind="api_key",
        account_id=owner.account_id,
        api_key_id=key.id,
        organization_id=owner.organization_id,
        memberships=owner.memberships,
    )
    with pytest.raises(SessionRequired):
        create(machine, clock)
    with pytest.raises(SessionRequired):
        api_keys.revoke_api_key(machine, api_key_id=key.id, now=clock.now)


def test_another_organizations_key_is_as_unknown_as_none(owner, clock):
    key, secret = create(owner, clock)
    other = uuid7()
    stranger = Principal(
        kind="account",
        account_id=uuid7(),
        session_id=uuid7(),
        organization_id=other,
        memberships={other: frozenset({API_KEY_WRITE.name})},
    )
    for api_key_id in (key.id, uuid7()):
        with pytest.raises(ApiKeyNotFound):
            api_keys.revoke_api_key(stranger, api_key_id=api_key_id, now=clock.now)
    assert not api_keys.list_api_keys(stranger).exists()
    assert grant_of(secret, clock)


def test_a_revoked_key_opens_nothing(owner, clock):
    key, secret = create(owner, clock)
    api_keys.revoke_api_key(owner, api_key_id=key.id, now=clock.now)
    with pytest.raises(ApiKeyInvalid):
        grant_of(secret, clock)
    with pytest.raises(ApiKeyNotFound):
        api_keys.revoke_api_key(owner, api_key_id=key.id, now=clock.now)
    assert not api_keys.list_api_keys(owner).exists()


def test_a_key_expires(owner, clock):
    _, secret = create(owner, clock, expires_at=clock.now + timedelta(hours=1))
    assert grant_of(secret, clock)
    clock.advance(hours=1)
    with pytest.raises(ApiKeyInvalid):
        grant_of(secret, clock)


def test_a_key_can_not_be_born_expired(owner, clock):
    with pytest.raises(ExpiryInPast) as refused:
        create(owner, clock, expires_at=clock.now)
    assert refused.value.pointer == "/expires_at"


def test_the_keys_of_a_disabled_account_open_nothing(owner, clock):
    _, secret = create(owner, clock)
    Account.objects.update(is_active=False)
    with pytest.raises(ApiKeyInvalid):
        grant_of(secret, clock)


@pytest.mark.parametrize("key_hash", ["", "x", "a" * 64, "' OR 1=1 --"])
def test_an_unknown_hash_opens_nothing(owner, clock, key_hash):
    create(owner, clock)
    with pytest.raises(ApiKeyInvalid):
        api_key_use.authenticate_api_key(key_hash=key_hash, address=ADDRESS, now=clock.now)


def test_staff_revoke_keys_of_anybody(owner, clock):
    key, secret = create(owner, clock)
    assert api_keys.revoke_by_staff(api_key_ids=[key.id], now=clock.now) == 1
    assert api_keys.revoke_by_staff(api_key_ids=[key.id], now=clock.now) == 0
    with pytest.raises(ApiKeyInvalid):
        grant_of(secret, clock)


def test_a_checksum_tells_a_key_from_one_with_a_slip(owner, clock):
    _, secret = create(owner, clock)
    assert api_key_format.is_whole(secret)
    for wrong in (secret[:-1], secret + "0", secret.swapcase(), "tnn_", "tnn_live_"):
        assert not api_key_format.is_whole(wrong)


def test_making_and_revoking_a_key_is_told(owner, clock):
    key, _ = create(owner, clock)
    api_keys.revoke_api_key(owner, api_key_id=key.id, now=clock.now)
    told = {"api_key_id": str(key.id), "organization_id": str(key.organization_id)}
    (_, made), (_, ended) = said()[-2:]
    assert names()[-2:] == ["auth.api_key_created.v1", "auth.api_key_revoked.v1"]
    assert made == {**told, "account_id": str(owner.account_id), "name": "CI", "prefix": key.prefix}
    assert ended == {**told, "account_id": str(owner.account_id), "name": "CI"}


@pytest.mark.parametrize(
    "ended",
    [
        {"is_active": False},
        {"erase_at": datetime(2026, 2, 7, tzinfo=UTC)},
        {"password_reset_required_at": datetime(2026, 1, 31, tzinfo=UTC)},
    ],
)
def test_a_persons_key_ends_with_its_owner_and_the_organizations_does_not(owner, clock, ended):
    _, own = create(owner, clock)
    _, shared = create(owner, clock, owner="organization")
    Account.objects.filter(id=owner.account_id).update(**ended)
    with pytest.raises(ApiKeyInvalid):
        grant_of(own, clock)
    grant = grant_of(shared, clock)
    assert (grant.account_id, grant.service_account_id) == (None, None)
    Account.objects.filter(id=owner.account_id).delete()
    assert grant_of(shared, clock) == grant


def test_who_may_only_write_own_keys_makes_none_that_outlive_them(owner, clock):
    lesser = replace(
        owner, memberships={owner.organization_id: frozenset({API_KEY_WRITE.name, READ})}
    )
    shared, _ = create(owner, clock, owner="organization")
    assert create(lesser, clock)
    for act in (
        lambda: create(lesser, clock, owner="organization"),
        lambda: create(lesser, clock, service_account_id=uuid7()),
        lambda: api_keys.revoke_api_key(lesser, api_key_id=shared.id, now=clock.now),
    ):
        with pytest.raises(Forbidden):
            act()


def used(clock, secret, address=ADDRESS):
    return api_key_use.authenticate_api_key(
        key_hash=hash_secret(secret), address=address, now=clock.now
    )


NEW_NETWORK = "auth.api_key_used_from_new_network.v1"


def test_the_last_use_is_written_once_a_minute(owner, clock, django_assert_num_queries):
    key, secret = create(owner, clock)
    first = clock.now
    used(clock, secret)
    clock.advance(seconds=59)
    with django_assert_num_queries(1, using="auth"):
        used(clock, secret)
    key.refresh_from_db()
    assert key.last_used_at == first
    clock.advance(seconds=1)
    used(clock, secret)
    key.refresh_from_db()
    assert key.last_used_at == clock.now


def test_a_network_that_is_new_to_a_key_is_told_of_once(owner, clock):
    key, secret = create(owner, clock)
    for address in (ADDRESS, "203.0.113.99", "198.51.100.1", "198.51.100.2", "2001:db8::1", ""):
        used(clock, secret, address)
    told = [event["network"] for _, event in said(NEW_NETWORK)]
    assert told == ["198.51.100.0/24", "2001:db8::/48"]
    key.refresh_from_db()
    assert key.networks == ["203.0.113.0/24", "198.51.100.0/24", "2001:db8::/48"]


def test_a_key_is_known_from_a_bounded_number_of_networks(owner, clock):
    key, secret = create(owner, clock)
    for n in range(api_key_use.MOST_NETWORKS + 5):
        used(clock, secret, f"10.0.{n}.1")
    key.refresh_from_db()
    assert len(key.networks) == api_key_use.MOST_NETWORKS
    assert key.networks[-1] == "10.0.54.0/24"


def rotate(principal, key, clock, overlap=timedelta(days=1)):
    return api_key_rotation.rotate_api_key(
        principal, api_key_id=key.id, overlap=overlap, now=clock.now
    )


def test_a_rotated_key_counts_until_the_overlap_ends(owner, clock):
    key, secret = create(owner, clock, expires_at=clock.now + timedelta(days=90))
    clock.advance(days=10)
    successor, new_secret = rotate(owner, key, clock)
    key.refresh_from_db()
    assert (key.successor_id, key.expires_at) == (successor.id, clock.now + timedelta(days=1))
    assert successor.expires_at == clock.now + timedelta(days=90)
    scope = ("organization_id", "account_id", "service_account_id", "permissions", "name")
    assert all(getattr(key, name) == getattr(successor, name) for name in scope)
    assert names()[-1] == "auth.api_key_rotated.v1"
    assert grant_of(secret, clock)
    clock.advance(days=1)
    with pytest.raises(ApiKeyInvalid):
        grant_of(secret, clock)
    assert grant_of(new_secret, clock)


def test_an_overlap_never_prolongs_a_key(owner, clock):
    ends = clock.now + timedelta(hours=1)
    key, _ = create(owner, clock, expires_at=ends)
    rotate(owner, key, clock)
    key.refresh_from_db()
    assert key.expires_at == ends


def test_a_key_has_one_successor_at_a_time(owner, clock):
    key, _ = create(owner, clock)
    first, _ = rotate(owner, key, clock)
    with pytest.raises(ApiKeyAlreadyRotated):
        rotate(owner, key, clock)
    api_keys.revoke_api_key(owner, api_key_id=first.id, now=clock.now)
    second, _ = rotate(owner, key, clock)
    key.refresh_from_db()
    assert key.successor_id == second.id


def test_nobody_gets_by_rotation_what_they_could_not_have_made(owner, clock, member_of):
    own, _ = create(owner, clock)
    shared, _ = create(owner, clock, owner="organization")
    colleague = member_of(owner, API_KEY_WRITE.name, SERVICE_ACCOUNT_WRITE.name)
    for key in (own, shared):
        with pytest.raises(Forbidden):
            rotate(colleague, key, clock)
    assert rotate(member_of(owner, *owner.memberships[owner.organization_id]), shared, clock)


def test_what_is_over_is_not_rotated(owner, clock):
    expired, _ = create(owner, clock, expires_at=clock.now + timedelta(hours=1))
    revoked, _ = create(owner, clock)
    api_keys.revoke_api_key(owner, api_key_id=revoked.id, now=clock.now)
    clock.advance(hours=1)
    for key in (expired, revoked):
        with pytest.raises(ApiKeyNotFound):
            rotate(owner, key, clock)
    with pytest.raises(SessionRequired):
        rotate(replace(owner, session_id=None), expired, clock)


@pytest.fixture
def member_of():
    """Return a function that makes somebody else of the same organization."""

    def make(principal, *permissions):
        home = principal.organization_id
        return replace(principal, account_id=uuid7(), memberships={home: frozenset(permissions)})

    return make


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_two_who_rotate_at_once_make_one_successor(member, clock):
    home = uuid7()
    owner = Principal(
        kind="account",
        account_id=member.id,
        session_id=uuid7(),
        organization_id=home,
        memberships={home: frozenset({API_KEY_WRITE.name, READ})},
    )
    key, secret = create(owner, clock)
    outcomes = at_once(*[lambda: rotate(owner, key, clock)] * 4)
    refused = [o for o in outcomes if isinstance(o, ApiKeyAlreadyRotated)]
    assert len(refused) == 3
    assert ApiKey.objects.count() == 2
    used(clock, secret)
    at_once(*[lambda: used(clock, secret, "198.51.100.1")] * 4)
    assert len(said(NEW_NETWORK)) == 1
