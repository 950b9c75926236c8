"""An account's passkeys as its owner sees, names and removes them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from domains.auth.contract.data import Method
from domains.auth.contract.errors import PasskeyNotFound
from domains.auth.models import Passkey
from domains.auth.services import factors, people
from kernel.db import transaction
from kernel.principal import Principal


def list_passkeys(principal: Principal) -> QuerySet[Passkey]:
    """Return the caller's passkeys, suspected ones too; raise `SessionRequired`."""
    account_id, _ = people.session_of(principal)
    return Passkey.objects.filter(account_id=account_id)


def rename_passkey(principal: Principal, *, passkey_id: UUID, name: str) -> Passkey:
    """Return the caller's passkey with its new name; raise `SessionRequired`, `PasskeyNotFound`."""
    with transaction("auth"):
        mine = list_passkeys(principal).select_for_update()
        passkey = mine.filter(id=passkey_id).first()
        if passkey is None:
            raise PasskeyNotFound
        passkey.name = name
        passkey.save(update_fields=["name"])
    return passkey


def remove_passkey(principal: Principal, *, passkey_id: UUID, now: datetime) -> None:
    """Have the passkey count no more, and end all other sessions of its owner, the caller.

    Raise `SessionRequired`, `PasskeyNotFound`, or `PasswordTooShortAlone` if the password can't
    stand without it.
    """
    _, session_id = people.session_of(principal)
    with transaction("auth"):
        account = people.lock_account_of(principal)
        passkey = list_passkeys(principal).filter(id=passkey_id).first()
        if passkey is None:
            raise PasskeyNotFound
        passkey.delete()
        factors.removed(
            account, method=Method.PASSKEY, name=passkey.name, session_id=session_id, now=now
        )
