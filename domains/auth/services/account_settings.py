"""What the owner of an account sees and sets of it."""

from __future__ import annotations

from domains.auth.contract.data import Method
from domains.auth.contract.events import FactorAdded, FactorRemoved
from domains.auth.models import Account
from domains.auth.services import people
from kernel.db import transaction
from kernel.events import publish
from kernel.principal import Principal


def get_account(principal: Principal) -> Account:
    """Return the caller's account; raise `SessionRequired` for an API key."""
    return people.account_of(principal)


def set_email_sign_in(principal: Principal, *, allowed: bool) -> Account:
    """Return the caller's account, which may or may not be entered by mail from now on.

    Either is told to the owner like any other way in. Raise `SessionRequired` for an API key.
    """
    with transaction("auth"):
        account = people.lock_account_of(principal)
        if account.email_sign_in == allowed:
            return account
        account.email_sign_in = allowed
        account.save(update_fields=["email_sign_in"])
        if allowed:
            publish(FactorAdded(account_id=account.id, method=Method.EMAIL, name=""))
        else:
            publish(FactorRemoved(account_id=account.id, method=Method.EMAIL, name="", last=False))
    return account
