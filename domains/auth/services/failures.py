"""Telling of failed sign-ins, in the same time whether anybody is to be told or not."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domains.auth.contract.data import Method
from domains.auth.contract.events import AccountLocked, SignInFailed
from domains.auth.models import Account
from domains.auth.services import decoys
from domains.auth.services.clients import Client
from kernel.events import publish
from kernel.ids import uuid7


def tell(
    account: Account | None, *, client: Client, method: Method, locked_until: datetime | None
) -> None:
    """Publish what happened to the account, in the caller's transaction.

    Where there is none the same is written and taken back, so that the time tells nobody.
    """
    events = _events(
        account.id if account else uuid7(),
        client=client,
        method=method,
        locked_until=locked_until,
    )
    with decoys.kept_only_if(account is not None):
        publish(*events)


def _events(
    account_id: UUID, *, client: Client, method: Method, locked_until: datetime | None
) -> list[object]:
    failed = SignInFailed(
        account_id=account_id,
        method=method,
        device=client.device,
        network=client.network,
        place=client.place,
    )
    if locked_until is None:
        return [failed]
    locked = AccountLocked(
        account_id=account_id, until=locked_until, network=client.network, place=client.place
    )
    return [failed, locked]
