"""Which person a request comes from, and what auth knows of people."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from uuid import UUID

from domains.auth import interface as auth
from kernel.errors import Unauthenticated
from kernel.principal import Principal


def account_of(principal: Principal) -> UUID:
    """Return the account behind the request, signed in or through an API key of its own.

    Raise `auth.SessionRequired` for a key that belongs to nobody.
    """
    if principal.account_id is None:
        raise auth.SessionRequired
    return principal.account_id


def person_of(principal: Principal) -> UUID:
    """Return the account that is signed in; raise `auth.SessionRequired` for an API key."""
    if principal.kind != "account":
        raise auth.SessionRequired
    return account_of(principal)


def get_account(account_id: UUID) -> auth.Account:
    """Return the account; raise `Unauthenticated` if it is gone."""
    for account in auth.get_accounts(account_ids=[account_id]):
        return account
    raise Unauthenticated


def get_emails(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the e-mail addresses of those of the accounts that exist."""
    wanted = list(account_ids)
    if not wanted:
        return {}
    return {account.id: account.email for account in auth.get_accounts(account_ids=wanted)}


def is_same_address(one: str, other: str) -> bool:
    """Return whether two e-mail addresses differ in case or in Unicode's spelling at most."""
    return plain(one) == plain(other)


def plain(address: str) -> str:
    """Return what an address has in common with all that are the same."""
    return composed(address).lower()


def composed(address: str) -> str:
    """Return the address in the one spelling that auth keeps addresses in, otherwise as typed."""
    return unicodedata.normalize("NFC", address)
