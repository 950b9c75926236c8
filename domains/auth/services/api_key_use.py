"""API keys as they are shown: do they count, and where were they shown from."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from domains.auth.contract.data import ApiKeyGrant
from domains.auth.contract.errors import ApiKeyInvalid
from domains.auth.contract.events import ApiKeyUsedFromNewNetwork
from domains.auth.models import ApiKey
from domains.auth.services.clients import Client
from kernel.db import transaction
from kernel.events import publish

# How exact the time of the last use is: a busy key is written once in this time.
PAUSE = timedelta(minutes=1)
# So many networks a key is known from; the one unseen for longest gives way.
MOST_NETWORKS = 50


def authenticate_api_key(*, key_hash: str, address: str, now: datetime) -> ApiKeyGrant:
    """Return what the key of this hash grants, shown from the address; raise `ApiKeyInvalid`.

    It counts no longer than its owner: an account that is open, whose password staff haven't
    taken away, or a service account that is not disabled.
    """
    key = _live(now=now).select_related("service_account").filter(key_hash=key_hash).first()
    if key is None:
        raise ApiKeyInvalid
    _note_use(key, client=Client(address=address), now=now)
    return ApiKeyGrant(
        id=key.id,
        organization_id=key.organization_id,
        account_id=key.account_id,
        service_account_id=key.service_account_id,
        permissions=_granted(key),
    )


def _live(*, now: datetime) -> QuerySet[ApiKey]:
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    by_person = Q(account__isnull=True) | Q(
        account__is_active=True,
        account__erase_at=None,
        account__password_reset_required_at=None,
    )
    by_machine = Q(service_account__isnull=True) | Q(service_account__disabled_at=None)
    return ApiKey.objects.everywhere().filter(lasting, by_person, by_machine, revoked_at=None)


def _granted(key: ApiKey) -> tuple[str, ...]:
    """Return the key's permissions, of a service account's key those that both have."""
    machine = key.service_account
    return tuple(p for p in key.permissions if machine is None or p in machine.permissions)


def _note_use(key: ApiKey, *, client: Client, now: datetime) -> None:
    """Keep when and from which network the key was last shown, once a minute for each.

    Whoever finds another at it leaves it to that one, unless there is a new network to tell of.
    """
    known = not client.network or client.network in key.networks
    if known and key.last_used_at is not None and key.last_used_at > now - PAUSE:
        return
    seen_long_ago = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - PAUSE)
    due = seen_long_ago if known else ~Q(networks__contains=[client.network])
    with transaction("auth"):
        waiting = ApiKey.objects.within(key.organization_id).select_for_update(skip_locked=known)
        locked = waiting.filter(due, id=key.id).first()
        if locked is not None:
            _write_use(locked, client=client, now=now)


def _write_use(key: ApiKey, *, client: Client, now: datetime) -> None:
    former = key.networks
    if client.network:
        others = [network for network in former if network != client.network]
        key.networks = [*others, client.network][-MOST_NETWORKS:]
    key.last_used_at = now
    key.save(update_fields=["last_used_at", "networks"])
    if former and client.network and client.network not in former:
        publish(
            ApiKeyUsedFromNewNetwork(
                api_key_id=key.id,
                organization_id=key.organization_id,
                account_id=key.account_id,
                name=key.name,
                network=client.network,
                place=client.place,
            )
        )
